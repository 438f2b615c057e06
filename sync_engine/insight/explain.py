"""Why a record is, or is not, in step with each integration: what both sides last agreed on, who set it, what is on
its way, and what keeps it from moving. A fixed number of queries; no provider is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from conflicts.models import ConflictResolution
from integrations.enums import IntegrationStatus, MappingStatus, SyncDirection, SyncStatus
from integrations.models import (
    ExternalChange,
    FieldMapping,
    Integration,
    IntegrationMapping,
    Intent,
    ParkedRecord,
    PendingChange,
    SyncLog,
)
from records import selectors
from records.catalog import SyncType
from sync_engine.insight.explain_rules import Verdict, judge

LOGS = 20


@dataclass(frozen=True, slots=True)
class FieldState:
    """One mapped field. `here` is what stands now, `agreed` what both sides last agreed on, in our form, `there`
    the same in the provider's; `by` (LOCAL, EXTERNAL, MERGED, ROLLBACK, ...) set the agreed value at `at` in `run`."""

    name: str
    here: Any
    agreed: Any
    there: Any
    path: str
    moved: bool
    by: str = ""
    at: datetime | None = None
    run: str = ""
    rule: str = ""


@dataclass
class Standing:
    """How a record stands with one integration. `verdict` says it in a word and `sentences` why, in full."""

    integration: Integration
    verdict: Verdict
    sentences: list[str]
    link: IntegrationMapping | None = None
    fields: list[FieldState] = field(default_factory=list)
    pending: PendingChange | None = None
    reread: ExternalChange | None = None
    parked: list[ParkedRecord] = field(default_factory=list)
    conflicts: list[ConflictResolution] = field(default_factory=list)
    intent: Intent | None = None
    refusal: SyncLog | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a record and one integration; `rules` are those of the mapping in force, None = not mapped."""

    integration: Integration
    data_type: str
    deleted: bool
    enabled: bool
    rules: Mapping[str, Any] | None
    link: IntegrationMapping | None
    pending: PendingChange | None
    reread: ExternalChange | None
    parked: list[ParkedRecord]
    conflicts: list[ConflictResolution]
    intent: Intent | None
    moved: list[str]

    @property
    def stopped(self) -> bool:
        return self.integration.status in (
            IntegrationStatus.PAUSED, IntegrationStatus.DISABLED, IntegrationStatus.ERROR,
        )  # fmt: skip

    @property
    def linked(self) -> bool:
        return self.link is not None and self.link.sync_status != MappingStatus.DELETED

    @property
    def writes_there(self) -> bool:
        one_way = self.integration.sync_direction == SyncDirection.EXTERNAL_TO_LOCAL
        return not one_way and bool((self.rules or {}).get("internalToExternal"))


def explain(sync_type: SyncType, record: Any) -> list[Standing]:
    """One answer per integration of the record's organization, those that it is linked to first."""
    integrations = list(
        Integration.objects.filter(organization=record.organization_id)
        .defer("credentials", "webhook_secret", "settings")
        .order_by("name")
    )
    found = _Found(sync_type, record, integrations)
    answers = [_standing(found, one) for one in integrations]
    return sorted(answers, key=lambda one: one.link is None)


class _Found:
    """Everything that stands about the record anywhere, by integration."""

    def __init__(self, sync_type: SyncType, record: Any, integrations: list[Integration]) -> None:
        own = {"integration__in": integrations, "resource_type": sync_type.key}
        self.type, self.record = sync_type, record
        self.rules = _rules(own)
        self.links = _by_integration(IntegrationMapping.objects.filter(internal_id=record.pk, **own))
        self.pending = _by_integration(PendingChange.objects.filter(internal_id=record.pk, **own))
        self.intents = _by_integration(Intent.objects.filter(internal_id=record.pk, **own))
        there = [one.external_id for one in self.links.values()]
        self.rereads = _by_integration(ExternalChange.objects.filter(external_id__in=there, **own))
        either = Q(side="LOCAL", record_id=str(record.pk)) | Q(side="EXTERNAL", record_id__in=there)
        self.parked = _grouped(ParkedRecord.objects.filter(either, **own))
        waiting = ConflictResolution.objects.filter(resource_id=str(record.pk), status="PENDING", **own)
        self.conflicts = _grouped(waiting.order_by("created_at"))
        self.logs = recent_logs(str(record.pk))
        snapshot = selectors.read(sync_type, str(record.organization_id), [str(record.pk)], sync_type.field_names).get(
            str(record.pk)
        )
        values = snapshot.values if snapshot else ()
        self.values = dict(zip(sync_type.field_names, values, strict=False))


