"""The rules that every organization starts with: R1's four, and one for an integration that was stopped."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

DEFAULTS: tuple[dict[str, Any], ...] = (
    {
        "key": "high-error-rate",
        "name": "High Error Rate",
        "metric": "errorRate",
        "operator": ">",
        "threshold": 10,
        "window_minutes": 60,
        "severity": "WARNING",
        "channels": ["email", "dashboard"],
        "cooldown": 60,
    },
    {
        "key": "integration-down",
        "name": "Integration Down",
        "metric": "consecutiveFailures",
        "operator": ">=",
        "threshold": 3,
        "severity": "CRITICAL",
        "channels": ["email", "slack", "dashboard"],
        "cooldown": 30,
    },
    {
        "key": "sync-lag",
        "name": "Sync Lag",
        "metric": "lastSyncAge",
        "operator": ">",
        "threshold": 120,
        "frequency": "HOURLY",
        "severity": "WARNING",
        "channels": ["dashboard"],
        "cooldown": 120,
    },
    {
        "key": "many-pending-conflicts",
        "name": "Many Pending Conflicts",
        "metric": "pendingConflicts",
        "operator": ">",
        "threshold": 10,
        "severity": "INFO",
        "channels": ["dashboard"],
        "cooldown": 180,
    },
    # R1's flow 5: after the last retry, or a refusal that no retry mends, nothing is tried any more until somebody
    # acts. That must be told even if it happens at the first failure.
    {
        "key": "integration-stopped",
        "name": "Integration Stopped",
        "metric": "stopped",
        "operator": ">=",
        "threshold": 1,
        "severity": "CRITICAL",
        "channels": ["email", "slack", "dashboard"],
        "cooldown": 1440,
    },
)


def give_rules(rules: type[Model], organization_ids: list[Any]) -> None:
    """Files the rules that these organizations do not have yet; what was changed is left alone. `rules` is the
    model, so that a migration can pass its own."""
    rows = [
        rules(organization_id=pk, **{"frequency": "", "window_minutes": None, **one})
        for pk in organization_ids
        for one in DEFAULTS
    ]
    rules._default_manager.bulk_create(rows, ignore_conflicts=True)
