"""A serializer for every catalogued type. Names and kinds come from the catalog; the last word on a value has
`records.validation`, as for every other door."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.db.models import PositiveIntegerField
from rest_framework import serializers

from records.catalog import Kind, SyncField, SyncType
from records.values import plain_datetime, to_plain

BY_KIND: dict[Kind, type[serializers.Field]] = {
    Kind.TEXT: serializers.CharField,
    Kind.INTEGER: serializers.IntegerField,
    Kind.DECIMAL: serializers.DecimalField,
    Kind.BOOLEAN: serializers.BooleanField,
    Kind.DATE: serializers.DateField,
    Kind.DATETIME: serializers.DateTimeField,
    Kind.UUID: serializers.UUIDField,
    Kind.REFERENCE: serializers.UUIDField,
    Kind.TAGS: serializers.ListField,
    Kind.JSON: serializers.JSONField,
    Kind.CHOICE: serializers.ChoiceField,
}


class RecordSerializer(serializers.Serializer):
    """`sync_type` is set by `serializer_of`. Values come out plain; empty is null."""

    sync_type: SyncType

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": str(instance.pk)}
        for field in self.sync_type.fields:
            shown[field.name] = to_plain(field, getattr(instance, self.sync_type.model_field(field).attname))
        stamps = {
            "createdAt": instance.created_at,
            "updatedAt": instance.updated_at,
            "deletedAt": instance.deleted_at,
            "lastExternalSyncAt": instance.last_external_sync_at,
        }
        return shown | {name: at and plain_datetime(at) for name, at in stamps.items()}

    @property
    def plain(self) -> dict[str, Any]:
        """What was given, as plain values by canonical name."""
        given: Mapping[str, Any] = self.validated_data
        fields = {field.name: field for field in self.sync_type.fields}
        return {name: to_plain(fields[name], value) for name, value in given.items()}


@lru_cache(maxsize=256)
def serializer_of(sync_type: SyncType) -> type[RecordSerializer]:
    """The serializer class of a type, named after its model so that the OpenAPI document reads well."""
    members: dict[str, Any] = {field.name: _field(sync_type, field) for field in sync_type.fields}
    stamps = {
        name: serializers.DateTimeField(read_only=True, allow_null=name not in ("createdAt", "updatedAt"))
        for name in ("createdAt", "updatedAt", "deletedAt", "lastExternalSyncAt")
    }
    identity = {"id": serializers.UUIDField(read_only=True)}
    about = {"sync_type": sync_type, "__doc__": f"{sync_type.label}.", "__module__": __name__}
    return type(
        f"{sync_type.model.__name__}Serializer", (RecordSerializer,), {**identity, **members, **stamps, **about}
    )


def _field(sync_type: SyncType, field: SyncField) -> serializers.Field:
    if not field.writable:
        return BY_KIND[field.kind](read_only=True, **_details(sync_type, field))
    needed = field.required and not sync_type.has_default(field)
    empty = {} if field.required else {"allow_null": True}
    return BY_KIND[field.kind](required=needed, **empty, **_details(sync_type, field))


def _details(sync_type: SyncType, field: SyncField) -> dict[str, Any]:
    if field.kind is Kind.TEXT:
        return {"allow_blank": not field.required, "max_length": field.max_length, "trim_whitespace": False}
    if field.kind is Kind.CHOICE:
        return {"choices": field.choices, "allow_blank": not field.required}
    if field.kind is Kind.DECIMAL:
        places = field.decimal_places
        return {"max_digits": (field.whole_digits or 0) + (places or 0) or None, "decimal_places": places}
    if field.kind is Kind.TAGS:
        return {"child": serializers.CharField(trim_whitespace=False)}
    if field.kind is Kind.INTEGER:
        positive = isinstance(sync_type.model_field(field), PositiveIntegerField)
        return {"min_value": 0 if positive else -(2**31), "max_value": 2**31 - 1}
    return {}
