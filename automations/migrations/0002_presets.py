"""Organizations that were there before get the rules that Lockstep ships, as new ones do."""

from django.db import migrations

NAMES = {
    "job-created": ("New jobs onto the board", "record.created"),
    "job-updated": ("Changed jobs onto the board", "record.updated"),
}


def install(apps, schema_editor):
    Rule, RuleVersion = apps.get_model("automations", "Rule"), apps.get_model("automations", "RuleVersion")
    for organization in apps.get_model("records", "Organization").objects.all():
        for key, (name, trigger) in NAMES.items():
            taken = Rule.objects.filter(organization=organization)
            if taken.filter(preset=key).exists() or taken.filter(name=name).exists():
                continue
            document = {
                "trigger": {"type": trigger, "resourceType": "job"},
                "conditions": {},
                "actions": [{"type": "put_on_board", "board": "Active Jobs"}],
            }
            # Switched off: whoever keeps jobs already decides when a board of them is wanted.
            rule = Rule.objects.create(
                organization=organization,
                name=name,
                preset=key,
                document=document,
                event=trigger,
                resource_type="job",
                max_per_minute=0,
                enabled=False,
                created_by="Lockstep",
            )
            RuleVersion.objects.create(rule=rule, version=1, name=name, document=document, saved_by="Lockstep")


class Migration(migrations.Migration):
    dependencies = [("automations", "0001_initial")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
