"""Who is connected, what is linked, what happened."""

from .alert import Alert, AlertRule
from .draft import IntegrationDraft
from .field_mapping import FieldMapping
from .health_snapshot import HealthSnapshot
from .integration import Integration
from .integration_mapping import FormerLink, IntegrationMapping
from .intent import Intent
from .job_execution import JobExecution
from .notification import Notification, NotificationOptOut
from .oauth import GrantState, OAuthAttempt, OAuthGrant
from .parked import ParkedRecord, UnresolvedLookup
from .plan import PlanStep
from .queue import ExternalChange, PendingChange
from .run_totals import RunTotals
from .sync_cursor import ListingPart, SyncCursor
from .sync_log import SyncLog
from .webhook_delivery import WebhookDelivery

__all__ = [
    "Alert",
    "AlertRule",
    "ExternalChange",
    "FieldMapping",
    "FormerLink",
    "GrantState",
    "HealthSnapshot",
    "Integration",
    "IntegrationDraft",
    "IntegrationMapping",
    "Intent",
    "JobExecution",
    "ListingPart",
    "Notification",
    "NotificationOptOut",
    "OAuthAttempt",
    "OAuthGrant",
    "ParkedRecord",
    "PendingChange",
    "PlanStep",
    "RunTotals",
    "SyncCursor",
    "SyncLog",
    "UnresolvedLookup",
    "WebhookDelivery",
]
