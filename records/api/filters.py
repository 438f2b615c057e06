"""Filters of every catalogued type: `status=TODO`, `title__contains=x`, `dueDate__gte=2026-01-31`, `labels=a`."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters

from records.catalog import Kind, SyncField, SyncType

RANGES = ("gte", "lte")
RANGED: dict[Kind, type[filters.Filter]] = {
    Kind.INTEGER: filters.NumberFilter,
    Kind.DECIMAL: filters.NumberFilter,
    Kind.DATE: filters.DateFilter,
    Kind.DATETIME: filters.IsoDateTimeFilter,
}
EXACT: dict[Kind, type[filters.Filter]] = {
    Kind.BOOLEAN: filters.BooleanFilter,
    Kind.UUID: filters.UUIDFilter,
    Kind.REFERENCE: filters.UUIDFilter,
}


class RecordFilter(filters.FilterSet):
    """`deleted=true` shows the deleted ones instead of the living."""

    deleted = filters.BooleanFilter(method="by_deletion")

    def by_deletion(self, found: Any, name: str, value: bool) -> Any:
        return found

    def filter_queryset(self, queryset: Any) -> Any:
        found = super().filter_queryset(queryset)
        return found.filter(deleted_at__isnull=not self.form.cleaned_data.get("deleted"))


def filterset_of(sync_type: SyncType) -> type[RecordFilter]:
    """The filters of a type."""
    members: dict[str, Any] = {}
    for field in sync_type.fields:
        members.update(_of_field(sync_type, field))
    members |= _ranged("createdAt", "created_at", filters.IsoDateTimeFilter)
    members |= _ranged("updatedAt", "updated_at", filters.IsoDateTimeFilter)
    members["ordering"] = filters.OrderingFilter(fields=_orders(sync_type))
    meta = type("Meta", (), {"model": sync_type.model, "fields": ()})
    return type(f"{sync_type.model.__name__}Filter", (RecordFilter,), {**members, "Meta": meta})


def _of_field(sync_type: SyncType, field: SyncField) -> dict[str, filters.Filter]:
    column = sync_type.model_field(field).attname
    if field.kind is Kind.JSON:
        return {}
    if field.kind in RANGED:
        return _ranged(field.name, column, RANGED[field.kind])
    if field.kind in EXACT:
        return {field.name: EXACT[field.kind](field_name=column)}
    if field.kind is Kind.CHOICE:
        return {field.name: filters.ChoiceFilter(field_name=column, choices=[(one, one) for one in field.choices])}
    if field.kind is Kind.TAGS:
        return {field.name: filters.BaseInFilter(field_name=column, lookup_expr="contains")}
    return {
        field.name: filters.CharFilter(field_name=column),
        f"{field.name}__contains": filters.CharFilter(field_name=column, lookup_expr="icontains"),
    }


def _ranged(name: str, column: str, kind: type[filters.Filter]) -> dict[str, filters.Filter]:
    ends = {f"{name}__{end}": kind(field_name=column, lookup_expr=end) for end in RANGES}
    return {name: kind(field_name=column), **ends}


def _orders(sync_type: SyncType) -> list[tuple[str, str]]:
    sortable = [one for one in sync_type.fields if one.kind not in (Kind.JSON, Kind.TAGS)]
    named = [(sync_type.model_field(one).attname, one.name) for one in sortable]
    return [*named, ("created_at", "createdAt"), ("updated_at", "updatedAt")]
