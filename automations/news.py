"""What happened, as rules and webhooks see it: plain values, detached from the rows it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from automations.conditions import Facts
from records.values import plain_datetime


@dataclass(frozen=True)
class News:
    """`values` are the fields that conditions and templates may name: of the record as it was after the change, or of
    the happening. `before` and `after` hold the changed fields of an update.

    key       names what happened, once and for all (`change:42`)
    by        kind of who changed it (user, api, integration, automation, ...), `by_id` its id, `actor` its name
    chain     ids of the rules whose effect this is, the first one first
    only      id of the one rule that is meant, "" = every rule
    """

    organization_id: str
    event: str
    key: str
    at: datetime
    resource_type: str = ""
    record_id: str = ""
    subject: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""
    by_id: str = ""
    actor: str = ""
    chain: tuple[str, ...] = ()
    only: str = ""

    def facts(self, now: datetime) -> Facts:
        """What conditions are judged on."""
        change = {"change.by": self.by, "change.actor": self.actor} if self.resource_type else {}
        return Facts({**self.values, **change}, now, self.before, self.after)

    def known(self, rule: str, now: datetime) -> dict[str, Any]:
        """What templates may name: the fields, `previous.x` of changed ones, and a few words about the rest."""
        previous = {f"previous.{name}": value for name, value in self.before.items()}
        instant = plain_datetime(now)
        about = {"rule": rule, "event": self.event, "actor": self.actor, "now": instant, "today": instant[:10]}
        return {**about, **self.facts(now).values, **previous}

    def stored(self) -> dict[str, Any]:
        """As JSON, for the firing's row."""
        return {
            "at": plain_datetime(self.at),
            "values": dict(self.values),
            "before": dict(self.before),
            "after": dict(self.after),
            "by": self.by,
            "byId": self.by_id,
            "actor": self.actor,
        }

    @classmethod
    def restored(cls, stored: Mapping[str, Any], **known: Any) -> News:
        return cls(
            at=datetime.fromisoformat(stored["at"]),
            values=stored["values"],
            before=stored["before"],
            after=stored["after"],
            by=stored["by"],
            by_id=stored["byId"],
            actor=stored["actor"],
            **known,
        )


WORDS = ("rule", "event", "actor", "now", "today")
"""What templates may name besides fields and `previous.x`."""
EVENTS = {
    "create": "record.created",
    "update": "record.updated",
    "delete": "record.deleted",
    "restore": "record.restored",
}
"""The outbox's action -> what rules call it."""
