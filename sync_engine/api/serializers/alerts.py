"""Alerts, their rules, and the messages about them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from integrations.alerts.conditions import sentence
from integrations.alerts.words import Channel
from integrations.models import Alert, AlertRule, Notification
from records.api.fields import CamelModelSerializer, CamelSerializer


class AlertSerializer(CamelModelSerializer):
    """R1's alert. `value` is the newest; `sentence` says what is the matter and what to do."""

    id = serializers.CharField()
    rule_id = serializers.CharField(allow_null=True)
    integration_id = serializers.UUIDField()
    integration_name = serializers.CharField(source="integration.name")
    sentence = serializers.SerializerMethodField()

    class Meta:
        model = Alert
        fields: tuple[str, ...] = (
            "id",
            "rule_id",
            "integration_id",
            "integration_name",
            "name",
            "severity",
            "status",
            "metric",
            "operator",
            "threshold",
            "value",
            "sentence",
            "opened_at",
            "last_seen_at",
            "notified_at",
            "acknowledged_at",
            "acknowledged_by",
            "resolved_at",
        )
        read_only_fields = fields

    def get_sentence(self, alert: Alert) -> str:
        return sentence(alert)


class NotificationSerializer(CamelModelSerializer):
    """A message on its way, sent, or given up with the reason. `recipient` is empty for Slack."""

    id = serializers.CharField()
    alert_id = serializers.CharField(allow_null=True)
    integration_id = serializers.UUIDField(allow_null=True)

    class Meta:
        model = Notification
        fields = (
            "id",
            "alert_id",
            "integration_id",
            "topic",
            "channel",
            "recipient",
            "subject",
            "status",
            "attempts",
            "next_attempt_at",
            "error",
            "created_at",
            "sent_at",
        )
        read_only_fields = fields


class AlertDetailSerializer(AlertSerializer):
    """An alert with the messages about it."""

    notifications = NotificationSerializer(many=True)

    class Meta(AlertSerializer.Meta):
        fields = (*AlertSerializer.Meta.fields, "notifications")
        read_only_fields = fields


class AlertAnswer(CamelSerializer):
    """One alert."""

    success = serializers.BooleanField()
    alert = AlertDetailSerializer()


class SentAgainAnswer(CamelSerializer):
    """A message that was given up and is on its way again."""

    success = serializers.BooleanField()
    notification = NotificationSerializer()


class AlertRuleSerializer(CamelModelSerializer):
    """R1's AlertRule. `window` and `cooldown` are minutes. The Slack address goes in and never comes out;
    `hasSlackWebhook` says whether the rule has one of its own."""

    id = serializers.CharField(read_only=True)
    built_in = serializers.SerializerMethodField(method_name="get_built_in")
    channels = serializers.ListField(child=serializers.ChoiceField(choices=Channel.choices), required=False)
    window = serializers.IntegerField(source="window_minutes", min_value=1, required=False, allow_null=True)
    slack_webhook_url = serializers.URLField(write_only=True, required=False, allow_blank=True, max_length=500)
    has_slack_webhook = serializers.SerializerMethodField(method_name="get_has_slack_webhook")

    class Meta:
        model = AlertRule
        fields = (
            "id",
            "built_in",
            "name",
            "enabled",
            "metric",
            "operator",
            "threshold",
            "window",
            "frequency",
            "severity",
            "channels",
            "cooldown",
            "slack_webhook_url",
            "has_slack_webhook",
        )

    def get_built_in(self, rule: AlertRule) -> bool:
        return bool(rule.key)

    def get_has_slack_webhook(self, rule: AlertRule) -> bool:
        return bool(rule.slack_webhook)

    def validate_channels(self, value: list[str]) -> list[str]:
        return list(dict.fromkeys(value))

    def stored(self) -> dict[str, Any]:
        """As the model takes it."""
        given = dict(self.validated_data)
        if "slack_webhook_url" in given:
            url = given.pop("slack_webhook_url")
            given["slack_webhook"] = {"url": url} if url else None
        return given


class AlertRuleAnswer(CamelSerializer):
    """One rule."""

    success = serializers.BooleanField()
    rule = AlertRuleSerializer()


class AlertRuleList(CamelSerializer):
    """All rules of the organization."""

    rules = AlertRuleSerializer(many=True)


class AlertRuleDeleted(CamelSerializer):
    """A rule that is gone; its alerts resolve at the next look."""

    success = serializers.BooleanField()


BUILT_IN = _("This rule comes with every organization. Switch it off instead: set enabled to false.")
