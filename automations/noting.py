"""Notes what happened besides changes of records, where a rule or a webhook waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast, Concat

from automations import waking
from automations.models import Hook, Notice, Rule
from conflicts.models import ConflictResolution
from integrations.enums import JobStatus
from integrations.models import Integration, JobExecution, WebhookDelivery
from sync_engine.ports import ports

SWEPT = timedelta(hours=1)
"""How far back a sweep looks for what a worker died before it could say."""
MOST = 1_000
FOR_HOOKS = ("conflict.opened", "run.failed")
"""What outgoing webhooks hear of besides records."""


def note_conflict(conflict: ConflictResolution) -> None:
    """In the transaction that opened it."""
    integration = conflict.integration
    if _wanted(integration.organization_id, "conflict.opened"):
        _note(
            integration,
            "conflict.opened",
            f"conflict:{conflict.pk}",
            f"{conflict.resource_type} in {integration.name}",
            conflict.run_id,
            resourceType=conflict.resource_type,
            fields=sorted(conflict.conflicted_fields) or None,
            reason=conflict.conflict_reason,
            conflictId=str(conflict.pk),
        )


def note_failed_run(run: JobExecution) -> None:
    """Right after its end; what is missed here is found by the sweep."""
    integration = run.integration
    if integration is not None and _wanted(integration.organization_id, "run.failed"):
        _note(
            integration,
            "run.failed",
            f"run:{run.pk}",
            integration.name,
            run.pk,
            jobType=run.job_type,
            errorMessage=run.error_message or None,
            errorCount=run.error_count,
            runId=str(run.pk),
        )


def note_webhook(integration: Integration, delivery_id: int) -> None:
    """Right after it was accepted; what is missed here is found by the sweep."""
    if _heard(str(integration.organization_id)):
        for delivery in WebhookDelivery.objects.filter(pk=delivery_id).only("event", "event_count"):
            _note_delivery(integration, delivery)


def sweep() -> int:
    """Failed runs and accepted webhooks of the last hour that nobody noted. Returns how many there were."""
    found = 0
    for run in _missed(JobExecution, "run.failed", "run", "completed_at", status=JobStatus.FAILED):
        note_failed_run(run)
        found += 1
    accepted = WebhookDelivery.Verdict.ACCEPTED
    for delivery in _missed(WebhookDelivery, "webhook.received", "delivery", "received_at", verdict=accepted):
        _note_delivery(delivery.integration, delivery)
        found += 1
    return found


def _missed(model: type[Any], event: str, name: str, stamp: str, **which: Any) -> list[Any]:
    """Rows that somebody waited for when they came and that have no notice."""
    since = ports().clock.now() - SWEPT
    rows: list[Any] = []
    for organization_id, waiting_since in _waiting(event):
        noted = Notice.objects.filter(organization_id=organization_id, key=Concat(Value(f"{name}:"), _text_of("pk")))
        newer = {f"{stamp}__gt": max(since, waiting_since), "integration__organization": organization_id}
        found = model.objects.filter(~Exists(noted), **newer, **which).select_related("integration")
        rows.extend(found.order_by(stamp)[:MOST])
    return rows


def _text_of(name: str) -> Cast:
    return Cast(OuterRef(name), TextField())


def _waiting(event: str) -> Iterable[tuple[Any, datetime]]:
    """Organizations with a reader of that event, and since when they have it."""
    rules = Rule.objects.filter(event=event, enabled=True).values_list("organization", "updated_at")
    hooks = Hook.objects.filter(_listens(event), status=Hook.Status.ACTIVE).values_list("organization", "updated_at")
    found: dict[Any, datetime] = {}
    for organization_id, since in (*rules, *(hooks if event in FOR_HOOKS else ())):
        found[organization_id] = min(since, found.get(organization_id, since))
    return found.items()


def _note_delivery(integration: Integration, delivery: WebhookDelivery) -> None:
    _note(
        integration,
        "webhook.received",
        f"delivery:{delivery.pk}",
        f"{delivery.event} from {integration.name}".strip(),
        None,
        webhookEvent=delivery.event or None,
        eventCount=delivery.event_count,
    )


def _wanted(organization_id: Any, event: str) -> bool:
    rules = Rule.objects.filter(organization_id=organization_id, event=event, enabled=True)
    hooks = Hook.objects.filter(_listens(event), organization_id=organization_id, status=Hook.Status.ACTIVE)
    return rules.exists() or (event in FOR_HOOKS and hooks.exists())


HEARD_FOR = 5.0
"""Seconds that another process may believe that no rule waits for webhooks; what it misses the sweep finds."""
_heard_lately: dict[str, tuple[float, bool]] = {}


def _heard(organization_id: str) -> bool:
    """Whether a rule waits for webhooks. Asked at every one of them, so the answer is kept for a moment."""
    now = ports().clock.monotonic()
    until, answer = _heard_lately.get(organization_id, (0.0, False))
    if until <= now:
        answer = _wanted(organization_id, "webhook.received")
        _heard_lately[organization_id] = now + HEARD_FOR, answer
    return answer


def forget_who_hears() -> None:
    """A rule has changed in this process."""
    _heard_lately.clear()


def _listens(event: str) -> Q:
    return Q(events__overlap=[event, f"{event.partition('.')[0]}.*", "*"])


def _note(integration: Integration, event: str, key: str, subject: str, run_id: Any, **values: Any) -> None:
    about = {"integrationName": integration.name, "integrationId": str(integration.pk)}
    notice = Notice(
        organization_id=integration.organization_id,
        event=event,
        key=key,
        subject=subject[:255],
        values={**about, **values},
        run_id=run_id,
        created_at=ports().clock.now(),
    )
    Notice.objects.bulk_create([notice], ignore_conflicts=True)
    transaction.on_commit(waking.read_soon)
