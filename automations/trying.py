"""What a rule would do to a record, told without doing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from automations import actions, matching
from automations.actions import Doing
from automations.conditions import Said, explain
from automations.document import Compiled, Given
from automations.errors import Refused
from automations.examples import news_of_example
from automations.gathering import read_records, subject_of
from automations.happenings import KINDS
from automations.news import News
from connectors.base.errors import ConnectorError
from records import catalog
from records.models import Organization
from sync_engine.ports import ports


@dataclass(frozen=True)
class Would:
    """One action: what it would do, or why it could not."""

    type: str
    label: str
    sentence: str
    possible: bool


@dataclass(frozen=True)
class Report:
    """`subject` is what it was tried on; `triggered` whether this is what the rule waits for."""

    subject: str
    triggered: bool
    conditions: Said
    actions: tuple[Would, ...]

    @property
    def fires(self) -> bool:
        return self.triggered and self.conditions.holds


class NoSuchRecord(LookupError):
    """The organization has no such record."""


def try_out(
    organization: Organization,
    name: str,
    compiled: Compiled,
    record_id: str = "",
    before: Mapping[str, Any] | None = None,
) -> Report:
    """As if it just happened. `before` holds what changed fields were; a rule that waits for a change of a field
    supposes it from what the rule itself says. Nothing is written or sent. Raises `NoSuchRecord`."""
    now = ports().clock.now()
    if compiled.trigger.resource_type:
        news = _news(organization, compiled, record_id, before or {})
    else:
        news = news_of_example(organization, compiled.trigger.kind, now)
    return Report(
        subject=news.subject,
        triggered=matching.waits_for(compiled.trigger, news, now),
        conditions=explain(compiled.condition, news.facts(now)),
        actions=tuple(_would(organization, name, news, given) for given in compiled.actions),
    )


def _news(organization: Organization, compiled: Compiled, record_id: str, before: Mapping[str, Any]) -> News:
    trigger = compiled.trigger
    sync_type = catalog.get(trigger.resource_type)
    found = read_records(sync_type, str(organization.pk), [record_id]) if record_id else {}
    if record_id not in found:
        raise NoSuchRecord(f"There is no {sync_type.label.lower()} {record_id}.")
    values = found[record_id]
    changed = {name: value for name, value in before.items() if name in values}
    if trigger.kind == "field.changed" and trigger.field not in changed:
        changed[trigger.field] = _supposed(compiled)
    return News(
        organization_id=str(organization.pk),
        event="record.updated" if trigger.kind == "field.changed" else trigger.kind,
        key="test",
        at=ports().clock.now(),
        resource_type=sync_type.key,
        record_id=record_id,
        subject=subject_of(sync_type.key, values),
        values=values,
        before=changed,
        after={name: values[name] for name in changed},
        by="user",
        actor="test",
    )


def _supposed(compiled: Compiled) -> Any:
    """What the field was before, if the rule says that."""
    tests = getattr(compiled.trigger.changes, "parts", ())
    return next((test.value for test in tests if test.operator == "changed_from"), None)


def _would(organization: Organization, name: str, news: News, given: Given) -> Would:
    doing = Doing(organization, "", name, news, given.parameters, ports().clock.now(), key="test")
    try:
        action = actions.of(given)
        return Would(given.type, action.label, action.plan(doing), True)
    except (Refused, ConnectorError) as error:
        label = actions.ACTIONS[given.type].label if given.type in actions.ACTIONS else given.type
        return Would(given.type, label, error.message, False)


def needs_record(compiled: Compiled) -> bool:
    """Is the rule about a record, which must be chosen for a test?"""
    return bool(compiled.trigger.resource_type) or KINDS[compiled.trigger.kind].about == "record"
