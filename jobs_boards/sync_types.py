"""The types that jobs and boards bring. Data only."""

from __future__ import annotations

from records.catalog import Kind, SyncField, SyncType
from records.sync_types import ADDRESS

from . import cleaning
from .models import (
    Board,
    BoardColumn,
    BoardGroup,
    Branch,
    BusinessUnit,
    CrewMember,
    Employee,
    Item,
    Job,
    JobStatus,
    SalesPerson,
)

PERSON = (
    SyncField("name", "name", Kind.TEXT, required=True),
    SyncField("email", "email", Kind.TEXT),
    SyncField("phone", "phone", Kind.TEXT),
    SyncField("telegramId", "telegram_id", Kind.TEXT),
    SyncField("branchId", "branch_id", Kind.REFERENCE, reference="branch"),
    SyncField("active", "active", Kind.BOOLEAN),
)

BRANCH = SyncType(
    "branch",
    Branch,
    "Branch",
    "BRANCHES",
    fields=(SyncField("name", "name", Kind.TEXT, required=True), SyncField("phone", "phone", Kind.TEXT), *ADDRESS),
    match_keys=("name",),
)

BUSINESS_UNIT = SyncType(
    "business_unit",
    BusinessUnit,
    "Business unit",
    "BUSINESS_UNITS",
    fields=(SyncField("name", "name", Kind.TEXT, required=True),),
    match_keys=("name",),
)

EMPLOYEE = SyncType(
    "employee",
    Employee,
    "Employee",
    "EMPLOYEES",
    fields=(
        *PERSON,
        SyncField("role", "role", Kind.TEXT),
        SyncField("hiredOn", "hired_on", Kind.DATE),
        SyncField("memberId", "member_id", Kind.REFERENCE, reference="member"),
    ),
    match_keys=("email",),
)

CREW_MEMBER = SyncType(
    "crew_member",
    CrewMember,
    "Crew member",
    "EMPLOYEES",
    fields=(
        *PERSON,
        SyncField("employeeId", "employee_id", Kind.REFERENCE, reference="employee"),
        SyncField("isLeader", "is_leader", Kind.BOOLEAN),
    ),
    match_keys=("email",),
)

SALES_PERSON = SyncType(
    "sales_person",
    SalesPerson,
    "Sales person",
    "EMPLOYEES",
    fields=(*PERSON, SyncField("employeeId", "employee_id", Kind.REFERENCE, reference="employee")),
    match_keys=("email",),
)

JOB_STATUS = SyncType(
    "job_status",
    JobStatus,
    "Job status",
    "JOB_STATUSES",
    fields=(
        SyncField("name", "name", Kind.TEXT, required=True),
        SyncField("position", "position", Kind.INTEGER),
        SyncField("color", "color", Kind.CHOICE),
        SyncField("isClosed", "is_closed", Kind.BOOLEAN),
    ),
    match_keys=("name",),
    clean=cleaning.job_status,
)

JOB = SyncType(
    "job",
    Job,
    "Job",
    "JOBS",
    fields=(
        SyncField("id", "id", Kind.UUID, writable=False),
        SyncField("title", "title", Kind.TEXT, required=True),
        SyncField("number", "number", Kind.TEXT),
        SyncField("status", "status", Kind.TEXT, required=True),
        SyncField("leadTechnicianId", "lead_technician_id", Kind.REFERENCE, reference="member"),
        SyncField("crewLeaderId", "crew_leader_id", Kind.REFERENCE, reference="crew_member"),
        SyncField("salesPersonId", "sales_person_id", Kind.REFERENCE, reference="sales_person"),
        SyncField("contactId", "contact_id", Kind.REFERENCE, reference="contact"),
        *ADDRESS,
        SyncField("branchId", "branch_id", Kind.REFERENCE, reference="branch"),
        SyncField("businessUnitId", "business_unit_id", Kind.REFERENCE, reference="business_unit"),
        SyncField("scheduledStart", "scheduled_start", Kind.DATETIME),
        SyncField("scheduledEnd", "scheduled_end", Kind.DATETIME),
        SyncField("notes", "notes", Kind.TEXT),
        SyncField("estimatedAmount", "estimated_amount", Kind.DECIMAL),
        SyncField("contractAmount", "contract_amount", Kind.DECIMAL),
        SyncField("paidAmount", "paid_amount", Kind.DECIMAL),
        SyncField("createdAt", "created_at", Kind.DATETIME, writable=False),
    ),
    match_keys=("number",),
    aliases={"leadTechId": "leadTechnicianId"},
)

BOARD = SyncType(
    "board",
    Board,
    "Board",
    "BOARDS",
    fields=(
        SyncField("name", "name", Kind.TEXT, required=True),
        SyncField("description", "description", Kind.TEXT),
    ),
    match_keys=("name",),
)

BOARD_GROUP = SyncType(
    "board_group",
    BoardGroup,
    "Board group",
    "BOARDS",
    fields=(
        SyncField("boardId", "board_id", Kind.REFERENCE, reference="board", required=True),
        SyncField("name", "name", Kind.TEXT, required=True),
        SyncField("position", "position", Kind.INTEGER),
    ),
)

BOARD_COLUMN = SyncType(
    "board_column",
    BoardColumn,
    "Board column",
    "BOARDS",
    fields=(
        SyncField("boardId", "board_id", Kind.REFERENCE, reference="board", required=True),
        SyncField("key", "key", Kind.TEXT, required=True),
        SyncField("title", "title", Kind.TEXT, required=True),
        SyncField("kind", "kind", Kind.CHOICE, required=True),
        SyncField("settings", "settings", Kind.JSON),
        SyncField("position", "position", Kind.INTEGER),
        SyncField("main", "main", Kind.BOOLEAN),
    ),
    clean=cleaning.board_column,
)

ITEM = SyncType(
    "item",
    Item,
    "Item",
    "ITEMS",
    fields=(
        SyncField("boardId", "board_id", Kind.REFERENCE, reference="board", required=True),
        SyncField("groupId", "group_id", Kind.REFERENCE, reference="board_group"),
        SyncField("name", "name", Kind.TEXT, required=True),
        SyncField("status", "status", Kind.TEXT),
        SyncField("personId", "person_id", Kind.REFERENCE, reference="member"),
        SyncField("date", "date", Kind.DATE),
        SyncField("jobId", "job_id", Kind.UUID),
        SyncField("position", "position", Kind.INTEGER),
        SyncField("columnValues", "column_values", Kind.JSON),
    ),
    clean=cleaning.item,
    mirrors=(("boards", "job"),),
    home="boardId",
)

ALL = (
    BRANCH,
    BUSINESS_UNIT,
    EMPLOYEE,
    CREW_MEMBER,
    SALES_PERSON,
    JOB_STATUS,
    JOB,
    BOARD,
    BOARD_GROUP,
    BOARD_COLUMN,
    ITEM,
)
