"""R1's enumerations, member for member; the product-named directions have neutral names."""

from django.db.models import TextChoices


class IntegrationStatus(TextChoices):
    ACTIVE = "ACTIVE", "Active"
    PAUSED = "PAUSED", "Paused"
    ERROR = "ERROR", "Error"
    DEGRADED = "DEGRADED", "Degraded"
    DISABLED = "DISABLED", "Disabled"


RUNNABLE = (IntegrationStatus.ACTIVE, IntegrationStatus.DEGRADED)
"""In these an integration runs by itself."""


class AuthenticationType(TextChoices):
    API_KEY = "API_KEY", "API key"
    OAUTH2 = "OAUTH2", "OAuth 2"
    BASIC_AUTH = "BASIC_AUTH", "User and password"
    BEARER_TOKEN = "BEARER_TOKEN", "Bearer token"
    NONE = "NONE", "No credentials"


class SyncDirection(TextChoices):
    BIDIRECTIONAL = "BIDIRECTIONAL", "Both ways"
    EXTERNAL_TO_LOCAL = "EXTERNAL_TO_LOCAL", "From the tool into Lockstep"
    LOCAL_TO_EXTERNAL = "LOCAL_TO_EXTERNAL", "From Lockstep into the tool"


class SyncFrequency(TextChoices):
    REALTIME = "REALTIME", "Real time (webhooks)"
    EVERY_15MIN = "EVERY_15MIN", "Every 15 minutes"
    HOURLY = "HOURLY", "Hourly"
    DAILY = "DAILY", "Daily"
    WEEKLY = "WEEKLY", "Weekly"
    MANUAL = "MANUAL", "By hand only"


class ConflictStrategy(TextChoices):
    LATEST_WINS = "LATEST_WINS", "The later edit wins"
    EXTERNAL_WINS = "EXTERNAL_WINS", "The tool wins"
    LOCAL_WINS = "LOCAL_WINS", "Lockstep wins"
    MANUAL_REVIEW = "MANUAL_REVIEW", "A person decides"
    CUSTOM_MERGE = "CUSTOM_MERGE", "Rules per field"


class DeletePolicy(TextChoices):
    """What a believed delete on one side does on the other (DESIGN section 5)."""

    ARCHIVE = "ARCHIVE", "Archive on the other side"
    PROPAGATE = "PROPAGATE", "Delete on the other side"
    UNLINK = "UNLINK", "Keep the other one, forget the link"
    RESTORE = "RESTORE", "Create it again from the other side"
    ASK = "ASK", "Ask a person"


class MappingStatus(TextChoices):
    SYNCED = "SYNCED", "In sync"
    PENDING_SYNC = "PENDING_SYNC", "On its way"
    ERROR = "ERROR", "Parked with a reason"
    CONFLICT = "CONFLICT", "Waiting for a decision"
    DELETED = "DELETED", "Deleted on both sides"


class SyncOperation(TextChoices):
    CREATE = "CREATE", "Create"
    UPDATE = "UPDATE", "Update"
    DELETE = "DELETE", "Delete"
    BULK_SYNC = "BULK_SYNC", "Bulk sync"
    WEBHOOK_RECEIVED = "WEBHOOK_RECEIVED", "Webhook received"


class SyncStatus(TextChoices):
    SUCCESS = "SUCCESS", "Success"
    PARTIAL_SUCCESS = "PARTIAL_SUCCESS", "Partial success"
    FAILED = "FAILED", "Failed"
    CONFLICT_RESOLVED = "CONFLICT_RESOLVED", "Conflict resolved"
    CONFLICT_PENDING = "CONFLICT_PENDING", "Conflict pending"


class JobType(TextChoices):
    SCHEDULED_SYNC = "SCHEDULED_SYNC", "Scheduled sync"
    MANUAL_SYNC = "MANUAL_SYNC", "Manual sync"
    INITIAL_IMPORT = "INITIAL_IMPORT", "Initial import"
    WEBHOOK_BATCH = "WEBHOOK_BATCH", "Webhook batch"
    RETRY = "RETRY", "Retry"
    ROLLBACK = "ROLLBACK", "Rollback of a run"
    DECISIONS = "DECISIONS", "Decisions on conflicts"


class JobStatus(TextChoices):
    PENDING = "PENDING", "Pending"
    RUNNING = "RUNNING", "Running"
    AWAITING_APPROVAL = "AWAITING_APPROVAL", "Waiting for approval"
    COMPLETED = "COMPLETED", "Completed"
    FAILED = "FAILED", "Failed"
    CANCELLED = "CANCELLED", "Cancelled"
