"""The console's pages of integrations: settings to be changed, and what the engine wrote to be looked at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from connectors.base.errors import ConnectorError
from integrations.console import IntegrationFilter, OwnOrganizations, ReadOnly, counted, readable
from integrations.enums import IntegrationStatus
from integrations.forms import FieldMappingForm, IntegrationForm
from integrations.models import (
    FieldMapping,
    Integration,
    IntegrationMapping,
    JobExecution,
    ParkedRecord,
    PendingChange,
    PlanStep,
    SyncLog,
)
from integrations.oauth.providers import needs_person
from integrations.oauth.tokens import NOT_YET
from integrations.services import save_mapping, save_starter_mappings

SHOWN_STEPS = 50


@admin.register(Integration)
class IntegrationAdmin(OwnOrganizations):
    form = IntegrationForm
    organization_path = "organization"
    list_display = ("name", "organization", "type", "status", "sync_direction", "sync_frequency", "last_sync_at")
    list_filter = ("status", "type", "sync_direction")
    list_select_related = ("organization",)
    search_fields = ("name",)
    actions: tuple[str, ...] = ("pause", "resume")
    readonly_fields: tuple[str, ...] = (
        "status", "stored_credentials", "linked", "waiting", "open_conflicts", "parked_records", "webhook_endpoint",
        "last_sync_at", "last_success_at", "last_error_at", "last_error_message", "account_id",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": ("organization", "name", "type", "status")}),
        ("Connection", {"fields": ("base_url", "auth_type", "stored_credentials", "new_credentials", "settings")}),
        ("What moves", {"fields": ("data_types", "sync_direction", "sync_frequency")}),
        (
            "When both sides change",
            {"fields": ("conflict_strategy", "merge_rules", "on_external_delete", "on_local_delete")},
        ),
        ("How it is", {"fields": ("linked", "waiting", "open_conflicts", "parked_records", "webhook_endpoint")}),
        (
            "Last run",
            {"fields": ("last_sync_at", "last_success_at", "last_error_at", "last_error_message", "account_id")},
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Integration | None = None) -> tuple[str, ...]:
        """An integration stays with its organization and its provider: links and bases belong to them."""
        return (*self.readonly_fields, "organization", "type") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Integration, form: Any, change: bool) -> None:
        if not change and _waits_for_sign_in(obj):
            obj.status, obj.last_error_message = IntegrationStatus.ERROR, NOT_YET
        super().save_model(request, obj, form, change)
        if not change:
            save_starter_mappings(obj, created_by=request.user.get_username())

    @admin.display(description="stored credentials")
    def stored_credentials(self, obj: Integration) -> str:
        """Which there are, never what they are."""
        return ", ".join(sorted(obj.credentials)) or "none"

    @admin.display(description="linked records")
    def linked(self, obj: Integration) -> str:
        return counted(obj.mappings.all())

    @admin.display(description="waiting to be written")
    def waiting(self, obj: Integration) -> str:
        return counted(obj.pending.all())

    @admin.display(description="open conflicts")
    def open_conflicts(self, obj: Integration) -> str:
        return counted(obj.conflicts.filter(status="PENDING"))

    @admin.display(description="parked records")
    def parked_records(self, obj: Integration) -> str:
        return counted(obj.parked.all())

    @admin.action(description="Pause", permissions=("change",))
    def pause(self, request: HttpRequest, queryset: QuerySet[Integration]) -> None:
        number = _set_status(queryset.exclude(status=IntegrationStatus.DISABLED), IntegrationStatus.PAUSED)
        messages.success(request, f"{number} paused. Changes made here meanwhile wait and are not lost.")

    @admin.action(description="Resume", permissions=("change",))
    def resume(self, request: HttpRequest, queryset: QuerySet[Integration]) -> None:
        number = _set_status(queryset.exclude(status=IntegrationStatus.ACTIVE), IntegrationStatus.ACTIVE)
        messages.success(request, f"{number} active again.")


def _waits_for_sign_in(integration: Integration) -> bool:
    try:
        return needs_person(integration)
    except ConnectorError:  # told when it is tested
        return False


def _set_status(chosen: QuerySet[Integration], status: str) -> int:
    """One by one, so that the change is told and kept in the audit log."""
    found = list(chosen)
    for integration in found:
        integration.status = status
        integration.save(update_fields=["status", "updated_at"])
    return len(found)


@admin.register(FieldMapping)
class FieldMappingAdmin(OwnOrganizations):
    """Saving makes a new version; older ones are kept and can be saved again."""

    form = FieldMappingForm
    list_display = ("integration", "resource_type", "version", "created_by", "created_at")
    list_filter = (IntegrationFilter, "resource_type")
    readonly_fields = ("version", "created_by", "created_at")
    fields = ("integration", "resource_type", "version", "text", "created_by", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: FieldMapping | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "integration", "resource_type") if obj else self.readonly_fields

    def has_delete_permission(self, request: HttpRequest, obj: FieldMapping | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: FieldMapping, form: Any, change: bool) -> None:
        saved = save_mapping(obj.integration, obj.resource_type, obj.document, created_by=request.user.get_username())
        obj.pk, obj.version = saved.pk, saved.version
        messages.info(request, f"Version {saved.version} is in force; the next run reads everything again under it.")


@admin.register(IntegrationMapping)
class IntegrationMappingAdmin(ReadOnly):
    """A link: what both sides last agreed on, and who set it."""

    list_display = ("resource_type", "internal_id", "external_id", "sync_status", "last_synced_at", "integration")
    list_filter = (IntegrationFilter, "sync_status", "resource_type")
    search_fields = ("=external_id", "=internal_id")
    ordering = ("-id",)
    fields = (
        "integration", "resource_type", "internal_id", "external_id", "sync_status", "reason", "agreed_here",
        "agreed_there", "who_set_it", "external_updated_at", "missing_since", "last_synced_at", "created_at",
    )  # fmt: skip
    readonly_fields = ("agreed_here", "agreed_there", "who_set_it")

    @admin.display(description="agreed, in our form")
    def agreed_here(self, obj: IntegrationMapping) -> SafeString:
        return readable(obj.local_base)

    @admin.display(description="agreed, in the provider's form")
    def agreed_there(self, obj: IntegrationMapping) -> SafeString:
        return readable(obj.external_base)

    @admin.display(description="who or what set each field (* = all others)")
    def who_set_it(self, obj: IntegrationMapping) -> SafeString:
        return readable(obj.provenance)


@admin.register(JobExecution)
class JobExecutionAdmin(ReadOnly):
    list_display = (
        "started_at", "integration", "job_type", "status", "total_records", "success_count", "error_count",
        "conflict_count", "duration_ms",
    )  # fmt: skip
    list_filter = (IntegrationFilter, "status", "job_type")
    ordering = ("-started_at",)
    fields = (
        "integration", "job_type", "status", "cause", "started_at", "completed_at", "duration_ms", "scheduled_for",
        "total_records", "success_count", "error_count", "conflict_count", "all_counters", "error_message",
        "asked_for", "planned_steps",
    )  # fmt: skip
    readonly_fields = ("all_counters", "asked_for", "planned_steps")

    @admin.display(description="counters")
    def all_counters(self, obj: JobExecution) -> SafeString:
        return readable(obj.counters)

    @admin.display(description="options")
    def asked_for(self, obj: JobExecution) -> SafeString:
        return readable(obj.options)

    @admin.display(description="plan")
    def planned_steps(self, obj: JobExecution) -> SafeString | str:
        """The first steps, and the way to all of them."""
        steps = obj.steps.order_by("id")[:SHOWN_STEPS]
        rows = format_html_join(
            "", "<li>{} {} {}: {}</li>", ((s.action, s.resource_type, s.label or s.external_id, s.state) for s in steps)
        )
        if not rows:
            return "no steps"
        address = f"{reverse('admin:integrations_planstep_changelist')}?run__id__exact={obj.pk}"
        return format_html('<ul>{}</ul><a href="{}">all steps</a>', rows, address)


@admin.register(PlanStep)
class PlanStepAdmin(ReadOnly):
    organization_path = "run__integration__organization"
    list_display = ("action", "resource_type", "label", "internal_id", "external_id", "state", "detail")
    list_filter = ("action", "state")
    list_select_related = ()
    ordering = ("id",)
    fields = ("run", "action", "resource_type", "label", "internal_id", "external_id", "state", "detail", "change")
    readonly_fields = ("change",)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup == "run__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description="before and after")
    def change(self, obj: PlanStep) -> SafeString:
        return readable({"before": obj.before, "after": obj.after})


@admin.register(SyncLog)
class SyncLogAdmin(ReadOnly):
    list_display = (
        "created_at", "integration", "operation", "direction", "resource_type", "resource_id", "status",
        "error_message",
    )  # fmt: skip
    list_filter = (IntegrationFilter, "status", "operation", "direction", "resource_type")
    search_fields = ("=resource_id",)
    ordering = ("-id",)
    fields = (
        "created_at", "integration", "run", "operation", "direction", "resource_type", "resource_id", "external_id",
        "status", "cause", "failure", "error_message", "http_status", "duration_ms", "shown_before", "shown_after",
    )  # fmt: skip
    readonly_fields = ("shown_before", "shown_after")

    @admin.display(description="before")
    def shown_before(self, obj: SyncLog) -> SafeString:
        return readable(obj.before)

    @admin.display(description="after")
    def shown_after(self, obj: SyncLog) -> SafeString:
        return readable(obj.after)


@admin.register(ParkedRecord)
class ParkedRecordAdmin(ReadOnly):
    list_display = ("resource_type", "side", "record_id", "kind", "reason", "last_seen_at", "integration")
    list_filter = (IntegrationFilter, "side", "kind", "resource_type")
    search_fields = ("=record_id",)
    ordering = ("-id",)


@admin.register(PendingChange)
class PendingChangeAdmin(ReadOnly):
    list_display = ("resource_type", "internal_id", "attempts", "not_before", "reason", "created_at", "integration")
    list_filter = (IntegrationFilter, "resource_type")
    search_fields = ("=internal_id",)
    ordering = ("id",)
