"""What the console's pages share: one's own organizations only, no full counts, JSON that people can read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from integrations.models import Integration
from records.models import Organization
from records.roles import organizations_of

COUNTED = 1_000
"""Counts and pages of big tables end here: further on, filters lead faster."""

if TYPE_CHECKING:
    from django.db.models import Model


def integrations_of(request: HttpRequest) -> QuerySet[Integration]:
    return Integration.objects.filter(organization__in=organizations_of(request))


def counted(rows: QuerySet[Any]) -> str:
    """How many, without counting a big table to its end."""
    number = rows.order_by()[: COUNTED + 1].count()
    return f"more than {COUNTED:,}" if number > COUNTED else f"{number:,}"


def readable(value: Any) -> SafeString:
    """JSON as a person reads it, escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=isinstance(value, Mapping), default=str)
    return format_html('<pre style="white-space: pre-wrap">{}</pre>', text)


class CappedPaginator(Paginator):
    """Never counts beyond what anybody turns pages through."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        return rows.order_by()[:COUNTED].count() if isinstance(rows, QuerySet) else len(rows)


class IntegrationFilter(admin.SimpleListFilter):
    """By integration, offering those of one's own organizations."""

    title = "integration"
    parameter_name = "integration"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = integrations_of(request).order_by("name").values_list("pk", "name")[:200]
        return [(str(pk), name) for pk, name in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(integration_id=chosen) if chosen in dict(self.lookup_choices) else queryset


class OwnOrganizations(ModelAdmin):
    """Pages of what belongs to an organization. `organization_path` leads from the model to it."""

    organization_path: ClassVar[str] = "integration__organization"
    show_full_result_count = False
    paginator = CappedPaginator
    list_per_page = 50
    list_select_related: tuple[str, ...] = ("integration",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        return rows.filter(**{f"{self.organization_path}__in": organizations_of(request)})

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Nobody chooses what is not theirs."""
        own = {Organization: organizations_of, Integration: integrations_of}.get(db_field.related_model)
        if own is not None:
            kwargs["queryset"] = own(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ReadOnly(OwnOrganizations):
    """What the engine writes: to be looked at."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
