"""Sends what is due. A row is claimed before it is sent, so no worker waits for another and none sends it twice; a
worker that died leaves its claim to run out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from integrations.alerts.words import Channel
from integrations.models import Notification
from integrations.notify import mail, slack
from integrations.notify.errors import Undeliverable

Status = Notification.Status
BATCH = 10
CLAIM = timedelta(minutes=5)
"""Longer than a batch takes, each message at its longest."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16))
"""R1's ladder: after the last of these tries it is given up."""


def deliver_due(clock: Callable[[], datetime]) -> int:
    """Sends until nothing is due. Returns how many went out."""
    sent = 0
    while claimed := _claim(clock()):
        sent += sum(_deliver(one, clock()) for one in claimed)
    return sent


def send_again(notification: Notification, now: datetime) -> bool:
    """One that was given up is due at once, with all its tries. False where it was not given up."""
    given_up = Notification.objects.filter(pk=notification.pk, status=Status.FAILED)
    return bool(given_up.update(status=Status.PENDING, attempts=0, next_attempt_at=now, error=""))


def _claim(now: datetime) -> list[Notification]:
    with transaction.atomic():
        due = (
            Notification.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(status=Status.PENDING, next_attempt_at__lte=now)
            .select_related("alert__rule")
            .order_by("next_attempt_at")[:BATCH]
        )
        claimed = list(due)
        for one in claimed:
            one.attempts += 1
            one.next_attempt_at = now + CLAIM
        Notification.objects.bulk_update(claimed, ["attempts", "next_attempt_at"])
    return claimed


def _deliver(notification: Notification, now: datetime) -> bool:
    try:
        if notification.channel == Channel.SLACK:
            slack.send(notification, now)
        else:
            mail.send(notification)
    except Undeliverable as problem:
        _failed(notification, problem, now)
        return False
    notification.status, notification.sent_at = Status.SENT, now
    notification.error, notification.next_attempt_at = "", None
    notification.save(update_fields=["status", "sent_at", "error", "next_attempt_at"])
    return True


def _failed(notification: Notification, problem: Undeliverable, now: datetime) -> None:
    notification.error = str(problem)
    if problem.final or notification.attempts > len(PAUSES):
        notification.status, notification.next_attempt_at = Status.FAILED, None
    else:
        asked = timedelta(seconds=problem.retry_after or 0)
        notification.next_attempt_at = now + max(PAUSES[notification.attempts - 1], asked)
    notification.save(update_fields=["status", "error", "next_attempt_at"])
