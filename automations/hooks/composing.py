"""What a message says. The body is made once and kept, so every attempt signs and sends the same bytes.

{"type": "task.updated", "timestamp": "...", "organizationId": "...", "sequence": 42,
 "data": {"id": "...", "title": "...", ...}, "changedFields": ["status"], "previous": {"status": "TODO"},
 "origin": {"by": "user", "actor": "dana"}}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from automations import signals
from automations.conditions import Condition, holds
from automations.document import read_conditions
from automations.errors import DocumentError
from automations.happenings import ACTIONS, type_of_event
from automations.models import Hook, HookDelivery
from automations.news import EVENTS, News
from records.values import plain_datetime
from sync_engine.ports import ports

NAMES = {event: ACTIONS[action] for action, event in EVENTS.items()}
"""`record.updated` -> `updated`."""


@dataclass(frozen=True)
class Wanted:
    """A hook, with what it wants to hear of."""

    hook: Hook
    events: frozenset[str]
    condition: Condition

    def wants(self, event: str) -> bool:
        """`task.updated` is also wanted as `task.*` and as `*`."""
        return not self.events.isdisjoint((event, f"{event.partition('.')[0]}.*", "*"))


def wanted(hook: Hook) -> Wanted | None:
    """None, and the hook is switched off, where its conditions do not fit the records any more."""
    try:
        return Wanted(hook, frozenset(hook.events), condition_of(hook.events, hook.conditions))
    except DocumentError as error:
        switch_off(hook, f"Its conditions do not fit the records any more. {error}")
        return None


def switch_off(hook: Hook, reason: str) -> None:
    """By itself, with the reason; whoever raises alerts is told."""
    Hook.objects.filter(pk=hook.pk).update(status=Hook.Status.DISABLED, status_reason=reason)
    signals.hook_switched_off.send(sender=Hook, hook=hook, reason=reason)


def condition_of(events: list[str], conditions: Mapping[str, Any]) -> Condition:
    """Raises `DocumentError`; conditions need events of exactly one type of records."""
    types = {found.key if (found := type_of_event(event.replace(".*", ".updated"))) else "" for event in events}
    return read_conditions(conditions, types.pop() if len(types) == 1 else "")


def event_of(news: News) -> str:
    """`task.updated`, `conflict.opened`"""
    return f"{news.resource_type}.{NAMES[news.event]}" if news.event in NAMES else news.event


def delivery(one: Wanted, news: News, now: datetime) -> HookDelivery | None:
    """The message of some news to a hook; None where it is not wanted."""
    event = event_of(news)
    if not one.wants(event) or (one.hook.skip_own and _own(one.hook, news)):
        return None
    if not holds(one.condition, news.facts(now)):
        return None
    return message(one.hook, news.key, event, body_of(event, news), now)


def _own(hook: Hook, news: News) -> bool:
    return news.by == "api" and hook.created_by_id is not None and news.by_id == str(hook.created_by_id)


def called(hook: Hook, news: News, key: str, rule: str, note: str, now: datetime) -> HookDelivery:
    """The message that a rule sends by itself."""
    event = event_of(news)
    extra = {"rule": rule} | ({"note": note} if note else {})
    return message(hook, f"rule:{key}", event, {**body_of(event, news), **extra}, now)


def message(hook: Hook, key: str, event: str, body: Mapping[str, Any], now: datetime) -> HookDelivery:
    """A row that waits to be sent. Its id holds no dot, because a dot ends the id where it is signed."""
    return HookDelivery(
        hook=hook,
        key=key[:120],
        message_id=f"msg_{ports().ids.new().replace('-', '')}",
        event=event,
        body=orjson.dumps(body).decode(),
        next_attempt_at=now,
        created_at=now,
    )


def body_of(event: str, news: News) -> dict[str, Any]:
    """The same keys for the same event, always: tools learn the shape from the first sample."""
    kind, _, number = news.key.partition(":")
    found: dict[str, Any] = {
        "type": event,
        "timestamp": plain_datetime(news.at),
        "organizationId": news.organization_id,
        "sequence": int(number) if kind == "change" else None,
        "data": dict(news.values),
    }
    if news.event in NAMES:
        found["changedFields"] = sorted(news.after)
        found["previous"] = dict(news.before)
        found["origin"] = {"by": news.by, "actor": news.actor}
    return found
