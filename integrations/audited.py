"""What is kept of people's doings with integrations, mappings, sign-ins and runs."""

from __future__ import annotations

from typing import Any

from integrations.enums import JobStatus, JobType
from integrations.models import Alert, AlertRule, FieldMapping, Integration, JobExecution, OAuthGrant
from records import audit

Values = dict[str, Any]


def _run_verb(before: Values | None, after: Values) -> str:
    """A run in progress is the worker's business; people ask for it, approve its plan, cancel it, roll it back."""
    if before is None:
        return "rolled_back" if after["job_type"] == JobType.ROLLBACK else "asked"
    moved = (before["status"], after["status"])
    if moved == (JobStatus.AWAITING_APPROVAL, JobStatus.COMPLETED):
        return "plan_applied"
    return "cancelled" if moved[0] != moved[1] == JobStatus.CANCELLED else ""


def _grant_verb(before: Values | None, after: Values) -> str:
    return "connected" if before is None or before["authorized_at"] != after["authorized_at"] else ""


def _alert_verb(before: Values | None, after: Values) -> str:
    """They open and resolve by themselves; people acknowledge."""
    acknowledged = before is not None and not before["acknowledged_by"] and bool(after["acknowledged_by"])
    return "acknowledged" if acknowledged else ""


audit.watch(
    Integration,
    "integration",
    (
        "name", "type", "status", "base_url", "auth_type", "settings", "sync_direction", "sync_frequency", "data_types",
        "conflict_strategy", "merge_rules", "on_external_delete", "on_local_delete", "account_id",
    ),
    secrets=("credentials", "webhook_secret"),
    organization=lambda row: row.organization_id,
)  # fmt: skip
audit.watch(
    FieldMapping,
    "mapping",
    ("resource_type", "version", "document"),
    organization=lambda row: row.integration.organization_id,
)
audit.watch(
    OAuthGrant,
    "sign_in",
    ("state", "scopes", "subject", "authorized_by", "authorized_at"),
    secrets=("tokens",),
    organization=lambda row: row.integration.organization_id,
    verb=_grant_verb,
)
audit.watch(
    JobExecution,
    "run",
    ("job_type", "status", "cause", "options"),
    organization=lambda row: row.integration.organization_id if row.integration else None,
    verb=_run_verb,
)
audit.watch(
    AlertRule,
    "alert_rule",
    (
        "name", "enabled", "metric", "operator", "threshold", "window_minutes", "frequency", "severity", "channels",
        "cooldown",
    ),
    secrets=("slack_webhook",),
    organization=lambda row: row.organization_id,
)  # fmt: skip
audit.watch(
    Alert,
    "alert",
    ("name", "status", "acknowledged_by"),
    organization=lambda row: row.integration.organization_id,
    verb=_alert_verb,
)
