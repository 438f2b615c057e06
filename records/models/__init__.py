"""Organizations and their records."""

from .organization import Membership, Organization
from .local_change import LocalChange
from .synced_record import SyncedRecord
from .member import Member
from .contact import Contact
from .location import Location
from .committee import Committee, CommitteeMember
from .task import Task
from .participation_log import ParticipationLog
from .event import Event

__all__ = [
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
    "SyncedRecord",
    "Task",
]
