"""What is asked of an integration, and what came of it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from integrations.enums import SyncDirection
from integrations.models import SyncLog
from records import catalog
from records.api.fields import CamelModelSerializer, CamelSerializer
from sync_engine.api.serializers.integrations import DataTypesField, DirectionField

WAYS = {
    SyncDirection.BIDIRECTIONAL: "both",
    SyncDirection.EXTERNAL_TO_LOCAL: "pull",
    SyncDirection.LOCAL_TO_EXTERNAL: "push",
}


class ResourceTypeField(serializers.CharField):
    """R1's name outside (TASK), the catalog's key inside (task)."""

    def to_internal_value(self, data: Any) -> str:
        try:
            return catalog.get(str(super().to_internal_value(data))).key
        except KeyError as error:
            raise serializers.ValidationError(str(error.args[0])) from error

    def to_representation(self, value: Any) -> str:
        return str(value).upper()


class SyncSerializer(CamelSerializer):
    """R1's body of a sync, every part optional. `item_ids` are local records to push alone; `dry_run` makes a
    plan that can be applied; `approve_deletes` lets deletes through that a run has asked about."""

    direction = DirectionField(default=SyncDirection.BIDIRECTIONAL)
    data_types = DataTypesField(required=False)
    full_sync = serializers.BooleanField(default=False)
    item_ids = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=1000)
    dry_run = serializers.BooleanField(default=False)
    approve_deletes = serializers.BooleanField(default=False)

    def options(self) -> dict[str, Any]:
        """As `runs.Options` takes them, made of JSON."""
        given = self.validated_data
        return {
            "direction": WAYS[given["direction"]],
            "resource_types": [one.key for one in catalog.all_types() if one.data_type in given.get("data_types", ())],
            "full": given["full_sync"],
            "items": [str(one) for one in given.get("item_ids", ())],
            "dry_run": given["dry_run"],
            "approve_deletes": given["approve_deletes"],
        }


class StartedAnswer(CamelSerializer):
    """A run that was queued. `estimated_duration` in seconds."""

    success = serializers.BooleanField()
    job_id = serializers.UUIDField()
    status = serializers.CharField()
    estimated_duration = serializers.IntegerField()


class TestedAnswer(CamelSerializer):
    """A connection that works. `response_time` in milliseconds; `api_version` "" where the provider says none."""

    success = serializers.BooleanField()
    connection_status = serializers.CharField()
    response_time = serializers.IntegerField()
    api_version = serializers.CharField(allow_blank=True)
    credentials_valid = serializers.BooleanField()
    account_name = serializers.CharField(allow_blank=True)


class LogSerializer(CamelModelSerializer):
    """One write, or one failure. `before` and `after` hold the changed fields of the written side."""

    id = serializers.CharField()
    resource_type = ResourceTypeField()
    run_id = serializers.UUIDField(allow_null=True)

    class Meta:
        model = SyncLog
        fields: tuple[str, ...] = (
            "id",
            "run_id",
            "operation",
            "direction",
            "resource_type",
            "resource_id",
            "external_id",
            "status",
            "records_processed",
            "records_succeeded",
            "records_failed",
            "error_message",
            "http_status",
            "duration_ms",
            "retry_count",
            "cause",
            "before",
            "after",
            "created_at",
        )
        read_only_fields = fields


class LogDetailSerializer(LogSerializer):
    """A row with what went over the wire, secrets hidden; a body that is too large is shown by its beginning."""

    class Meta(LogSerializer.Meta):
        fields = (*LogSerializer.Meta.fields, "request_payload", "response_payload", "error_stack")
        read_only_fields = fields
