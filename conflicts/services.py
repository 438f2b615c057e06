"""Opening, keeping up to date and closing of conflicts. One open case per record and kind."""

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
        "external_id": case.external_id,
    }


def _reason(case: Case) -> str:
    names = ", ".join(f"'{name}'" for name in case.fields)
    rules = "; ".join(sorted({decision.rule for _, decision in case.contests}))
    return f"Both systems modified {names} ({rules})."


def _key(case: Case) -> dict[str, Any]:
    return {
        "integration": case.integration,
        "resource_type": case.resource_type,
        "resource_id": case.resource_id,
        "kind": case.kind,
    }


def open_case(case: Case, now: datetime) -> tuple[ConflictResolution, bool]:
    """Opens the case or brings the open one up to date. The second value says whether anything changed;
    an unchanged case is not written again."""
    values = _values(case)
    found = ConflictResolution.objects.filter(status=Status.PENDING, **_key(case)).first()
    if found is None:
        created = ConflictResolution.objects.create(
            run_id=case.run_id, status=Status.PENDING, created_at=now, updated_at=now, **_key(case), **values
        )
        signals.conflict_opened.send(sender=ConflictResolution, conflict=created)
        return created, True
    if _content(values) == _content({name: getattr(found, name) for name in values}):
        return found, False
    for name, value in values.items():
        setattr(found, name, value)
    found.updated_at = now
    found.save()
    return found, True


def _content(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a person would see; stamps that moved by an unrelated edit are no news."""
    return {name: value for name, value in values.items() if not name.endswith("_changed_at")}


def record_decided(case: Case, strategy: str, now: datetime) -> ConflictResolution:
    """The AUTO_RESOLVED row of an automatic decision: it keeps the loser, so it can be reopened."""
    winners = {contest.field: {"winner": d.winner, "rule": d.rule} for contest, d in case.contests}
    return ConflictResolution.objects.create(
        run_id=case.run_id,
        status=Status.AUTO_RESOLVED,
        resolution_strategy=strategy,
        winners=winners,
        resolved_data={contest.field: decision.value for contest, decision in case.contests},
        resolved_at=now,
        created_at=now,
        updated_at=now,
        **_key(case),
        **_values(case),
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
