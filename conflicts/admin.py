"""The console's page of conflicts: what stood, what we have, what they have, side by side."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from integrations.console import IntegrationFilter, OwnOrganizations, readable

from .models import ConflictResolution


@admin.register(ConflictResolution)
class ConflictResolutionAdmin(OwnOrganizations):
    list_display = (
        "resource_type", "resource_id", "kind", "fields_in_conflict", "status", "integration", "created_at",
        "resolved_by",
    )  # fmt: skip
    list_filter = ("status", IntegrationFilter, "kind", "resource_type")
    search_fields = ("=resource_id", "=external_id")
    readonly_fields = (
        "integration", "resource_type", "resource_id", "external_id", "kind", "status", "conflict_reason",
        "side_by_side", "local_changed_at", "external_changed_at", "decision", "resolved_by", "resolved_at",
        "created_at",
    )  # fmt: skip
    fields: tuple[str, ...] = readonly_fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description="fields")
    def fields_in_conflict(self, obj: ConflictResolution) -> str:
        return ", ".join(obj.conflicted_fields)

    @admin.display(description="side by side")
    def side_by_side(self, obj: ConflictResolution) -> SafeString:
        names = obj.conflicted_fields or sorted({*obj.local_data, *obj.external_data})
        rows = format_html_join(
            "", "<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>", (_row(obj, name) for name in names)
        )
        head = "<tr><th>field</th><th>last agreed</th><th>here</th><th>there</th></tr>"
        return format_html(
            '<table style="width: 100%" class="conflict"><thead>' + head + "</thead><tbody>{}</tbody></table>", rows
        )

    @admin.display(description="decision")
    def decision(self, obj: ConflictResolution) -> SafeString | str:
        if obj.status == ConflictResolution.Status.PENDING:
            return "open"
        return readable({"strategy": obj.resolution_strategy, "winners": obj.winners, "values": obj.resolved_data})


def _row(obj: ConflictResolution, name: str) -> tuple[Any, ...]:
    base = readable(obj.base_data[name]) if name in obj.base_data else "never agreed"
    return name, base, readable(obj.local_data.get(name)), readable(obj.external_data.get(name))
