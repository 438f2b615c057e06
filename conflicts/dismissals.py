"""Suggestions that people do not want: put aside until what speaks for them is something else than it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from conflicts.models import DismissedSuggestion
from conflicts.suggestions import FEWEST, Past, Suggestion, backtest
from integrations.mapping.conflict_rules import FieldRule
from integrations.models import Integration

MOST_ASKED = 100
"""New decisions that are enough to suggest again, however many there were before."""
Key = tuple[str, str, str, str]


def key(resource_type: str, field: str, rule: FieldRule) -> Key:
    return resource_type, field, rule.when, rule.strategy


def of(integration: Integration) -> dict[Key, DismissedSuggestion]:
    rows = DismissedSuggestion.objects.filter(integration=integration)
    return {(row.resource_type, row.field, row.when, row.strategy): row for row in rows}


def holds(dismissed: DismissedSuggestion | None, suggestion: Suggestion, past: Sequence[Past]) -> bool:
    """Is it still put aside? Not once half as many decisions as it stood on then, and five at least, have gone its
    way since: then the habit is stronger than the refusal knew."""
    if dismissed is None:
        return False
    since = [
        one for one in past if one.contest.field == suggestion.field and one.at and one.at > dismissed.dismissed_at
    ]
    return backtest(suggestion.rule, since).same < enough(dismissed)


def enough(dismissed: DismissedSuggestion) -> int:
    """New decisions after which it is suggested again."""
    return min(max(FEWEST, dismissed.agreed // 2), MOST_ASKED)


def dismiss(
    integration: Integration, resource_type: str, suggestion: Suggestion, *, by: str, now: datetime
) -> DismissedSuggestion:
    """Puts it aside; a second time from now on."""
    rule = suggestion.rule
    row, _new = DismissedSuggestion.objects.update_or_create(
        integration=integration,
        resource_type=resource_type,
        field=suggestion.field,
        when=rule.when,
        strategy=rule.strategy,
        defaults={"agreed": suggestion.agreed, "dismissed_by": by, "dismissed_at": now},
    )
    return row


def restore(integration: Integration, resource_type: str, field: str, rule: FieldRule) -> bool:
    """Suggests it again. False where it was not put aside."""
    rows = DismissedSuggestion.objects.filter(
        integration=integration, resource_type=resource_type, field=field, when=rule.when, strategy=rule.strategy
    )
    return bool(rows.delete()[0])
