"""Organizations and their records."""

from .api_token import ApiToken
from .audit_entry import AuditEntry
from .committee import Committee, CommitteeMember
from .contact import Contact
from .event import Event
from .local_change import LocalChange
from .location import Location
from .member import Member
from .organization import Membership, Organization
from .participation_log import ParticipationLog
from .preference import Preference
from .synced_record import SyncedRecord
from .task import Task

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Committee",
    "CommitteeMember",
    "Contact",
    "Event",
    "LocalChange",
    "Location",
    "Member",
    "Membership",
    "Organization",
    "ParticipationLog",
    "Preference",
    "SyncedRecord",
    "Task",
]
