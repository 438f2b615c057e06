"""Which cases somebody wants to see, how many there are, and what can be filtered by; all in short reads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from conflicts.models import ConflictResolution
from integrations.models import Integration

Status = ConflictResolution.Status
COUNTED = 2_000
"""Cases that are counted at the most; beyond it a number is "more than"."""
HISTORY = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter. "" and None = whatever. `strategy` is the one that decided, or would decide an open case;
    `older_than` and `newer_than` are days since the case was opened."""

    status: str = Status.PENDING
    integration: UUID | None = None
    resource_type: str = ""
    kind: str = ""
    field: str = ""
    strategy: str = ""
    older_than: int | None = None
    newer_than: int | None = None
    search: str = ""

    def of(self, integration: Integration) -> Wanted:
        return replace(self, integration=integration.pk)

    def stored(self) -> dict[str, Any]:
        """As JSON, without what is not set."""
        names = ("status", "integration", "resource_type", "kind", "field", "strategy", "older_than", "newer_than")
        given = {name: getattr(self, name) for name in (*names, "search")}
        return {name: str(v) if isinstance(v, UUID) else v for name, v in given.items() if v not in ("", None)}


def matching(rows: QuerySet[ConflictResolution], wanted: Wanted, now: datetime) -> QuerySet[ConflictResolution]:
    """The newest first."""
    found = rows.order_by("-created_at", "-id")
    exact = {
        "status": wanted.status,
        "integration_id": wanted.integration,
        "resource_type": wanted.resource_type.lower(),
        "kind": wanted.kind,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if wanted.field:
        found = found.filter(conflicted_fields__contains=[wanted.field])
    if wanted.strategy:
        would = Q(integration_id__in=Integration.objects.filter(conflict_strategy=wanted.strategy).values("pk"))
        if wanted.status != Status.PENDING:  # an open case has no strategy of its own yet
            would = Q(resolution_strategy=wanted.strategy) | (Q(resolution_strategy="") & would)
        found = found.filter(would)
    if wanted.older_than is not None:
        found = found.filter(created_at__lte=now - timedelta(days=wanted.older_than))
    if wanted.newer_than is not None:
        found = found.filter(created_at__gte=now - timedelta(days=wanted.newer_than))
    if wanted.search:
        found = found.filter(Q(resource_id=wanted.search) | Q(external_id=wanted.search))
    return found


def of_integrations(integrations: QuerySet[Integration]) -> QuerySet[ConflictResolution]:
    """Their cases. One integration, the usual case, is named by itself: then the newest cases stand in an index in
    their order."""
    ids = list(integrations.values_list("pk", flat=True))
    cases = ConflictResolution.objects.select_related("integration")
    return cases.filter(integration_id=ids[0]) if len(ids) == 1 else cases.filter(integration_id__in=ids)


@dataclass(slots=True)
class Facets:
    """How many of the cases belong to what. `more` = there are more than were counted."""

    total: int = 0
    more: bool = False
    integrations: Counter[UUID] = field(default_factory=Counter)
    resource_types: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)


def facets(rows: QuerySet[ConflictResolution]) -> Facets:
    """One read of the newest `COUNTED` cases."""
    columns = ("integration_id", "resource_type", "kind", "conflicted_fields")
    read = list(rows.values_list(*columns)[: COUNTED + 1])
    found = Facets(min(len(read), COUNTED), len(read) > COUNTED)
    for integration, resource_type, kind, fields in read[:COUNTED]:
        found.integrations[integration] += 1
        found.resource_types[resource_type] += 1
        found.kinds[kind] += 1
        found.fields.update(fields)
    return found


def newest_of_each(
    rows: QuerySet[ConflictResolution], integrations: list[UUID], number: int
) -> dict[UUID, list[ConflictResolution]]:
    """The newest few cases of each integration, in one statement."""
    if not integrations:
        return {}
    parts = [rows.filter(integration_id=one)[:number] for one in integrations]
    found: dict[UUID, list[ConflictResolution]] = {one: [] for one in integrations}
    for case in parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]:
        found[case.integration_id].append(case)
    for cases in found.values():
        cases.sort(key=lambda one: (one.created_at, one.pk), reverse=True)
    return found


def history(case: ConflictResolution) -> list[ConflictResolution]:
    """The cases of the same record, this one included, the newest first."""
    same = ConflictResolution.objects.filter(integration_id=case.integration_id, resource_type=case.resource_type)
    of_record = Q(resource_id=case.resource_id) if case.resource_id else Q(resource_id="", external_id=case.external_id)
    return list(same.filter(of_record).order_by("-created_at", "-id")[:HISTORY])
