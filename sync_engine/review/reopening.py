"""Cases that a person leaves alone, and decided ones that a person opens again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from conflicts.models import ConflictResolution
from connectors.base.connector import Connector
from sync_engine.ports import ports
from sync_engine.review import standing
from sync_engine.review.seen import AlreadyDecided, CannotDecide

Status, Kind = ConflictResolution.Status, ConflictResolution.Kind


def ignore(case: ConflictResolution, *, by: str) -> ConflictResolution:
    """Both sides stay as they are and nothing is written. The question comes back once either side is edited
    again. Raises `AlreadyDecided`, and `CannotDecide` where something would stay half done."""
    if case.kind == Kind.MAY_EXIST:
        raise CannotDecide("A create without an answer cannot be left alone: link the record, or create it again.")
    with transaction.atomic():
        held = ConflictResolution.objects.select_for_update().get(pk=case.pk)
        if held.status != Status.PENDING:
            raise AlreadyDecided
        case.status, case.resolved_by = Status.IGNORED, by
        case.resolved_at = case.updated_at = ports().clock.now()
        case.save(update_fields=["status", "resolved_by", "resolved_at", "updated_at"])
    return case


def reopen(case: ConflictResolution, *, by: str, connector: Connector | None = None) -> ConflictResolution:
    """The open case that asks the question again: an ignored one is open as it was; a decided one gets a new case
    with what stands now, whose `reopens` holds the values that lost. Nothing is written to either side.

    Raises `CannotDecide`, `standing.NotLinked` and the errors of connectors."""
    if case.status == Status.PENDING:
        raise CannotDecide("This case is open already.")
    if _open_one(case) is not None:
        raise CannotDecide("This record has an open case already. Decide that one first.")
    now = ports().clock.now()
    if case.status == Status.IGNORED:
        case.status, case.resolved_by, case.resolved_at, case.updated_at = Status.PENDING, "", None, now
        case.save(update_fields=["status", "resolved_by", "resolved_at", "updated_at"])
        return case
    if case.kind == Kind.FIELDS:
        return _new(case, _fields_now(case, connector), by, now)
    if case.kind == Kind.DELETED_EXTERNALLY:
        return _new(case, {"local_data": case.local_data, "external_data": {}}, by, now)
    raise CannotDecide(
        "This decision cannot be taken back from here: its record was deleted, linked or created at the provider. "
        "What stood before is kept in this case."
    )


def _open_one(case: ConflictResolution) -> ConflictResolution | None:
    return ConflictResolution.objects.filter(
        integration_id=case.integration_id,
        resource_type=case.resource_type,
        resource_id=case.resource_id,
        status=Status.PENDING,
    ).first()


def _fields_now(case: ConflictResolution, connector: Connector | None) -> dict[str, Any]:
    shape = standing.shape_of(case, connector)
    sides = standing.read(case, shape)
    if sides.standing is None:
        raise CannotDecide("The record was deleted since. What lost then is kept in this case.")
    local, external = standing.shown(case, shape, sides)
    if not local:
        raise CannotDecide("None of these fields is mapped any more.")
    return {"local_data": local, "external_data": external, "base_data": case.resolved_data or case.base_data}


def _new(case: ConflictResolution, values: dict[str, Any], by: str, now: datetime) -> ConflictResolution:
    decided = f"{case.resolved_at:%Y-%m-%d %H:%M}" if case.resolved_at else "before"
    who = case.resolved_by or "a rule"
    return ConflictResolution.objects.create(
        integration_id=case.integration_id,
        kind=case.kind,
        resource_type=case.resource_type,
        resource_id=case.resource_id,
        external_id=case.external_id,
        conflicted_fields=case.conflicted_fields,
        conflict_reason=f"Opened again by {by}. It was decided by {who} on {decided}.",
        reopens=case,
        created_at=now,
        updated_at=now,
        **values,
    )
