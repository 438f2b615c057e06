"""Subscribing, pausing, new secrets and replays of outgoing webhooks, for the API and the console."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from automations.errors import DocumentError, Problem
from automations.happenings import event_types
from automations.hooks import composing
from automations.models import Hook, HookDelivery
from connectors.base.errors import ConnectorError
from connectors.base.guard import check_base_url
from integrations.webhooks.secrets import OVERLAP, new_secret
from records import catalog
from records.models import Organization
from records.values import plain_datetime
from sync_engine.ports import ports

MOST_HOOKS = 200
"""Webhooks of one organization."""
MOST_REPLAYED = 1_000


class CannotReplay(ValueError):
    """The message waits anyway, or the webhook is switched off."""


def checked_events(given: Sequence[str]) -> list[str]:
    """Raises `DocumentError` naming what there is."""
    known = {*event_types(), "*", *(f"{one.key}.*" for one in catalog.all_types())}
    unknown = [event for event in given if event not in known]
    if unknown:
        kinds = ", ".join(sorted(one.key for one in catalog.all_types()))
        message = (
            f"There is no event {', '.join(unknown)}. There are TYPE.created, TYPE.updated, TYPE.deleted, "
            f"TYPE.restored and TYPE.* for the types {kinds}; conflict.opened; run.failed; and * for all."
        )
        raise DocumentError([Problem("events", message)])
    return list(dict.fromkeys(given))


def checked_url(url: str) -> str:
    """An address that may be called. Raises `DocumentError`."""
    try:
        check_base_url(url, allow_private=settings.ALLOW_PRIVATE_HOSTS)
    except ConnectorError as error:
        raise DocumentError([Problem("targetUrl", error.message)]) from error
    if len(url) > 2_000:
        raise DocumentError([Problem("targetUrl", "The address is longer than 2000 characters.")])
    return url


def digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def hint(url: str) -> str:
    """What people are shown of an address: its host, and enough to tell two apart."""
    return f"{urlsplit(url).scheme}://{urlsplit(url).hostname}/… ({digest(url)[:6]})"[:120]


def subscribed(organization: Organization, url: str, events: Sequence[str]) -> Hook | None:
    """The living webhook to that address with just these events, so that subscribing twice makes one."""
    same = Hook.objects.filter(organization=organization, url_digest=digest(url))
    alive = same.exclude(status__in=(Hook.Status.GONE, Hook.Status.DISABLED))
    return next((hook for hook in alive if set(hook.events) == set(events)), None)


@transaction.atomic
def subscribe(
    organization: Organization,
    url: str,
    events: Sequence[str],
    *,
    conditions: Mapping[str, Any] | None = None,
    **fields: Any,
) -> tuple[Hook, str]:
    """A new webhook, and its secret, which is not shown again. Raises `DocumentError`."""
    chosen = checked_events(events)
    composing.condition_of(chosen, conditions or {})
    checked_url(url)
    Organization.objects.select_for_update().get(pk=organization.pk)
    if Hook.objects.filter(organization=organization).count() >= MOST_HOOKS:
        raise DocumentError([Problem("targetUrl", f"There are {MOST_HOOKS} webhooks already. Remove one first.")])
    secret, now = new_secret(), ports().clock.now()
    hook = Hook(
        organization=organization, events=chosen, conditions=dict(conditions or {}), secret={"current": secret},
        created_at=now, updated_at=now, **fields,
    )  # fmt: skip
    point_to(hook, url)
    hook.save()
    return hook, secret


def point_to(hook: Hook, url: str) -> None:
    """Sets the address and what is known of it; saved by the caller."""
    hook.url, hook.url_digest, hook.url_hint = url, digest(url), hint(url)


@transaction.atomic
def change(
    hook: Hook,
    *,
    url: str | None = None,
    events: Sequence[str] | None = None,
    conditions: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Hook:
    """Changes what is given. Raises `DocumentError`."""
    chosen = hook.events if events is None else checked_events(events)
    wanted = hook.conditions if conditions is None else dict(conditions)
    composing.condition_of(list(chosen), wanted)
    if url is not None:
        point_to(hook, checked_url(url))
    hook.events, hook.conditions = list(chosen), wanted
    for name, value in fields.items():
        setattr(hook, name, value)
    hook.updated_at = ports().clock.now()
    # What the sender writes is left to the sender.
    hook.save(
        update_fields=["url", "url_digest", "url_hint", "events", "conditions", "updated_at", *fields]
    )  # fmt: skip
    return hook


def pause(hook: Hook) -> None:
    """Nothing is sent or noted until it is switched on; what waits keeps waiting."""
    _switch(hook, Hook.Status.PAUSED, "")


def resume(hook: Hook) -> None:
    """Switches it on again, from whatever state, and sends what waited."""
    _switch(hook, Hook.Status.ACTIVE, "")


def _switch(hook: Hook, status: str, reason: str) -> None:
    now = ports().clock.now()
    hook.status, hook.status_reason, hook.updated_at = status, reason, now
    hook.failures, hook.failing_since, hook.not_before = 0, None, None
    hook.save(update_fields=["status", "status_reason", "updated_at", "failures", "failing_since", "not_before"])
    if status == Hook.Status.ACTIVE:
        HookDelivery.objects.filter(hook=hook, status=HookDelivery.Status.WAITING).update(next_attempt_at=now)
    hook.refresh_from_db()


@transaction.atomic
def rotate_secret(hook: Hook) -> str:
    """A new secret, which is not shown again. For a day messages are signed with both."""
    row, now = Hook.objects.select_for_update().get(pk=hook.pk), ports().clock.now()
    fresh, before = new_secret(), row.secret.get("current", "")
    row.secret = {"current": fresh, "previous": before, "previous_until": (now + OVERLAP).isoformat()}  # type: ignore[assignment]
    row.save(update_fields=["secret"])
    hook.secret = row.secret
    return fresh


def replay(delivery: HookDelivery) -> None:
    """Sends a message again, under the same `webhook-id`, delivered or not. Raises `CannotReplay`."""
    if delivery.hook.status != Hook.Status.ACTIVE:
        raise CannotReplay("The webhook is switched off. Switch it on, then replay.")
    again = {"status": HookDelivery.Status.WAITING, "next_attempt_at": ports().clock.now(), "attempts": 0}
    settled = HookDelivery.objects.filter(pk=delivery.pk).exclude(status=HookDelivery.Status.WAITING)
    if not settled.update(**again, first_attempt_at=None, replays=delivery.replays + 1):
        raise CannotReplay("The message waits to be sent anyway.")
    delivery.refresh_from_db()


def replay_since(hook: Hook, since: datetime) -> int:
    """Sends again what was given up since then, oldest first, at most a thousand. Returns how many. Raises
    `CannotReplay`."""
    failed = HookDelivery.objects.filter(hook=hook, status=HookDelivery.Status.FAILED, created_at__gte=since)
    chosen = list(failed.order_by("id")[:MOST_REPLAYED])
    for delivery in chosen:
        delivery.hook = hook
        replay(delivery)
    return len(chosen)


def ping(hook: Hook) -> HookDelivery:
    """Files a message that says nothing, to try the receiver. Raises `CannotReplay`."""
    if hook.status != Hook.Status.ACTIVE:
        raise CannotReplay("The webhook is switched off. Switch it on, then test it.")
    now = ports().clock.now()
    body = {
        "type": "ping", "timestamp": plain_datetime(now), "organizationId": str(hook.organization_id),
        "sequence": None, "data": {"id": str(hook.pk), "message": "This is a test."},
    }  # fmt: skip
    filed = composing.message(hook, f"ping:{ports().ids.new()}", "ping", body, now)
    filed.save()
    return filed
