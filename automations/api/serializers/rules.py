"""Rules, their versions and firings, and what a test says."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from automations.models import Rule, RuleFiring, RuleVersion
from automations.trying import Report
from records.api.fields import CamelModelSerializer, CamelSerializer


class RuleSerializer(CamelModelSerializer):
    """`document` is described in README ("Rules"). `failures` counts firings that failed in a row."""

    document = serializers.JSONField()

    class Meta:
        model = Rule
        fields = (
            "id",
            "name",
            "description",
            "enabled",
            "document",
            "max_per_minute",
            "version",
            "preset",
            "failures",
            "disabled_reason",
            "last_fired_at",
            "created_by",
            "created_at",
            "updated_at",
        )
        read_only_fields = (
            "id", "version", "preset", "failures", "disabled_reason", "last_fired_at", "created_by", "created_at",
            "updated_at",
        )  # fmt: skip

    def validate_maxPerMinute(self, value: int) -> int:
        if value > 100_000:
            raise serializers.ValidationError("At most 100000; 0 means no limit.")
        return value


class RuleVersionSerializer(CamelModelSerializer):
    """What the rule was, who made it that, and when."""

    class Meta:
        model = RuleVersion
        fields = ("version", "name", "document", "saved_by", "saved_at")
        read_only_fields = fields


class ActionOutcomeSerializer(CamelSerializer):
    """What came of one action: `done`, `failed`, or `retry`."""

    action = serializers.CharField()
    status = serializers.CharField()
    detail = serializers.CharField()
    time = serializers.CharField()


class FiringSerializer(CamelModelSerializer):
    """One firing. `depth` counts the rules that led to it; `next_attempt_at` says when it is tried (again)."""

    rule_id = serializers.UUIDField()
    rule_name = serializers.CharField(source="rule.name")
    depth = serializers.IntegerField()
    chain = serializers.ListField(child=serializers.UUIDField())
    outcomes = ActionOutcomeSerializer(many=True)

    class Meta:
        model = RuleFiring
        fields = (
            "id",
            "rule_id",
            "rule_name",
            "rule_version",
            "event",
            "resource_type",
            "record_id",
            "subject",
            "status",
            "reason",
            "outcomes",
            "depth",
            "chain",
            "attempts",
            "next_attempt_at",
            "created_at",
            "finished_at",
        )
        read_only_fields = fields


class TestSerializer(CamelSerializer):
    """`record_id` is needed where the rule is about records. `before` says what changed fields were."""

    __test__ = False

    record_id = serializers.UUIDField(required=False)
    before = serializers.DictField(required=False)


class SaidSerializer(CamelSerializer):
    """One condition, or a group of them: whether it holds, and what was found."""

    sentence = serializers.CharField()
    holds = serializers.BooleanField()
    found = serializers.JSONField()
    parts = serializers.SerializerMethodField()

    @extend_schema_field({"type": "array", "items": {"type": "object"}})
    def get_parts(self, said: Any) -> Any:
        return SaidSerializer(said.parts, many=True).data


class WouldSerializer(CamelSerializer):
    """What an action would do, or why it could not."""

    type = serializers.CharField()
    label = serializers.CharField()
    sentence = serializers.CharField()
    possible = serializers.BooleanField()


class ReportSerializer(CamelSerializer):
    """What would happen. Nothing was done."""

    subject = serializers.CharField()
    fires = serializers.BooleanField()
    triggered = serializers.BooleanField()
    conditions = SaidSerializer()
    actions = WouldSerializer(many=True)

    def to_representation(self, instance: Report) -> dict[str, Any]:
        found: dict[str, Any] = super().to_representation(instance)
        return found
