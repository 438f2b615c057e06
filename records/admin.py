"""The console's pages of records. Writes are recorded as made by the person who is signed in."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.formats import number_format
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action

from .api.files import as_file, as_pdf
from .audit.export import PDF_MOST, lines
from .models import (
    AuditEntry,
    Committee,
    CommitteeMember,
    Contact,
    Event,
    LocalChange,
    Location,
    Member,
    Membership,
    Organization,
    ParticipationLog,
    Task,
)
from .models.synced_record import SyncedRecord
from .origins import Origin, writing_as
from .roles import manages, organizations_of


def origin_of(request: HttpRequest) -> Origin:
    user = request.user
    return Origin("user", str(user.pk), user.get_username())


class AliveFilter(admin.SimpleListFilter):
    """Shows living records unless asked otherwise."""

    title = "deleted"
    parameter_name = "deleted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Deleted"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(deleted_at__isnull=self.value() != "yes")


class OrganizationFilter(admin.SimpleListFilter):
    """Offers those that the viewer belongs to, and names no others."""

    title = "organization"
    parameter_name = "organization"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        own = organizations_of(request).order_by("name").values_list("pk", "name")[:200]
        return [(str(pk), name) for pk, name in own]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(organization_id=chosen) if chosen in dict(self.lookup_choices) else queryset


class SyncedRecordAdmin(ModelAdmin):
    """Records of one's own organizations, for stewards as for whoever has Django's permission. No full counts; a page
    is found by the index of (organization, updated_at, id)."""

    show_full_result_count = False
    list_per_page = 50
    ordering: tuple[str, ...] = ("organization", "-updated_at", "-id")
    readonly_fields = ("id", "created_at", "updated_at", "deleted_at", "last_external_sync_at")
    list_select_related: tuple[str, ...] = ("organization",)
    actions = ("restore_selected",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = self.model.all_objects.all()
        return found if request.user.is_superuser else found.filter(organization__in=organizations_of(request))

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [OrganizationFilter if one == "organization" else one for one in super().get_list_filter(request)]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Nobody chooses what is not theirs."""
        related = db_field.related_model
        if related is Organization:
            kwargs["queryset"] = organizations_of(request)
        elif not request.user.is_superuser and issubclass(related, SyncedRecord):
            kwargs["queryset"] = related._default_manager.filter(organization__in=organizations_of(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return manages(request) or super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return manages(request) or super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return manages(request) or super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return manages(request) or super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return manages(request) or super().has_delete_permission(request, obj)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with writing_as(origin_of(request)):
            return super().changelist_view(request, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with writing_as(origin_of(request)):
            return super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with writing_as(origin_of(request)):
            return super().delete_view(request, *args, **kwargs)

    @admin.action(description="Restore selected records")
    def restore_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for record in queryset.filter(deleted_at__isnull=False):
            record.restore()


class MembershipInline(TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Organization)
class OrganizationAdmin(ModelAdmin):
    list_display = ("name", "slug", "created_at")
    search_fields = ("name", "slug")
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        return organizations_of(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A steward chooses the organization of a record; only Django's permission lets anybody change one."""
        return manages(request) or super().has_view_permission(request, obj)


@admin.register(Member)
class MemberAdmin(SyncedRecordAdmin):
    list_display = ("name", "email", "role", "external_sync_enabled", "updated_at")
    list_filter = (AliveFilter, "organization", "external_sync_enabled")
    search_fields = ("name", "email")
    autocomplete_fields = ("organization", "user")


@admin.register(Contact)
class ContactAdmin(SyncedRecordAdmin):
    list_display = ("__str__", "email", "phone", "company", "updated_at")
    list_filter = (AliveFilter, "organization")
    search_fields = ("first_name", "last_name", "email", "company")
    autocomplete_fields = ("organization",)


@admin.register(Location)
class LocationAdmin(SyncedRecordAdmin):
    list_display = ("name", "city", "contact", "updated_at")
    list_select_related = ("contact",)
    list_filter = (AliveFilter, "organization")
    search_fields = ("name", "city", "address_line1")
    autocomplete_fields = ("organization", "contact")


@admin.register(Committee)
class CommitteeAdmin(SyncedRecordAdmin):
    list_display = ("name", "updated_at")
    list_filter = (AliveFilter, "organization")
    search_fields = ("name",)
    autocomplete_fields = ("organization",)


@admin.register(CommitteeMember)
class CommitteeMemberAdmin(SyncedRecordAdmin):
    list_display = ("member", "committee", "role", "joined_on")
    list_select_related = ("member", "committee")
    list_filter = (AliveFilter, "organization")
    search_fields = ("member__name", "committee__name")
    autocomplete_fields = ("organization", "member", "committee")


@admin.register(Task)
class TaskAdmin(SyncedRecordAdmin):
    list_display = ("title", "status", "priority", "due_date", "assignee", "updated_at")
    list_select_related = ("assignee",)
    list_filter = (AliveFilter, "organization", "status", "priority")
    search_fields = ("title", "project")
    autocomplete_fields = ("organization", "assignee", "parent")


@admin.register(ParticipationLog)
class ParticipationLogAdmin(SyncedRecordAdmin):
    list_display = ("description", "member", "date", "minutes", "billable", "updated_at")
    list_select_related = ("member",)
    list_filter = (AliveFilter, "organization", "billable")
    search_fields = ("description", "project")
    autocomplete_fields = ("organization", "member", "task")


@admin.register(Event)
class EventAdmin(SyncedRecordAdmin):
    list_display = ("title", "kind", "starts_at", "ends_at", "status")
    list_filter = (AliveFilter, "organization", "kind", "status")
    search_fields = ("title", "location")
    autocomplete_fields = ("organization",)


class ReadOnlyAdmin(ModelAdmin):
    """To be looked at, however big the table."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _newest_as_pdf() -> str:
    """Names the bound of the file, in the reader's way of writing numbers."""
    return gettext("The newest %(most)s as PDF") % {"most": number_format(PDF_MOST, force_grouping=True)}


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Stewards read what was done in their organizations, and take it away as a file."""

    actions_list = ("as_csv", "as_pdf")
    list_display = ("at", "actor", "via", "action", "target", "address")
    list_filter = ("via", "target_type")
    search_fields = ("=actor", "=target_id", "target")
    fields = ("at", "actor", "via", "address", "action", "target_type", "target_id", "target", "was", "became")
    readonly_fields = ("was", "became")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        found = super().get_queryset(request)
        if request.user.is_superuser:
            return found
        return found.filter(organization_id__in=organizations_of(request).values("pk"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or manages(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or manages(request)

    @action(description=gettext_lazy("All as CSV"), url_path="as-csv")
    def as_csv(self, request: HttpRequest) -> HttpResponseBase:
        """All entries, streamed."""
        self._may(request)
        return as_file(lines(self.get_queryset(request)), "lockstep-audit")

    @action(description=lazy(_newest_as_pdf, str)(), url_path="as-pdf")
    def as_pdf(self, request: HttpRequest) -> HttpResponseBase:
        """The newest entries, to be printed or filed."""
        from records.audit import pdf  # fonts, which nobody else needs in memory

        self._may(request)
        return as_pdf(pdf.document(self.get_queryset(request)), "lockstep-audit")

    def _may(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    @admin.display(description="before")
    def was(self, obj: AuditEntry) -> str:
        return _readable(obj.before)

    @admin.display(description="after")
    def became(self, obj: AuditEntry) -> str:
        return _readable(obj.after)


def _readable(value: Any) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
    return format_html('<pre style="white-space: pre-wrap">{}</pre>', text) if value else "-"


@admin.register(LocalChange)
class LocalChangeAdmin(ReadOnlyAdmin):
    """To be read only: the outbox is written with the records."""

    list_display = ("id", "action", "resource_type", "record_id", "fields", "origin_kind", "actor", "distributed_at")
    list_filter = ("resource_type", "action", "origin_kind")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LocalChange]:
        found = super().get_queryset(request)
        return found if request.user.is_superuser else found.filter(organization__in=organizations_of(request))
