"""The same import with Django's own means: record, link and log as model instances.

python -m sync_engine.bench.orm {bulk_create|update_or_create} BASE_URL COUNT
"""

from __future__ import annotations

import json
import os
import sys
import time
from itertools import islice
from typing import TYPE_CHECKING, Any

from sync_engine.bench.minimum import NAMES, Row, batches, fingerprint
from sync_engine.ports import ports

if TYPE_CHECKING:
    from integrations.models import Integration


def bulk_create(integration: Integration, rows: list[Row]) -> None:
    from django.db import transaction

    from integrations.models import IntegrationMapping, SyncLog
    from records.models import Task

    made = [Task(organization_id=integration.organization_id, **_columns(row)) for row in rows]
    with transaction.atomic():
        Task.objects.bulk_create(made, update_conflicts=True, unique_fields=["id"], update_fields=["title", "status"])
        IntegrationMapping.objects.bulk_create(
            [IntegrationMapping(**_link(integration, task, row)) for task, row in zip(made, rows, strict=True)],
            update_conflicts=True,
            unique_fields=["internal_id", "integration", "resource_type"],
            update_fields=["external_base", "last_external_hash"],
        )
        SyncLog.objects.bulk_create(
            [SyncLog(**_log(integration, task, row)) for task, row in zip(made, rows, strict=True)]
        )


def update_or_create(integration: Integration, rows: list[Row]) -> None:
    from django.db import transaction

    from integrations.models import IntegrationMapping, SyncLog
    from records.models import Task

    with transaction.atomic():
        for row in rows:
            fresh = Task(organization_id=integration.organization_id, **_columns(row))
            task, _ = Task.objects.update_or_create(
                id=fresh.id, defaults={"organization_id": integration.organization_id, **_columns(row)}
            )
            values = _link(integration, task, row)
            key = {name: values.pop(name) for name in ("integration", "resource_type", "external_id")}
            IntegrationMapping.objects.update_or_create(**key, defaults=values)
            SyncLog.objects.create(**_log(integration, task, row))


def _columns(row: Row) -> dict[str, Any]:
    values = dict(zip(NAMES, row, strict=True))
    return {
        **{name: values[name] for name in ("title", "description", "status", "priority", "project", "section")},
        "start_date": values["start"],
        "due_date": values["due"],
        "due_at": values["due_at"],
        "completed_at": values["completed_at"],
        "external_metadata": values["url"],
    }


def _link(integration: Integration, task: Any, row: Row) -> dict[str, Any]:

    base, now = dict(zip(NAMES, row, strict=True)), ports().clock.now()
    return {
        "integration": integration,
        "resource_type": "task",
        "external_id": row[0],
        "internal_id": task.id,
        "local_base": base,
        "external_base": base,
        "last_external_hash": fingerprint(row),
        "last_synced_at": now,
        "created_at": now,
    }


def _log(integration: Integration, task: Any, row: Row) -> dict[str, Any]:

    return {
        "integration": integration,
        "operation": "CREATE",
        "direction": "EXTERNAL_TO_LOCAL",
        "resource_type": "task",
        "resource_id": str(task.id),
        "external_id": row[0],
        "status": "SUCCESS",
        "after": dict(zip(NAMES, row, strict=True)),
        "created_at": ports().clock.now(),
    }


def main() -> None:
    what, base_url, count = sys.argv[1:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from integrations.models import Integration

    integration = Integration.objects.get(name="bench")
    write = {"bulk_create": bulk_create, "update_or_create": update_or_create}[what]
    started, total = time.perf_counter(), 0
    for rows, _ in islice(batches(base_url), -(-int(count) // 500)):
        write(integration, rows)
        total += len(rows)
    sys.stdout.write(json.dumps({"records": total, "work_s": round(time.perf_counter() - started, 4)}) + "\n")


if __name__ == "__main__":
    main()
