"""The types that `records` itself brings. Data only."""

from __future__ import annotations

from .catalog import Kind, SyncField, SyncType
from .models import Committee, CommitteeMember, Contact, Event, Location, Member, ParticipationLog, Task

ADDRESS = (
    SyncField("addressLine1", "address_line1", Kind.TEXT),
    SyncField("addressLine2", "address_line2", Kind.TEXT),
    SyncField("city", "city", Kind.TEXT),
    SyncField("region", "region", Kind.TEXT),
    SyncField("postalCode", "postal_code", Kind.TEXT),
    SyncField("country", "country", Kind.TEXT),
)

MEMBER = SyncType(
    "member",
    Member,
    "Member",
    "MEMBERS",
    fields=(
        SyncField("name", "name", Kind.TEXT, required=True),
        SyncField("email", "email", Kind.TEXT),
        SyncField("phone", "phone", Kind.TEXT),
        SyncField("role", "role", Kind.TEXT),
        SyncField("telegramId", "telegram_id", Kind.TEXT),
        SyncField("equityUnits", "equity_units", Kind.DECIMAL),
        SyncField("covenantAcceptedAt", "covenant_accepted_at", Kind.DATETIME),
    ),
    match_keys=("email",),
    aliases={"profile.totalEquityUnits": "equityUnits", "profile.phone": "phone", "profile.telegramId": "telegramId"},
)

CONTACT = SyncType(
    "contact",
    Contact,
    "Contact",
    "CONTACTS",
    fields=(
        SyncField("firstName", "first_name", Kind.TEXT),
        SyncField("lastName", "last_name", Kind.TEXT),
        SyncField("email", "email", Kind.TEXT),
        SyncField("phone", "phone", Kind.TEXT),
        SyncField("company", "company", Kind.TEXT),
        *ADDRESS,
        SyncField("tags", "tags", Kind.TAGS),
    ),
    match_keys=("email",),
)

LOCATION = SyncType(
    "location",
    Location,
    "Location",
    "LOCATIONS",
    fields=(
        SyncField("name", "name", Kind.TEXT, required=True),
        SyncField("notes", "notes", Kind.TEXT),
        SyncField("contactId", "contact_id", Kind.REFERENCE, reference="contact"),
        *ADDRESS,
    ),
    match_keys=("name",),
)

COMMITTEE = SyncType(
    "committee",
    Committee,
    "Committee",
    "COMMITTEES",
    fields=(
        SyncField("name", "name", Kind.TEXT, required=True),
        SyncField("description", "description", Kind.TEXT),
    ),
    match_keys=("name",),
)

COMMITTEE_MEMBER = SyncType(
    "committee_member",
    CommitteeMember,
    "Committee member",
    "COMMITTEES",
    fields=(
        SyncField("committeeId", "committee_id", Kind.REFERENCE, reference="committee", required=True),
        SyncField("memberId", "member_id", Kind.REFERENCE, reference="member", required=True),
        SyncField("role", "role", Kind.TEXT),
        SyncField("joinedOn", "joined_on", Kind.DATE),
    ),
)

TASK = SyncType(
    "task",
    Task,
    "Task",
    "TASKS",
    fields=(
        SyncField("title", "title", Kind.TEXT, required=True),
        SyncField("description", "description", Kind.TEXT),
        SyncField("status", "status", Kind.CHOICE),
        SyncField("priority", "priority", Kind.CHOICE),
        SyncField("startDate", "start_date", Kind.DATE),
        SyncField("dueDate", "due_date", Kind.DATE),
        SyncField("dueAt", "due_at", Kind.DATETIME),
        SyncField("assignedToId", "assignee_id", Kind.REFERENCE, reference="member"),
        SyncField("project", "project", Kind.TEXT),
        SyncField("section", "section", Kind.TEXT),
        SyncField("labels", "labels", Kind.TAGS),
        SyncField("parentId", "parent_id", Kind.REFERENCE, reference="task"),
        SyncField("completedAt", "completed_at", Kind.DATETIME),
        SyncField("externalMetadata", "external_metadata", Kind.JSON),
    ),
    match_keys=("title",),
    aliases={"assigneeId": "assignedToId"},
)

PARTICIPATION_LOG = SyncType(
    "participation_log",
    ParticipationLog,
    "Participation log",
    "PARTICIPATION_LOGS",
    fields=(
        SyncField("memberId", "member_id", Kind.REFERENCE, reference="member"),
        SyncField("taskId", "task_id", Kind.REFERENCE, reference="task"),
        SyncField("startedAt", "started_at", Kind.DATETIME),
        SyncField("endedAt", "ended_at", Kind.DATETIME),
        SyncField("minutes", "minutes", Kind.INTEGER),
        SyncField("date", "date", Kind.DATE),
        SyncField("description", "description", Kind.TEXT),
        SyncField("billable", "billable", Kind.BOOLEAN),
        SyncField("project", "project", Kind.TEXT),
        SyncField("externalSource", "external_source", Kind.TEXT),
    ),
)

EVENT = SyncType(
    "event",
    Event,
    "Event",
    "EVENTS",
    fields=(
        SyncField("kind", "kind", Kind.CHOICE),
        SyncField("title", "title", Kind.TEXT, required=True),
        SyncField("description", "description", Kind.TEXT),
        SyncField("startsAt", "starts_at", Kind.DATETIME),
        SyncField("endsAt", "ends_at", Kind.DATETIME),
        SyncField("allDay", "all_day", Kind.BOOLEAN),
        SyncField("location", "location", Kind.TEXT),
        SyncField("status", "status", Kind.CHOICE),
        SyncField("attendees", "attendees", Kind.JSON),
    ),
)

ALL = (MEMBER, CONTACT, LOCATION, COMMITTEE, COMMITTEE_MEMBER, TASK, PARTICIPATION_LOG, EVENT)
