"""Opening, keeping up to date and closing of conflicts. One open case per record, of whichever kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from conflicts import signals
from conflicts.models import ConflictResolution
from conflicts.strategies import Contest, Decision
from integrations.models import Integration

Status, Kind = ConflictResolution.Status, ConflictResolution.Kind


@dataclass(frozen=True, slots=True)
class Case:
    """What the engine found at one record: contested fields with the decision of each."""

    integration: Integration
    run_id: str | None
    resource_type: str
    resource_id: str
    external_id: str
    contests: Sequence[tuple[Contest, Decision]] = ()
    kind: str = Kind.FIELDS
    reason: str = ""
    local_at: datetime | None = None
    external_at: datetime | None = None
    local_by: str = ""
    external_by: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fields(self) -> list[str]:
        return sorted(contest.field for contest, _ in self.contests)


def _values(case: Case) -> dict[str, Any]:
    pairs = [contest for contest, _ in case.contests]
    return {
        "local_data": {item.field: item.local for item in pairs} or case.data.get("local", {}),
        "external_data": {item.field: item.external for item in pairs} or case.data.get("external", {}),
        "base_data": {item.field: item.base for item in pairs},
        "conflicted_fields": case.fields,
        "conflict_reason": case.reason or _reason(case),
        "local_changed_at": case.local_at,
        "external_changed_at": case.external_at,
        "local_changed_by": case.local_by,
        "external_changed_by": case.external_by,
        "external_id": case.external_id,
    }


def _reason(case: Case) -> str:
    names = ", ".join(f"'{name}'" for name in case.fields)
    rules = "; ".join(sorted({decision.rule for _, decision in case.contests}))
    return f"Both systems modified {names} ({rules})."


def _record(case: Case) -> dict[str, Any]:
    """What identifies the record; one that is not here yet is known by its id there."""
    key = {
        "integration": case.integration,
        "resource_type": case.resource_type,
        "resource_id": case.resource_id,
    }
    return key if case.resource_id else {**key, "external_id": case.external_id}


def open_case(case: Case, now: datetime) -> tuple[ConflictResolution, bool]:
    """Opens the case or brings the open one up to date. The second value says whether anything changed;
    an unchanged case is not written again, and what a person chose to ignore stays ignored until it changes."""
    values = _values(case)
    found = ConflictResolution.objects.filter(status=Status.PENDING, **_record(case)).first()
    if found is not None and found.kind == case.kind:
        return _brought_up_to_date(found, values, now)
    if found is None and (ignored := _ignored(case, values)) is not None:
        return ignored, False
    if found is not None:
        # Its values are kept as they were: what a side wrote then may stand nowhere else by now.
        _close(found, f"overtaken: {Kind(case.kind).label.lower()}", now)
    created = ConflictResolution.objects.create(
        run_id=case.run_id,
        kind=case.kind,
        status=Status.PENDING,
        created_at=now,
        updated_at=now,
        **{**_record(case), **values},
    )
    signals.conflict_opened.send(sender=ConflictResolution, conflict=created)
    return created, True


def _brought_up_to_date(
    found: ConflictResolution, values: Mapping[str, Any], now: datetime
) -> tuple[ConflictResolution, bool]:
    if _same(found, values):
        return found, False
    for name, value in values.items():
        setattr(found, name, value)
    found.updated_at = now
    found.save(update_fields=[*values, "updated_at"])
    return found, True


def _ignored(case: Case, values: Mapping[str, Any]) -> ConflictResolution | None:
    """The record's latest case, if a person ignored these very values."""
    latest = ConflictResolution.objects.filter(**_record(case)).order_by("-created_at", "-id").first()
    if latest is None or latest.status != Status.IGNORED or latest.kind != case.kind:
        return None
    return latest if _same(latest, values) else None


def _same(found: ConflictResolution, values: Mapping[str, Any]) -> bool:
    return _content(values) == _content({name: getattr(found, name) for name in values})


def _content(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a person would decide on; stamps and names that moved by an unrelated edit are no news."""
    return {name: value for name, value in values.items() if not name.endswith(("_changed_at", "_changed_by"))}


def _close(case: ConflictResolution, rule: str, now: datetime) -> None:
    case.status, case.winners = Status.AUTO_RESOLVED, {"*": {"winner": "BOTH", "rule": rule}}
    case.resolved_at = case.updated_at = now
    case.save(update_fields=["status", "winners", "resolved_at", "updated_at"])


def record_decided(case: Case, strategy: str, now: datetime) -> ConflictResolution:
    """The AUTO_RESOLVED row of an automatic decision: it keeps the loser, so it can be reopened."""
    winners = {contest.field: {"winner": d.winner, "rule": d.rule} for contest, d in case.contests}
    return ConflictResolution.objects.create(
        run_id=case.run_id,
        kind=case.kind,
        status=Status.AUTO_RESOLVED,
        resolution_strategy=strategy,
        winners=winners,
        resolved_data={contest.field: decision.value for contest, decision in case.contests},
        resolved_at=now,
        created_at=now,
        updated_at=now,
        **{**_record(case), **_values(case)},
    )


def close_agreed(integration: Integration, resource_type: str, resource_ids: Sequence[str], now: datetime) -> int:
    """Both sides came to agree by themselves: the open cases of these records are closed."""
    return ConflictResolution.objects.filter(
        integration=integration, resource_type=resource_type, resource_id__in=resource_ids, status=Status.PENDING
    ).update(
        status=Status.AUTO_RESOLVED,
        winners={"*": {"winner": "BOTH", "rule": "both sides agree"}},
        resolved_at=now,
        updated_at=now,
    )


def close_matched(integration: Integration, resource_type: str, external_ids: Sequence[str], now: datetime) -> int:
    """The records there are linked with one here: their cases, known by the ids there, are closed."""
    return ConflictResolution.objects.filter(
        integration=integration,
        resource_type=resource_type,
        resource_id="",
        external_id__in=external_ids,
        kind=Kind.AMBIGUOUS,
        status=Status.PENDING,
    ).update(
        status=Status.AUTO_RESOLVED,
        winners={"*": {"winner": "BOTH", "rule": "linked by a later sync"}},
        resolved_at=now,
        updated_at=now,
    )
