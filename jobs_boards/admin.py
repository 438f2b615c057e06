"""The admin's plain pages of jobs and boards. People work on the board page; these are for setting up and repair."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from records.admin import AliveFilter, OrganizationFilter, SyncedRecordAdmin
from records.roles import manages, organizations_of

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
    JobStateChange,
    JobStatus,
    SalesPerson,
)


@admin.register(Branch)
class BranchAdmin(SyncedRecordAdmin):
    list_display = ("name", "city", "phone", "updated_at")
    list_filter = (AliveFilter, "organization")
    search_fields = ("name", "city")
    autocomplete_fields = ("organization",)


@admin.register(BusinessUnit)
class BusinessUnitAdmin(SyncedRecordAdmin):
    list_display = ("name", "updated_at")
    list_filter = (AliveFilter, "organization")
    search_fields = ("name",)
    autocomplete_fields = ("organization",)


class PersonAdmin(SyncedRecordAdmin):
    list_select_related = ("branch",)
    list_filter: tuple[Any, ...] = (AliveFilter, "organization", "active")
    search_fields = ("name", "email", "phone")


@admin.register(Employee)
class EmployeeAdmin(PersonAdmin):
    list_display = ("name", "role", "email", "branch", "active", "updated_at")
    autocomplete_fields = ("organization", "branch", "member")


@admin.register(CrewMember)
class CrewMemberAdmin(PersonAdmin):
    list_display = ("name", "is_leader", "email", "branch", "active", "updated_at")
    list_filter = (AliveFilter, "organization", "active", "is_leader")
    autocomplete_fields = ("organization", "branch", "employee")


@admin.register(SalesPerson)
class SalesPersonAdmin(PersonAdmin):
    list_display = ("name", "email", "branch", "active", "updated_at")
    autocomplete_fields = ("organization", "branch", "employee")


@admin.register(JobStatus)
class JobStatusAdmin(SyncedRecordAdmin):
    list_display = ("name", "position", "color", "is_closed")
    list_filter = (AliveFilter, "organization")
    search_fields = ("name",)
    ordering = ("organization", "position")
    autocomplete_fields = ("organization",)


@admin.register(Job)
class JobAdmin(SyncedRecordAdmin):
    list_display = ("title", "number", "status", "lead_technician", "branch", "scheduled_start", "updated_at")
    list_select_related = ("lead_technician", "branch")
    list_filter = (AliveFilter, "organization", "status")
    search_fields = ("title", "number", "address_line1", "city")
    autocomplete_fields = (
        "organization",
        "lead_technician",
        "crew_leader",
        "sales_person",
        "contact",
        "branch",
        "business_unit",
    )


@admin.register(Board)
class BoardAdmin(SyncedRecordAdmin):
    list_display = ("name", "description", "updated_at")
    list_filter = (AliveFilter, "organization")
    search_fields = ("name",)
    autocomplete_fields = ("organization",)


@admin.register(BoardGroup)
class BoardGroupAdmin(SyncedRecordAdmin):
    list_display = ("name", "board", "position")
    list_select_related = ("board",)
    list_filter = (AliveFilter, "organization")
    search_fields = ("name", "board__name")
    autocomplete_fields = ("organization", "board")


@admin.register(BoardColumn)
class BoardColumnAdmin(SyncedRecordAdmin):
    list_display = ("title", "board", "kind", "key", "main", "position")
    list_select_related = ("board",)
    list_filter = (AliveFilter, "organization", "kind")
    search_fields = ("title", "key", "board__name")
    autocomplete_fields = ("organization", "board")


@admin.register(Item)
class ItemAdmin(SyncedRecordAdmin):
    list_display = ("name", "board", "status", "person", "date", "updated_at")
    list_select_related = ("board", "person")
    list_filter = (AliveFilter, "organization")
    search_fields = ("name",)
    autocomplete_fields = ("organization", "board", "group", "person")


@admin.register(JobStateChange)
class JobStateChangeAdmin(ModelAdmin):
    """To be read only: the database writes it with the job."""

    show_full_result_count = False
    list_display = ("job", "previous_status", "new_status", "changed_at", "origin_kind", "actor")
    list_select_related = ("job",)
    list_filter = (OrganizationFilter, "origin_kind")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobStateChange]:
        found = super().get_queryset(request)
        return found if request.user.is_superuser else found.filter(organization__in=organizations_of(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return manages(request) or super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return manages(request) or super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
