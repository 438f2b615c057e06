"""Sends messages: one worker per webhook, in their order, again after a failure, until the receiver took it.

At least once: a worker that dies after sending and before noting it leaves the message to another, with the same
`webhook-id`. In order as long as the receiver takes what it is sent; a message that failed is overtaken by later ones
once the receiver works again, so receivers that care compare `sequence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from automations import signals
from automations.models import Hook, HookDelivery
from connectors.base import outgoing
from connectors.base.outgoing import Outcome
from integrations.webhooks.secrets import active
from records.values import plain_datetime
from sync_engine.ports import ports

RETRY_AFTER = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""Pauses after each failed attempt, as Standard Webhooks advises: ten attempts in about three days."""
JITTER = 0.1
COOLING = (timedelta(seconds=5), timedelta(minutes=15))
"""How long a receiver is left alone after a failure: at first, and at most; it doubles in between."""
LEASE = timedelta(seconds=60)
BUDGET = 60.0
"""Seconds that one task sends before another goes on."""
KEPT_TRIES = 20
Status = HookDelivery.Status


@dataclass(frozen=True)
class _Work:
    """What a worker holds: the hook and its name on it."""

    hook_id: UUID
    token: str


def due_hooks() -> list[str]:
    """Ids of webhooks that have something to be sent now and that nobody is at."""
    now = ports().clock.now()
    waiting = HookDelivery.objects.filter(hook=OuterRef("pk"), status=Status.WAITING, next_attempt_at__lte=now)
    return [str(pk) for pk in Hook.objects.filter(Exists(waiting), _free(now)).values_list("pk", flat=True)]


def _free(now: datetime) -> Q:
    rested = Q(not_before=None) | Q(not_before__lte=now)
    return Q(status=Hook.Status.ACTIVE) & rested & (Q(taken_until=None) | Q(taken_until__lte=now))


def deliver(hook_id: str) -> int:
    """Sends what is due to one webhook, for about a minute. Returns how many attempts were made; 0 if another worker
    is at it, or if it is to be left alone."""
    clock = ports().clock
    work = _Work(UUID(hook_id), ports().ids.new())
    end, sent = clock.monotonic() + BUDGET, 0
    try:
        while clock.monotonic() < end and (hook := _hold(work)) is not None:
            delivery = _next(hook)
            if delivery is None:
                break
            outcome = _send(hook, delivery)
            ports().effect("webhook sent")
            _settle(work, delivery, outcome)
            sent += 1
    finally:
        Hook.objects.filter(pk=work.hook_id, taken_by=work.token).update(taken_by="", taken_until=None)
    return sent


def _hold(work: _Work) -> Hook | None:
    """The webhook, held for another minute; None if it is not ours to work on."""
    now = ports().clock.now()
    mine = Q(taken_by=work.token, status=Hook.Status.ACTIVE) & (Q(not_before=None) | Q(not_before__lte=now))
    held = Hook.objects.filter(Q(pk=work.hook_id) & (_free(now) | mine))
    if not held.update(taken_by=work.token, taken_until=now + LEASE):
        return None
    return Hook.objects.get(pk=work.hook_id)


def _next(hook: Hook) -> HookDelivery | None:
    now = ports().clock.now()
    due = HookDelivery.objects.filter(hook=hook, status=Status.WAITING, next_attempt_at__lte=now)
    return due.order_by("id").first()


def _send(hook: Hook, delivery: HookDelivery) -> Outcome:
    clock, body = ports().clock, delivery.body.encode()
    headers = outgoing.headers(
        delivery.event, delivery.message_id, body, active(hook.secret, clock.now()), at=clock.now()
    )
    return outgoing.post(
        str(hook.url), body, headers, allow_private=settings.ALLOW_PRIVATE_HOSTS, clock=clock
    )  # fmt: skip


def _settle(work: _Work, delivery: HookDelivery, outcome: Outcome) -> None:
    """Notes the attempt on the message and on the webhook, unless another worker has taken over meanwhile."""
    now = ports().clock.now()
    with transaction.atomic():
        hook = Hook.objects.select_for_update().filter(pk=work.hook_id, taken_by=work.token).first()
        if hook is None:
            return
        _note_attempt(delivery, outcome, now)
        if outcome.accepted:
            delivery.status, delivery.delivered_at, delivery.next_attempt_at = Status.DELIVERED, now, None
            hook.failures, hook.failing_since, hook.not_before = 0, None, None
            reason = ""
        else:
            reason = _failed(hook, delivery, outcome, now)
        delivery.save()
        hook.last_status, hook.last_sent_at = outcome.status, now
        hook.save(
            update_fields=[
                "failures", "failing_since", "not_before", "status", "status_reason", "last_status", "last_sent_at",
            ]
        )  # fmt: skip
        if reason:
            signals.hook_switched_off.send(sender=Hook, hook=hook, reason=reason)


def _note_attempt(delivery: HookDelivery, outcome: Outcome, now: datetime) -> None:
    delivery.attempts += 1
    delivery.first_attempt_at = delivery.first_attempt_at or now
    delivery.last_status, delivery.last_error = outcome.status, "" if outcome.accepted else told(outcome)
    attempt = {"at": plain_datetime(now), "status": outcome.status, "ms": outcome.ms, "error": delivery.last_error}
    delivery.tries = [*delivery.tries, attempt][-KEPT_TRIES:]


def told(outcome: Outcome) -> str:
    """What went wrong, for people."""
    if not outcome.status:
        return outcome.error
    said = f" It said: {outcome.error}" if outcome.error else ""
    if 300 <= outcome.status < 400:
        return f"The receiver answered {outcome.status}, a redirect, which is not followed. Use the final address."
    return f"The receiver answered {outcome.status}.{said}"


def _failed(hook: Hook, delivery: HookDelivery, outcome: Outcome, now: datetime) -> str:
    """What follows from a failure. Returns why the webhook is switched off, "" if it is not."""
    hook.failures += 1
    hook.failing_since = hook.failing_since or now
    asked = outcome.retry_after or timedelta(0)
    hook.not_before = now + max(min(COOLING[0] * 2 ** min(hook.failures - 1, 10), COOLING[1]), asked)
    if outcome.gone:
        delivery.status, delivery.next_attempt_at = Status.FAILED, None
        hook.status = Hook.Status.GONE
        hook.status_reason = "The receiver answered 410: it is gone and wants nothing more."
        return hook.status_reason
    if delivery.attempts <= len(RETRY_AFTER):
        pause = RETRY_AFTER[delivery.attempts - 1] * (1 + JITTER * ports().rng.random())
        delivery.next_attempt_at = now + max(pause, asked)
        return ""
    delivery.status, delivery.next_attempt_at = Status.FAILED, None
    assert delivery.first_attempt_at is not None
    if hook.failing_since > delivery.first_attempt_at:
        return ""  # something was accepted since, so the receiver lives
    hook.status = Hook.Status.DISABLED
    hook.status_reason = (
        f"Nothing was accepted since {hook.failing_since:%Y-%m-%d %H:%M} UTC. Last: {delivery.last_error} "
        "Put the receiver right, then switch the webhook on; what waits is sent then."
    )
    return hook.status_reason
