"""What is kept of people's doings with rules and outgoing webhooks."""

from __future__ import annotations

from automations.models import Hook, Rule
from records import audit

audit.watch(
    Rule,
    "rule",
    ("name", "description", "enabled", "document", "max_per_minute"),
    organization=lambda row: row.organization_id,
)
audit.watch(
    Hook,
    "outgoing_webhook",
    ("description", "url_hint", "events", "conditions", "skip_own", "status"),
    secrets=("url", "secret"),
    organization=lambda row: row.organization_id,
)
