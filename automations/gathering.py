"""From rows to news: what waits in the outbox and among the notices, with the records as they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from automations import chains
from automations.models import Notice
from automations.news import EVENTS, News
from records import catalog, selectors
from records.catalog import Kind, SyncType
from records.models import LocalChange
from records.values import plain_datetime

Records = Mapping[tuple[str, str], Mapping[str, Any]]


def news_of(changes: Sequence[LocalChange]) -> Iterator[News]:
    """In the order of the changes. An update of nothing that can be seen is no news, nor is a change of a type that
    no app catalogues any more. A record that is gone for good has its id alone."""
    catalogued = {one.key for one in catalog.all_types()}
    changes = [change for change in changes if change.resource_type in catalogued]
    known, led = _records(changes), chains.of_changes(changes)
    for change in changes:
        event = EVENTS[change.action]
        details = change.details or {"before": {}, "after": {}}
        if change.action == LocalChange.Action.UPDATE and not details["after"]:
            continue
        record_id, organization_id = str(change.record_id), str(change.organization_id)
        values = {**known.get((change.resource_type, record_id), {"id": record_id}), **details["after"]}
        yield News(
            organization_id=organization_id,
            event=event,
            key=f"change:{change.pk}",
            at=change.created_at,
            resource_type=change.resource_type,
            record_id=record_id,
            subject=subject_of(change.resource_type, values),
            values=values,
            before=details["before"],
            after=details["after"],
            by=change.origin_kind,
            by_id=change.origin_id,
            actor=change.actor,
            chain=led.get(change.pk, ()),
        )


def _records(changes: Iterable[LocalChange]) -> Records:
    wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
    for change in changes:
        wanted[str(change.organization_id), change.resource_type].add(str(change.record_id))
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for (organization_id, key), ids in wanted.items():
        for record_id, values in read_records(catalog.get(key), organization_id, sorted(ids)).items():
            found[key, record_id] = values
    return found


def read_records(sync_type: SyncType, organization_id: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Plain values by field name, with `id` and `updatedAt`, of the records that are there, deleted ones too."""
    names = sync_type.field_names
    return {
        record_id: named(names, record_id, snapshot)
        for record_id, snapshot in selectors.read(sync_type, organization_id, ids, names).items()
    }


def named(names: Sequence[str], record_id: str, found: selectors.Snapshot | selectors.Entry) -> dict[str, Any]:
    """A record as read, by field name."""
    values = dict(zip(names, found.values, strict=True))
    return {"id": record_id, **values, "updatedAt": plain_datetime(found.updated_at), "deleted": found.deleted}


def subject_of(resource_type: str, values: Mapping[str, Any]) -> str:
    """What a person would call the record: its first text."""
    sync_type = catalog.get(resource_type)
    texts = (values.get(field.name) for field in sync_type.fields if field.kind is Kind.TEXT)
    return f"{sync_type.label} {next((text for text in texts if text), values['id'])}"[:255]


def news_of_notices(notices: Sequence[Notice]) -> Iterator[News]:
    """What happened besides changes of records."""
    runs = {str(notice.run_id): notice.run_id for notice in notices if notice.run_id}
    led = chains.of_runs(list(runs.values()))
    for notice in notices:
        yield News(
            organization_id=str(notice.organization_id),
            event=notice.event,
            key=notice.key,
            at=notice.created_at,
            record_id=str(notice.record_id or ""),
            subject=notice.subject,
            values=notice.values,
            chain=led.get(str(notice.run_id), ()),
            only=str(notice.rule_id or ""),
        )
