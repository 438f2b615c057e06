"""Integrations. Credentials go in and never come out; the webhook secret is shown once, at creation."""

from __future__ import annotations

from typing import Any

import orjson
from django.conf import settings
from rest_framework import serializers

from connectors.base import registry
from integrations.enums import IntegrationStatus, SyncDirection
from integrations.models import Integration
from records import catalog
from records.api.fields import CamelModelSerializer, CamelSerializer

R1_DIRECTIONS = {
    "EXTERNAL_TO_BRITEPOOL": SyncDirection.EXTERNAL_TO_LOCAL,
    "BRITEPOOL_TO_EXTERNAL": SyncDirection.LOCAL_TO_EXTERNAL,
}
"""R1's names with its product's name in them are understood; ours are answered."""
CONNECTION = ("base_url", "auth_type", "credentials", "settings")
"""What the connection test depends on."""
CONFIGURED = (
    "sync_direction",
    "sync_frequency",
    "data_types",
    "conflict_strategy",
    "merge_rules",
    "on_external_delete",
    "on_local_delete",
)


class DirectionField(serializers.ChoiceField):
    """One of our directions, or R1's name for it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=SyncDirection.choices, **options)

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(R1_DIRECTIONS.get(data, data) if isinstance(data, str) else data)


class DataTypesField(serializers.ListField):
    """R1's data types, as far as the catalog has records for them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=serializers.CharField(max_length=30), **options)

    def to_internal_value(self, data: Any) -> list[str]:
        given: list[str] = super().to_internal_value(data)
        known = sorted({one.data_type for one in catalog.all_types()})
        unknown = [one for one in given if one not in known]
        if unknown:
            raise serializers.ValidationError(f"Unknown: {', '.join(unknown)}. Known: {', '.join(known)}.")
        return list(dict.fromkeys(given))


class ConfigurationSerializer(CamelModelSerializer):
    """What may be set. Used as it is for a change, where every field is optional."""

    base_url = serializers.URLField(max_length=500, required=False, allow_blank=True)
    credentials = serializers.DictField(write_only=True, required=False)
    settings = serializers.DictField(required=False)
    merge_rules = serializers.DictField(required=False)
    sync_direction = DirectionField(required=False)
    data_types = DataTypesField(required=False)
    status = serializers.ChoiceField(
        choices=[one for one in IntegrationStatus.choices if one[0] in ("ACTIVE", "PAUSED", "DISABLED")],
        required=False,
    )

    class Meta:
        model = Integration
        fields = ("name", "status", *CONNECTION, *CONFIGURED)

    def validate_credentials(self, value: dict[str, Any]) -> dict[str, Any]:
        try:
            orjson.dumps(value)
        except TypeError as error:
            raise serializers.ValidationError(f"These cannot be stored: {error}.") from error
        return value


class NewIntegrationSerializer(ConfigurationSerializer):
    """R1's body of POST. `mappings` maps a resource type to a mapping document; starter mappings are the default."""

    type = serializers.CharField(max_length=40)
    credentials = serializers.DictField(write_only=True)
    data_types = DataTypesField(allow_empty=False)
    mappings = serializers.DictField(child=serializers.DictField(), required=False, write_only=True)

    class Meta:
        model = Integration
        fields = ("name", "type", *CONNECTION, *CONFIGURED, "mappings")

    def validate_type(self, value: str) -> str:
        keys = registry.keys()
        if value.lower() not in keys:
            known = ", ".join(keys).upper()
            raise serializers.ValidationError(f"There is no connector {value!r}. Known: {known}.")
        return value.upper()


class StatsSerializer(CamelSerializer):
    """R1's figures; `success_rate` in percent of the finished runs, null before the first."""

    total_syncs = serializers.IntegerField()
    success_rate = serializers.FloatField(allow_null=True)
    pending_conflicts = serializers.IntegerField()
    last_error_count = serializers.IntegerField()


