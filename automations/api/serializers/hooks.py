"""Outgoing webhooks and their messages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from automations.models import Hook, HookDelivery
from records.api.fields import CamelModelSerializer, CamelSerializer


class HookSerializer(CamelModelSerializer):
    """`target` is the address as people may see it: its path is often a secret."""

    target = serializers.CharField(source="url_hint")
    events = serializers.ListField(child=serializers.CharField())
    conditions = serializers.JSONField()

    class Meta:
        model = Hook
        fields: tuple[str, ...] = (
            "id",
            "target",
            "events",
            "description",
            "conditions",
            "skip_own",
            "status",
            "status_reason",
            "failures",
            "failing_since",
            "last_status",
            "last_sent_at",
            "created_at",
        )
        read_only_fields: tuple[str, ...] = fields


class SubscribeSerializer(CamelSerializer):
    """`event` or `events` (`task.updated`, `task.*`, `*`), and where to send them. `skip_own` leaves out what the
    subscriber's own user changes through the API, so that a workflow does not hear itself."""

    target_url = serializers.CharField(max_length=2_000)
    event = serializers.CharField(required=False, max_length=60)
    events = serializers.ListField(child=serializers.CharField(max_length=60), required=False, max_length=100)
    description = serializers.CharField(required=False, allow_blank=True, max_length=200)
    conditions = serializers.JSONField(required=False)
    skip_own = serializers.BooleanField(required=False)

    def validate_conditions(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise serializers.ValidationError('This must be an object: {"all": [...]} or {"any": [...]}.')
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        events = [*attrs.get("events", ()), *([attrs["event"]] if attrs.get("event") else ())]
        if not events and not self.partial:
            raise serializers.ValidationError({"event": ["Say which event to send, such as task.updated."]})
        if events:
            attrs["events"] = events
        attrs.pop("event", None)
        return attrs


class SubscribedSerializer(HookSerializer):
    """A webhook that was just made. `secret` comes from the context and is shown this once; null for one that was
    there before."""

    target_url = serializers.CharField(source="url")
    event = serializers.SerializerMethodField()
    secret = serializers.SerializerMethodField()

    class Meta(HookSerializer.Meta):
        fields = (*HookSerializer.Meta.fields, "target_url", "event", "secret")
        read_only_fields = fields

    def get_event(self, hook: Hook) -> str:
        return hook.events[0] if hook.events else ""

    @extend_schema_field({"type": "string", "nullable": True})
    def get_secret(self, _hook: Hook) -> str | None:
        """Never read from the row."""
        shown: str | None = self.context.get("secret")
        return shown


class SecretAnswer(CamelSerializer):
    """A new secret, shown this once. Messages are signed with the one before as well until `previous_until`."""

    secret = serializers.CharField()
    previous_until = serializers.DateTimeField()


class AttemptSerializer(CamelSerializer):
    """One attempt; `status` 0 = no answer, `ms` milliseconds."""

    at = serializers.CharField()
    status = serializers.IntegerField()
    ms = serializers.IntegerField()
    error = serializers.CharField(allow_blank=True)


class DeliverySerializer(CamelModelSerializer):
    """One message. `message_id` is its `webhook-id`, the same at every attempt; `body` what is sent, as text."""

    tries = AttemptSerializer(many=True)

    class Meta:
        model = HookDelivery
        fields = (
            "id",
            "message_id",
            "event",
            "status",
            "attempts",
            "tries",
            "last_status",
            "last_error",
            "replays",
            "next_attempt_at",
            "delivered_at",
            "created_at",
            "body",
        )
        read_only_fields = fields


class ReplaySerializer(CamelSerializer):
    """From when on messages that were given up are sent again."""

    since = serializers.DateTimeField()


class ReplayedAnswer(CamelSerializer):
    """How many messages are sent again."""

    success = serializers.BooleanField()
    count = serializers.IntegerField()


class MeSerializer(CamelSerializer):
    """Whose token it is, and which organization it works in."""

    id = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField(allow_blank=True)
    organization = serializers.DictField()
