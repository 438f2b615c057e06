"""Webhook deliveries: what came, what was thought of it, what became of it."""

from __future__ import annotations

from typing import Any

import orjson
from rest_framework import serializers

from connectors.base.redaction import redact, redact_text
from integrations.models import WebhookDelivery
from records.api.fields import CamelModelSerializer, CamelSerializer


class WebhookDeliverySerializer(CamelModelSerializer):
    """A delivery in a line. `repeats` counts copies that the sender sent, `replays` how often we took it up again."""

    id = serializers.CharField()
    run_id = serializers.UUIDField(allow_null=True)
    sync_log_id = serializers.CharField(allow_null=True)

    class Meta:
        model = WebhookDelivery
        fields: tuple[str, ...] = (
            "id",
            "received_at",
            "method",
            "event",
            "event_count",
            "source_ip",
            "verdict",
            "reason",
            "status",
            "processed_at",
            "repeats",
            "replays",
            "run_id",
            "sync_log_id",
        )
        read_only_fields = fields


class WebhookDeliveryDetailSerializer(WebhookDeliverySerializer):
    """With its headers and its body, secrets blanked out. `body` is JSON where it was JSON, else text, and null
    where it was not kept."""

    headers = serializers.SerializerMethodField()
    body = serializers.SerializerMethodField()

    class Meta(WebhookDeliverySerializer.Meta):
        fields = (*WebhookDeliverySerializer.Meta.fields, "headers", "body")
        read_only_fields = fields

    def get_headers(self, delivery: WebhookDelivery) -> dict[str, Any]:
        return dict(redact(delivery.headers))

    def get_body(self, delivery: WebhookDelivery) -> Any:
        raw = bytes(delivery.body)
        if not raw:
            return None
        try:
            return redact(orjson.loads(raw))
        except orjson.JSONDecodeError:
            return redact_text(raw.decode(errors="replace"))


class WebhookDeliveryAnswer(CamelSerializer):
    """One delivery."""

    success = serializers.BooleanField()
    delivery = WebhookDeliveryDetailSerializer()


class WebhookReplayAnswer(CamelSerializer):
    """`queued` records are read again by a worker."""

    success = serializers.BooleanField()
    delivery_id = serializers.CharField()
    queued = serializers.IntegerField()
