"""R1's enumerations, member for member; the product-named directions have neutral names."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class IntegrationStatus(TextChoices):
    ACTIVE = "ACTIVE", _("Active")
    PAUSED = "PAUSED", _("Paused")
    ERROR = "ERROR", _("Error")
    DEGRADED = "DEGRADED", _("Degraded")
    DISABLED = "DISABLED", _("Disabled")


RUNNABLE = (IntegrationStatus.ACTIVE, IntegrationStatus.DEGRADED)
"""In these an integration runs by itself."""


class AuthenticationType(TextChoices):
    API_KEY = "API_KEY", _("API key")
    OAUTH2 = "OAUTH2", _("OAuth 2")
    BASIC_AUTH = "BASIC_AUTH", _("User and password")
    BEARER_TOKEN = "BEARER_TOKEN", _("Bearer token")
    NONE = "NONE", _("No credentials")


class SyncDirection(TextChoices):
    BIDIRECTIONAL = "BIDIRECTIONAL", _("Both ways")
    EXTERNAL_TO_LOCAL = "EXTERNAL_TO_LOCAL", _("From the tool into Lockstep")
    LOCAL_TO_EXTERNAL = "LOCAL_TO_EXTERNAL", _("From Lockstep into the tool")


class SyncFrequency(TextChoices):
    REALTIME = "REALTIME", _("Real time (webhooks)")
    EVERY_15MIN = "EVERY_15MIN", _("Every 15 minutes")
    HOURLY = "HOURLY", _("Hourly")
    DAILY = "DAILY", _("Daily")
    WEEKLY = "WEEKLY", _("Weekly")
    MANUAL = "MANUAL", _("By hand only")


class ConflictStrategy(TextChoices):
    LATEST_WINS = "LATEST_WINS", _("The later edit wins")
    EXTERNAL_WINS = "EXTERNAL_WINS", _("The tool wins")
    LOCAL_WINS = "LOCAL_WINS", _("Lockstep wins")
    MANUAL_REVIEW = "MANUAL_REVIEW", _("A person decides")
    CUSTOM_MERGE = "CUSTOM_MERGE", _("Rules per field")


class DeletePolicy(TextChoices):
    """What a believed delete on one side does on the other (DESIGN section 5)."""

    ARCHIVE = "ARCHIVE", _("Archive on the other side")
    PROPAGATE = "PROPAGATE", _("Delete on the other side")
    UNLINK = "UNLINK", _("Keep the other one, forget the link")
    RESTORE = "RESTORE", _("Create it again from the other side")
    ASK = "ASK", _("Ask a person")


class MappingStatus(TextChoices):
    SYNCED = "SYNCED", _("In sync")
    PENDING_SYNC = "PENDING_SYNC", _("On its way")
    ERROR = "ERROR", _("Parked with a reason")
    CONFLICT = "CONFLICT", _("Waiting for a decision")
    DELETED = "DELETED", _("Deleted on both sides")


class SyncOperation(TextChoices):
    CREATE = "CREATE", _("Create")
    UPDATE = "UPDATE", _("Update")
    DELETE = "DELETE", _("Delete")
    BULK_SYNC = "BULK_SYNC", _("Bulk sync")
    WEBHOOK_RECEIVED = "WEBHOOK_RECEIVED", _("Webhook received")


class SyncStatus(TextChoices):
    SUCCESS = "SUCCESS", _("Success")
    PARTIAL_SUCCESS = "PARTIAL_SUCCESS", _("Partial success")
    FAILED = "FAILED", _("Failed")
    CONFLICT_RESOLVED = "CONFLICT_RESOLVED", _("Conflict resolved")
    CONFLICT_PENDING = "CONFLICT_PENDING", _("Conflict pending")


class JobType(TextChoices):
    SCHEDULED_SYNC = "SCHEDULED_SYNC", _("Scheduled sync")
    MANUAL_SYNC = "MANUAL_SYNC", _("Manual sync")
    INITIAL_IMPORT = "INITIAL_IMPORT", _("Initial import")
    WEBHOOK_BATCH = "WEBHOOK_BATCH", _("Webhook batch")
    RETRY = "RETRY", _("Retry")
    ROLLBACK = "ROLLBACK", _("Rollback of a run")
    DECISIONS = "DECISIONS", _("Decisions on conflicts")


class JobStatus(TextChoices):
    PENDING = "PENDING", _("Pending")
    RUNNING = "RUNNING", _("Running")
    AWAITING_APPROVAL = "AWAITING_APPROVAL", _("Waiting for approval")
    COMPLETED = "COMPLETED", _("Completed")
    FAILED = "FAILED", _("Failed")
    CANCELLED = "CANCELLED", _("Cancelled")
