"""The integrations that are measured: made anew, and a number of local edits for the push."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection, transaction

from integrations.enums import IntegrationStatus, SyncDirection
from integrations.models import Integration
from integrations.services import create_integration
from records import catalog, services
from records.models import Organization
from records.origins import Origin
from sync_engine.bench.mapping import TASK
from sync_engine.ports import ports
from sync_engine.upkeep.removal import remove_organization

NAME = "bench"
SECRET = "bench-secret"


def stage(base_url: str, project: str, token: str, integrations: int = 1) -> list[Integration]:
    """Organization and integration `bench`; further ones are `bench-2` ... each with an organization of its
    own, because several integrations of one organization would share their tasks."""
    call_command("migrate", verbosity=0, interactive=False)
    clear()
    names = [NAME if number == 1 else f"{NAME}-{number}" for number in range(1, integrations + 1)]
    with transaction.atomic():
        return [_integration(name, base_url, project, token) for name in names]


def _integration(name: str, base_url: str, project: str, token: str) -> Integration:
    return create_integration(
        Organization.objects.create(name=name, slug=name),
        name=name,
        type="ASANA",
        base_url=base_url,
        auth_type="BEARER_TOKEN",
        credentials={"token": token},
        data_types=[],
        mappings={"task": TASK},
        # No call limit: the server is measured at what it can do, not at what Asana allows.
        settings={"project": project, "limits": []},
        sync_direction=SyncDirection.EXTERNAL_TO_LOCAL,
        sync_frequency="MANUAL",
        webhook_secret={"current": SECRET},
    )


def clear() -> None:
    """Removes what an earlier bench left. Where nobody else has records, tables are truncated, which gives
    their space back, so that each measurement starts from the same state."""
    mine = Organization.objects.filter(slug__regex=rf"^{NAME}(-\d+)?$")
    with connection.cursor() as cursor:
        if not Organization.objects.exclude(pk__in=mine.values("pk")).exists():
            cursor.execute("TRUNCATE records_organization CASCADE")
            cursor.execute("TRUNCATE records_localchange, integrations_planstep, integrations_synclog")
            return
    for organization in mine:
        remove_organization(str(organization.pk))


def dirty(count: int) -> int:
    """Edits `count` local tasks of `bench` as a person would, and opens its push. Returns how many there were.

    Until then the integration is pull only, as the yardsticks of reading ask; the outbox hands changes only
    to integrations that push."""
    integration = Integration.objects.get(name=NAME, status=IntegrationStatus.ACTIVE)
    integration.sync_direction = SyncDirection.BIDIRECTIONAL
    integration.save(update_fields=["sync_direction", "updated_at"])
    task, organization = catalog.get("task"), str(integration.organization_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id::text, title FROM records_task WHERE organization_id = %s AND deleted_at IS NULL "
            "ORDER BY id LIMIT %s",
            [organization, count],
        )
        rows = cursor.fetchall()
    now = ports().clock.now()
    changes = [(key, {"title": f"{title.split(' (edited ')[0]} (edited {now:%H:%M:%S.%f})"}) for key, title in rows]
    services.bulk_update(task, organization, changes, origin=Origin("user", "", NAME), now=now)
    return len(changes)
