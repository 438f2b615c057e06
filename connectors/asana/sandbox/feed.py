"""Asana's change feed and webhooks: one stream of events, read by sync token or sent signed."""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from connectors.base.ports import Clock, Ids
from connectors.base.sandbox.store import Change, Entry, Store
from connectors.base.sandbox.webhooks import WebhookSender

from .shapes import Shapes, stamp

KEPT = 50_000
PER_CALL = 100
_SILENT = frozenset({"completed_at", "memberships", "followers", "workspace"})


@dataclass(frozen=True, slots=True)
class _Token:
    resource: str
    seq: int
    issued_at: datetime


class EventFeed:
    """Events by resource. `ttl` is how long a sync token lives unused."""

    def __init__(self, store: Store, shapes: Shapes, sender: WebhookSender, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._shapes = shapes
        self._sender = sender
        self._clock = clock
        self._ids = ids
        self.ttl = timedelta(hours=24)
        self.clear()

    def clear(self) -> None:
        self._events: deque[tuple[int, frozenset[str], dict[str, Any]]] = deque(maxlen=KEPT)
        self._tokens: dict[str, _Token] = {}
        self._seq = 0

    def token(self, resource: str, seq: int | None = None) -> str:
        """A sync token from which the feed goes on."""
        token = self._ids.new().replace("-", "") + ":0"
        self._tokens[token] = _Token(resource, self._seq if seq is None else seq, self._clock.now())
        return token

    def expire(self) -> None:
        """Forgets every sync token, as time does."""
        self._tokens.clear()

    def since(self, resource: str, token: str) -> tuple[list[dict[str, Any]], str, bool] | None:
        """Events, next token, more; None when the token is unknown or too old."""
        start = self._tokens.get(token)
        if start is None or start.resource != resource or start.issued_at < self._clock.now() - self.ttl:
            return None
        if self._events and start.seq < self._events[0][0] - 1:
            return None
        found = [(seq, event) for seq, touches, event in self._events if seq > start.seq and resource in touches]
        more = len(found) > PER_CALL
        last = found[PER_CALL - 1][0] if more else self._seq
        return [event for _, event in found[:PER_CALL]], self.token(resource, last), more

    def heard(self, change: Change) -> None:
        """The store's listener. Nothing is kept while nobody could read it."""
        hooks = [hook for hook in self._store.live("webhooks") if hook.fields["active"]]
        if change.entry.collection != "tasks" or not (self._tokens or hooks):
            return
        touches = _touches(change)
        events = self._events_of(change)
        for event in events if self._tokens else ():
            self._seq += 1
            self._events.append((self._seq, touches, event))
        for hook in hooks:
            wanted = [event for event in events if _passes(event, hook.fields["filters"])]
            if hook.fields["resource"] in touches and wanted:
                self.send(hook, wanted)

    def send(self, hook: Entry, events: list[dict[str, Any]]) -> None:
        """Queues one signed delivery; an empty list is a heartbeat."""
        secret: str = hook.fields["secret"]
        body = orjson.dumps({"events": events})
        self._sender.queue(hook.fields["target"], body, lambda signed: {"X-Hook-Signature": signature(secret, signed)})

    def _events_of(self, change: Change) -> list[dict[str, Any]]:
        if change.action != "changed":
            parent = change.entry.fields["memberships"][:1] if change.action == "added" else []
            return [self._event(change, change.action, self._project(parent))]
        events = [
            {**self._event(change, "changed", None), "change": {"field": name, "action": "changed"}}
            for name in change.fields
            if name not in _SILENT
        ]
        return events + (self._moves(change) if "memberships" in change.fields else [])

    def _moves(self, change: Change) -> list[dict[str, Any]]:
        """`added` and `removed` events: into and out of projects, and between sections."""
        events = []
        for key, collection in (("project", "projects"), ("section", "sections")):
            old = {item[key] for item in change.before["memberships"]}
            new = {item[key] for item in change.entry.fields["memberships"]}
            for action, gids in (("removed", old - new), ("added", new - old)):
                events += [self._event(change, action, self._shapes.compact(collection, gid)) for gid in sorted(gids)]
        return events

    def _project(self, memberships: list[dict[str, Any]]) -> dict[str, Any] | None:
        return self._shapes.compact("projects", memberships[0]["project"]) if memberships else None

    def _event(self, change: Change, action: str, parent: dict[str, Any] | None) -> dict[str, Any]:
        known = self._store.get("users", change.author)
        return {
            "user": {"gid": change.author, "resource_type": "user"} if known else None,
            "created_at": stamp(change.at),
            "action": action,
            "resource": {
                "gid": change.entry.id,
                "resource_type": "task",
                "resource_subtype": change.entry.fields["resource_subtype"],
                "name": change.entry.fields["name"],
            },
            "parent": parent,
        }


def signature(secret: str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA256 of the raw body."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _touches(change: Change) -> frozenset[str]:
    """Resources whose feed and webhooks hear of a change."""
    memberships = [*change.entry.fields["memberships"], *change.before.get("memberships", ())]
    return frozenset({change.entry.id, *(item["project"] for item in memberships)})


def _passes(event: dict[str, Any], filters: list[dict[str, Any]]) -> bool:
    if not filters:
        return True
    field = event.get("change", {}).get("field")
    return any(
        item.get("resource_type", "task") == "task"
        and item.get("action", event["action"]) == event["action"]
        and (not item.get("fields") or field is None or field in item["fields"])
        for item in filters
    )
