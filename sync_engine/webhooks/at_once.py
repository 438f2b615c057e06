"""Complete payloads are applied while the sender waits, if nobody else is at the type; everything else is heard by
a worker. The records are queued before anything is tried, so a failure here loses nothing.

A payload may be late. It is believed as far as a page of a listing is: an older stamp than the base's changes
nothing, an equal one or none is read again, and a new record is applied and read again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from connectors.base.errors import ConnectorError
from connectors.base.records import ExternalRecord
from integrations import log_context
from integrations.connect import connect
from integrations.enums import SyncDirection, SyncStatus
from integrations.mapping.errors import MappingError
from integrations.models import Integration, SyncCursor, WebhookDelivery
from integrations.webhooks.deliveries import Queued, Stored
from integrations.webhooks.judging import Judgement
from integrations.webhooks.known import Known
from sync_engine import build, links, queues
from sync_engine.inward import pull
from sync_engine.ports import ports
from sync_engine.running.leases import LeaseHeld, LeaseLost
from sync_engine.shape import Shape
from sync_engine.webhooks.announce import announce
from sync_engine.webhooks.run import CAUSE, WebhookRun

logger = logging.getLogger(__name__)
PENDING = "PENDING"


def work(known: Known, judgement: Judgement, stored: Stored) -> dict[str, Any]:
    """What R1's answer says of the delivery: `status`, and `syncLogId` where something was written."""
    if not judgement.events:
        return {"status": str(SyncStatus.SUCCESS)}
    records = _records(judgement)
    answer: dict[str, Any] = {"status": PENDING}
    left = True
    own = {one.resource for one in stored.queued} == set(records)  # not so where a mapping names another resource
    # Judged by what was known a moment ago: its own word counts only if it would be judged so now.
    integration = Integration.objects.filter(pk=known.integration.pk).first() if own and len(records) == 1 else None
    if integration and known.still(integration) and integration.sync_direction != SyncDirection.LOCAL_TO_EXTERNAL:
        (kind, found), queued = next(iter(records.items())), list(stored.queued)
        with log_context.at(integration):
            answer, left = _applied(integration, stored, kind, list(found.values()), queued)
    if left:
        announce(known.integration)
    return answer


def _records(judgement: Judgement) -> dict[str, dict[str, ExternalRecord]]:
    """Type -> id -> the newest state that the delivery tells, if it tells all it speaks of."""
    found: dict[str, dict[str, ExternalRecord]] = {}
    for event in judgement.events:
        if event.record is None or event.action == "deleted":
            return {}
        held = found.setdefault(event.resource, {})
        before = held.get(event.external_id)
        if (
            before is None
            or before.updated_at is None
            or (event.record.updated_at or before.updated_at) >= (before.updated_at)
        ):
            held[event.external_id] = event.record
    return found


def _applied(
    integration: Integration, stored: Stored, kind: str, records: Sequence[ExternalRecord], queued: list[Queued]
) -> tuple[dict[str, Any], bool]:
    """The answer, and whether something is left to be heard."""
    if not SyncCursor.objects.filter(integration=integration, resource_type=kind, complete=True).exists():
        return {"status": PENDING}, True
    run = WebhookRun(integration)
    connector, error = None, ""
    answer: dict[str, Any] = {"status": PENDING}
    left = True
    try:
        connector = connect(integration, clock=ports().clock)
        shape = build.shapes(integration, connector, resource_types=(kind,))[0]
        if shape.pulls:
            run.take(shape)
            try:
                answer, left = _apply(run, shape, stored, records, queued)
            finally:
                run.release(shape)
    except LeaseHeld:
        left = True
    except (ConnectorError, MappingError, LeaseLost) as problem:
        error = str(problem)
    except Exception as problem:
        # The delivery and its hints are safe: whatever it was, the records are read again by a worker.
        logger.exception("A payload could not be applied at once.")
        error = f"Applying it at once failed: {type(problem).__name__}."
    run.finish(connector, error)
    return answer, left


def _apply(
    run: WebhookRun, shape: Shape, stored: Stored, records: Sequence[ExternalRecord], queued: Iterable[Queued]
) -> tuple[dict[str, Any], bool]:
    """One transaction: the writes, the log, what is no longer to be read, the delivery."""
    with transaction.atomic():
        journal = run.ctx.journal(shape)
        known = links.by_external(shape, [record.id for record in records])
        newer = {record.id for record in records if _newer(record, known.get(record.id))}
        unknown = {record.id for record in records if record.id not in known}
        pull.process(run.ctx, shape, journal, [one for one in records if one.id in newer or one.id in unknown])
        # What became doubtful in there was queued again, and has a higher generation than ours. A row that was there
        # before ours stands for an earlier delivery as well, whose state may be a later one: it is read again.
        done = [one for one in queued if one.external_id in newer and one.generation == 1]
        queues.done_rereads([queues.Reread(one.id, one.external_id, one.generation, CAUSE) for one in done])
        run.ctx.commit(journal)
        log = _log(run)
        left = len(done) < len(records)
        if log or not left:
            _note(stored, run, log, left)
    if log is None:
        return {"status": PENDING if left else str(SyncStatus.SUCCESS)}, left
    return {"syncLogId": str(log[0]), "status": log[1]}, left or log[1] != SyncStatus.SUCCESS


def _newer(record: ExternalRecord, link: links.Link | None) -> bool:
    """Surely a later state than the one that was agreed on, of a record that is there."""
    if link is None or not link.live or link.missing_since is not None:
        return False
    stamp, base = record.updated_at, link.external_updated_at
    return stamp is not None and base is not None and stamp > base


def _log(run: WebhookRun) -> tuple[int, str] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, status FROM integrations_synclog WHERE run_id = %s ORDER BY id DESC LIMIT 1", [run.row.pk]
        )
        found: tuple[int, str] | None = cursor.fetchone()
        return found


def _note(stored: Stored, run: WebhookRun, log: tuple[int, str] | None, left: bool) -> None:
    """What became of the delivery; it counts as done when nothing of it is left."""
    changes: dict[str, Any] = {"sync_log": log[0] if log else None, "run": run.row.pk if log else None}
    if not left:
        changes |= {"status": WebhookDelivery.Status.PROCESSED, "processed_at": ports().clock.now()}
    WebhookDelivery.objects.filter(pk__in=[stored.id]).update(**changes)
