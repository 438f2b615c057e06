"""Examples of what could happen: the latest that did, or one made up. For tests of rules, and for tools that learn the
shape of a webhook from samples."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from automations.gathering import read_records, subject_of
from automations.happenings import ACTIONS, KINDS, type_of_event
from automations.hooks.composing import body_of
from automations.models import Notice
from automations.news import EVENTS, News
from records.catalog import Kind, SyncField, SyncType
from records.models import Organization
from records.values import plain_datetime

SHOWN = 3
_MADE_UP: dict[Kind, Any] = {
    Kind.INTEGER: 1,
    Kind.DECIMAL: "12.5",
    Kind.BOOLEAN: True,
    Kind.DATE: "2026-01-31",
    Kind.DATETIME: "2026-01-31T09:30:00.000000Z",
    Kind.UUID: "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000",
    Kind.REFERENCE: "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001",
    Kind.TAGS: ["example"],
    Kind.JSON: {},
}


def made_up(field: SyncField) -> Any:
    """A value of that kind."""
    if field.kind is Kind.CHOICE and field.choices:
        return field.choices[0]
    return _MADE_UP.get(field.kind, f"Example {field.name}")


def news_of_example(organization: Organization, event: str, now: datetime) -> News:
    """The latest of its kind, or one made up."""
    latest = Notice.objects.filter(organization=organization, event=event).order_by("-id").first()
    fields = KINDS[event].fields
    values = latest.values if latest else {field.name: made_up(field) for field in fields} | _due(event, now)
    subject = latest.subject if latest else "an example"
    return News(str(organization.pk), event, "test:0", now, subject=subject, values=values)


def _due(event: str, now: datetime) -> dict[str, str]:
    return {"due": plain_datetime(now)} if event == "schedule" else {}


def samples(organization: Organization, event: str, now: datetime) -> list[dict[str, Any]]:
    """Messages as they would be sent of the latest records, newest first; one made up where there is none."""
    sync_type = type_of_event(event)
    if sync_type is None:
        return [body_of(event, news_of_example(organization, event, now))]
    done = event.rpartition(".")[2]
    found = sync_type.model.all_objects.filter(organization=organization, deleted_at__isnull=done != "deleted")
    ids = [str(pk) for pk in found.order_by("-id").values_list("pk", flat=True)[:SHOWN]]
    records = read_records(sync_type, str(organization.pk), ids)
    chosen = [records[pk] for pk in ids if pk in records] or [_record(sync_type, now, done == "deleted")]
    return [body_of(event, _news(organization, sync_type, done, values, now)) for values in chosen]


def _record(sync_type: SyncType, now: datetime, deleted: bool) -> dict[str, Any]:
    values = {field.name: made_up(field) for field in sync_type.fields}
    identity = {"id": _MADE_UP[Kind.UUID], "updatedAt": plain_datetime(now), "deleted": deleted}
    return {"id": identity["id"], **values, **identity}


def _news(organization: Organization, sync_type: SyncType, done: str, values: dict[str, Any], now: datetime) -> News:
    action = next(action for action, word in ACTIONS.items() if word == done)
    first = next((field.name for field in sync_type.fields if field.writable), "")
    changed = {first: values.get(first)} if done == "updated" and first else {}
    return News(
        str(organization.pk),
        EVENTS[action],
        "change:0",
        now,
        resource_type=sync_type.key,
        record_id=str(values["id"]),
        subject=subject_of(sync_type.key, values),
        values=values,
        before=changed,
        after=changed,
        by="user",
        actor="example",
    )
