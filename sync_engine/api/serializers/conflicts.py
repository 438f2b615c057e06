"""Conflicts. What stands in `localData`, `externalData` and `resolvedData` is keyed by field names, untouched."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from conflicts.models import ConflictResolution
from integrations.enums import ConflictStrategy
from records.api.fields import CamelModelSerializer, CamelSerializer
from sync_engine.api.serializers.actions import ResourceTypeField


class ConflictSerializer(CamelModelSerializer):
    """A case: both values of each contested field in our own form, and the value last agreed on."""

    integration_id = serializers.UUIDField()
    integration_name = serializers.CharField(source="integration.name")
    resource_type = ResourceTypeField()
    run_id = serializers.UUIDField(allow_null=True)

    class Meta:
        model = ConflictResolution
        fields = (
            "id",
            "integration_id",
            "integration_name",
            "run_id",
            "kind",
            "resource_type",
            "resource_id",
            "external_id",
            "conflicted_fields",
            "conflict_reason",
            "local_data",
            "external_data",
            "base_data",
            "local_changed_at",
            "external_changed_at",
            "status",
            "resolution_strategy",
            "winners",
            "resolved_data",
            "resolved_by",
            "resolved_at",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields


class ResolveSerializer(CamelSerializer):
    """R1's body. `resolved_data` goes with CUSTOM_MERGE; a contested field that it leaves out keeps our value."""

    strategy = serializers.ChoiceField(
        choices=[one for one in ConflictStrategy.choices if one[0] != ConflictStrategy.MANUAL_REVIEW]
    )
    resolved_data = serializers.DictField(required=False)
    push_to_external = serializers.BooleanField(default=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["strategy"] == ConflictStrategy.CUSTOM_MERGE and not attrs.get("resolved_data"):
            raise serializers.ValidationError({"resolvedData": ["CUSTOM_MERGE needs the values that shall stand."]})
        return attrs


class AppliedSerializer(serializers.Serializer):
    """Beside these, the record's type is a key with the record's id (`"task": "..."`)."""

    updated = serializers.BooleanField()
    syncedToExternal = serializers.BooleanField()


class ResolvedAnswer(CamelSerializer):
    """Answer to a decision. `syncedToExternal`: the decided values stand there, or are on their way."""

    success = serializers.BooleanField()
    conflict_id = serializers.UUIDField()
    status = serializers.CharField()
    applied_changes = AppliedSerializer()