def recent_logs(record_id: str) -> list[SyncLog]:
    """The latest rows about a record, whichever integration wrote them."""
    return list(SyncLog.objects.filter(resource_id=record_id).select_related("integration").order_by("-id")[:LOGS])


def _standing(found: _Found, integration: Integration) -> Standing:
    link = found.links.get(integration.pk)
    rules = found.rules.get(integration.pk)
    fields = [] if link is None else fields_of(link, rules or {}, found.values)
    facts = Facts(
        integration=integration,
        data_type=found.type.data_type,
        deleted=getattr(found.record, "deleted_at", None) is not None,
        enabled=getattr(found.record, "external_sync_enabled", True),
        rules=rules,
        link=link,
        pending=found.pending.get(integration.pk),
        reread=found.rereads.get(integration.pk),
        parked=found.parked.get(integration.pk, []),
        conflicts=found.conflicts.get(integration.pk, []),
        intent=found.intents.get(integration.pk),
        moved=[one.name for one in fields if one.moved],
    )
    verdict, sentences = judge(facts)
    return Standing(
        integration, verdict, sentences, link, fields, facts.pending, facts.reread, facts.parked, facts.conflicts,
        facts.intent, _last_refusal(found.logs, integration),
    )  # fmt: skip


def _last_refusal(logs: Iterable[SyncLog], integration: Integration) -> SyncLog | None:
    """The latest row of this integration, if it is a failure: its message is the provider's."""
    latest = next((one for one in logs if one.integration_id == integration.pk), None)
    return latest if latest is not None and latest.status == SyncStatus.FAILED else None


def fields_of(link: IntegrationMapping, rules: Mapping[str, Any], here: Mapping[str, Any]) -> list[FieldState]:
    """Every agreed field with what stands here now and who set it."""
    paths = _paths(rules)
    return [
        _field_state(link, name, agreed, paths.get(name, ""), here) for name, agreed in sorted(link.local_base.items())
    ]


def _field_state(link: IntegrationMapping, name: str, agreed: Any, path: str, here: Mapping[str, Any]) -> FieldState:
    stamp = link.provenance.get(name) or link.provenance.get("*") or {}
    at = stamp.get("at")
    now = here.get(name, agreed)
    return FieldState(
        name=name,
        here=now,
        agreed=agreed,
        there=link.external_base.get(path),
        path=path,
        moved=now != agreed,
        by=str(stamp.get("by", "")),
        at=datetime.fromisoformat(at) if at else None,
        run=str(stamp.get("run") or ""),
        rule=str(stamp.get("rule", "")),
    )


def _paths(rules: Mapping[str, Any]) -> dict[str, str]:
    """Our field to the provider's."""
    both = [*(rules.get("internalToExternal") or []), *(rules.get("externalToInternal") or [])]
    return {rule["internalField"]: rule["externalField"] for rule in both if _names_both(rule)}


def _names_both(rule: Mapping[str, Any]) -> bool:
    return isinstance(rule.get("internalField"), str) and isinstance(rule.get("externalField"), str)


def _rules(own: dict[str, Any]) -> dict[UUID, Mapping[str, Any]]:
    """The mapping in force of each integration."""
    latest = FieldMapping.objects.filter(**own).order_by("integration_id", "-version").distinct("integration_id")
    return {one.integration_id: one.document for one in latest}


def _by_integration(rows: Iterable[Any]) -> dict[UUID, Any]:
    return {one.integration_id: one for one in rows}


def _grouped(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for one in rows:
        found.setdefault(one.integration_id, []).append(one)
    return found