class RetrySerializer(CamelSerializer):
    """The retry that a failed integration waits for; `attempt` of `max_retries` starts at `scheduled_for`."""

    job_id = serializers.UUIDField(source="pk")
    attempt = serializers.IntegerField(source="retry_count")
    max_retries = serializers.IntegerField()
    scheduled_for = serializers.DateTimeField()


SHOWN: tuple[str, ...] = (
    "id",
    "name",
    "type",
    "status",
    "base_url",
    "auth_type",
    "settings",
    *CONFIGURED,
    "webhook_endpoint",
    "last_sync_at",
    "last_success_at",
    "last_error_at",
    "last_error_message",
    "account_id",
    "created_at",
    "updated_at",
)


class IntegrationSerializer(CamelModelSerializer):
    """An integration as it is shown."""

    stats = StatsSerializer(read_only=True)
    retry = RetrySerializer(read_only=True, allow_null=True)
    webhook_endpoint = serializers.SerializerMethodField(method_name="get_webhook_endpoint")

    class Meta:
        model = Integration
        fields: tuple[str, ...] = (*SHOWN, "stats", "retry")
        read_only_fields = fields

    def get_webhook_endpoint(self, integration: Integration) -> str:
        return endpoint_of(integration)


class CreatedIntegrationSerializer(IntegrationSerializer):
    """The one answer that holds the webhook secret."""

    webhook_secret = serializers.SerializerMethodField(method_name="get_webhook_secret")

    class Meta(IntegrationSerializer.Meta):
        fields = (*SHOWN, "webhook_secret")
        read_only_fields = fields

    def get_webhook_secret(self, integration: Integration) -> str:
        return str(integration.webhook_secret["current"])


class CreatedAnswer(CamelSerializer):
    """Answer to POST."""

    success = serializers.BooleanField()
    integration = CreatedIntegrationSerializer()
    webhook_registered = serializers.BooleanField(help_text="False: enter address and secret at the provider.")
    authorization_required = serializers.BooleanField(help_text="True: POST .../oauth/start and sign in next.")


class ChangedIntegration(IntegrationSerializer):
    """An integration after a change."""

    class Meta(IntegrationSerializer.Meta):
        fields = SHOWN
        read_only_fields = fields


class ChangedAnswer(CamelSerializer):
    """Answer to PUT."""

    success = serializers.BooleanField()
    integration = ChangedIntegration()


class IntegrationAnswer(CamelSerializer):
    """Answer to GET."""

    success = serializers.BooleanField()
    integration = IntegrationSerializer()


class IntegrationList(CamelSerializer):
    """R1's list, which has no pages."""

    integrations = IntegrationSerializer(many=True)


class RotateSerializer(CamelSerializer):
    """`overlap_hours` = how long the secret before stays valid as well."""

    overlap_hours = serializers.IntegerField(default=24, min_value=0, max_value=24 * 30)


class RotatedAnswer(CamelSerializer):
    """The new secret, shown once. `webhook_registered` false: enter address and secret at the provider."""

    success = serializers.BooleanField()
    webhook_endpoint = serializers.CharField()
    webhook_secret = serializers.CharField()
    webhook_registered = serializers.BooleanField()
    previous_valid_until = serializers.DateTimeField(allow_null=True)


class DeletedCounts(CamelSerializer):
    """What went with an integration."""

    integration = serializers.BooleanField()
    mappings = serializers.IntegerField()
    logs = serializers.IntegerField()
    conflicts = serializers.IntegerField()


class DeletedAnswer(CamelSerializer):
    """Answer to DELETE."""

    success = serializers.BooleanField()
    deleted = DeletedCounts()
    webhook_removed = serializers.BooleanField(
        required=False,
        help_text="False: the provider could not be told, remove the webhook there. Absent: none was there.",
    )


def endpoint_of(integration: Integration) -> str:
    """Where the provider posts its webhooks."""
    return settings.WEBHOOK_BASE_URL.rstrip("/") + integration.webhook_endpoint
