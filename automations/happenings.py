"""What a rule can wait for, as data: the kinds of happenings and the fields that each can be asked about.

record.*           of a type; the fields are the type's own
conflict.opened    a person has to decide
run.failed         a sync ended in an error
webhook.received   a provider sent something that was accepted
schedule           a time came, once or for each record of a type
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_noop

from records import catalog
from records.catalog import Kind, SyncField, SyncType

About = Literal["record", "integration", "time"]


@dataclass(frozen=True)
class Happening:
    """`about` says what a trigger must name: a type of records, perhaps an integration, or a time."""

    key: str
    label: str
    about: About
    fields: tuple[SyncField, ...] = ()


def _text(name: str) -> SyncField:
    return SyncField(name, "", Kind.TEXT)


INTEGRATION = (_text("integrationName"), SyncField("integrationId", "", Kind.UUID))
CHANGE = (
    SyncField("change.by", "", Kind.CHOICE, choices=("user", "api", "integration", "system", "import", "automation")),
    _text("change.actor"),
)
"""Fields of every change of a record: who or what made it."""
ALL = (
    Happening("record.created", gettext_noop("A record is created"), "record"),
    Happening("record.updated", gettext_noop("A record is changed"), "record"),
    Happening("field.changed", gettext_noop("A field is changed"), "record"),
    Happening("record.deleted", gettext_noop("A record is deleted"), "record"),
    Happening("record.restored", gettext_noop("A deleted record is restored"), "record"),
    Happening(
        "conflict.opened",
        gettext_noop("A conflict waits for a decision"),
        "integration",
        (*INTEGRATION, _text("resourceType"), SyncField("fields", "", Kind.TAGS), _text("reason"), _text("conflictId")),
    ),
    Happening(
        "run.failed",
        gettext_noop("A sync fails"),
        "integration",
        (
            *INTEGRATION,
            _text("jobType"),
            _text("errorMessage"),
            SyncField("errorCount", "", Kind.INTEGER),
            _text("runId"),
        ),
    ),
    Happening(
        "webhook.received",
        gettext_noop("A webhook is received"),
        "integration",
        (*INTEGRATION, _text("webhookEvent"), SyncField("eventCount", "", Kind.INTEGER)),
    ),
    Happening("schedule", gettext_noop("A time comes"), "time"),
)
KINDS: Mapping[str, Happening] = {each.key: each for each in ALL}
ACTIONS = {"create": "created", "update": "updated", "delete": "deleted", "restore": "restored"}
"""What the outbox calls it -> what an event calls it (`task.updated`)."""
OF_INTEGRATIONS = tuple(each.key for each in ALL if each.about == "integration")


def fields_of(kind: str, resource_type: str) -> dict[str, SyncField]:
    """By name, what a rule with that trigger can ask about and show."""
    happening = KINDS[kind]
    if not resource_type:
        return {each.name: each for each in happening.fields}
    sync_type = catalog.get(resource_type)
    found = {each.name: each for each in (*sync_type.fields, SyncField("id", "", Kind.UUID))}
    return found | ({each.name: each for each in CHANGE} if happening.about == "record" else {})


def event_types() -> tuple[str, ...]:
    """What an outgoing webhook can be subscribed to, besides `task.*` and `*`."""
    records = (f"{one.key}.{done}" for one in catalog.all_types() for done in ACTIONS.values())
    return (*records, "conflict.opened", "run.failed")


def type_of_event(event: str) -> SyncType | None:
    """The type of records that an event is about."""
    key, _, done = event.rpartition(".")
    if done not in ACTIONS.values():
        return None
    return next((one for one in catalog.all_types() if one.key == key), None)
