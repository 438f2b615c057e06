"""Organizations that are there already get the alert rules; new ones get them when they are made."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from integrations.alerts.defaults import give_rules


def give(apps: Any, schema_editor: Any) -> None:
    organizations = apps.get_model("records", "Organization").objects.values_list("pk", flat=True)
    give_rules(apps.get_model("integrations", "AlertRule"), list(organizations))


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0007_alerts"),
        ("records", "0001_initial"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
