"""Suggestions with their words, and what a rule would do with the cases that are open now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conflicts import learning
from conflicts.evidence import sentence
from conflicts.models import ConflictResolution
from conflicts.strategies import CIRCUMSTANCES, MERGES, Contest
from conflicts.suggestions import Suggestion
from connectors.base import registry
from connectors.base.errors import ConfigError
from integrations.mapping.conflict_rules import FieldRule
from integrations.models import Integration
from records import catalog

LOOKED_AT = 500
"""Open cases that a rule is tried on."""


@dataclass(frozen=True)
class Advice:
    """A suggestion as people read it. `open_now` = open cases in which the rule would decide the field, as far as
    they have been looked at."""

    integration: Integration
    resource_type: str
    suggestion: Suggestion
    sentence: str
    label: str
    open_now: int

    @property
    def key(self) -> str:
        """Names it in an address: the same past gives the same key."""
        rule = self.suggestion.rule
        return f"{self.resource_type}.{self.suggestion.field}.{rule.when}.{rule.strategy}"


def provider_of(integration: Integration) -> str:
    """The provider as people call it."""
    try:
        return registry.get(integration.connector_key).label
    except ConfigError:
        return integration.name


def label_of(resource_type: str, name: str) -> str:
    """A field as a person calls it."""
    sync_type = catalog.get(resource_type)
    if not sync_type.has_field(name):
        return name
    return str(sync_type.model_field(sync_type.field(name)).verbose_name)


def advice(integration: Integration, *, dismissed: bool = False) -> list[Advice]:
    """What the past decisions of an integration speak for; or what of it was dismissed."""
    found = learning.suggestions(integration, dismissed=dismissed)
    if not found:
        return []
    cases = list(
        integration.conflicts.filter(
            status=ConflictResolution.Status.PENDING, kind=ConflictResolution.Kind.FIELDS, reopens=None
        ).order_by("-created_at")[:LOOKED_AT]
    )
    return [_advice(integration, kind, one, cases) for kind, one in found]


def _advice(integration: Integration, kind: str, one: Suggestion, cases: list[ConflictResolution]) -> Advice:
    label = label_of(kind, one.field)
    words = sentence(one, provider=provider_of(integration), label=label)
    open_now = sum(decides(one.rule, one.field, case) for case in cases if case.resource_type == kind)
    return Advice(integration, kind, one, words, label, open_now)


def decides(rule: FieldRule, name: str, case: ConflictResolution) -> bool:
    """Would the rule decide this field of an open case?"""
    if name not in case.conflicted_fields or name not in case.local_data:
        return False
    values: dict[str, Any] = {"base": case.base_data.get(name), "local": case.local_data[name]}
    contest = Contest(
        name,
        external=case.external_data.get(name),
        local_at=case.local_changed_at,
        external_at=case.external_changed_at,
        **values,
    )
    return CIRCUMSTANCES[rule.when](contest) and MERGES[rule.strategy](contest, {}).winner is not None


def named(integration: Integration, resource_type: str, field: str, rule: FieldRule) -> Suggestion:
    """The suggestion of this rule as it stands now. Raises `LookupError` where the past does not speak for it."""
    for kind, one in learning.suggestions(integration):
        if (kind, one.field, one.rule) == (resource_type, field, rule):
            return one
    raise LookupError("This is not suggested any more.")
