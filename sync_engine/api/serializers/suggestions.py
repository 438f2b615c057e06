"""Suggestions and their evidence."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from integrations.mapping.conflict_rules import CIRCUMSTANCES
from records.api.fields import CamelSerializer
from sync_engine.api.serializers.actions import ResourceTypeField
from sync_engine.api.serializers.bulk import RULES


class DifferenceSerializer(CamelSerializer):
    """A past case that the rule would have decided otherwise."""

    conflict_id = serializers.CharField(source="past.case")
    local_value = serializers.JSONField(source="past.contest.local")
    external_value = serializers.JSONField(source="past.contest.external")
    decided = serializers.JSONField(source="past.value")
    by_rule = serializers.JSONField(source="value")
    decided_at = serializers.DateTimeField(source="past.at", allow_null=True)
    decided_by = serializers.CharField(source="past.by")


class BacktestSerializer(CamelSerializer):
    """A rule against the past: decisions that it would have made like the person, otherwise, or left to a person."""

    same = serializers.IntegerField()
    different = DifferenceSerializer(many=True)
    left = serializers.IntegerField()


class AdviceSerializer(CamelSerializer):
    """A rule that the past speaks for."""

    key = serializers.CharField()
    integration_id = serializers.UUIDField(source="integration.pk")
    resource_type = ResourceTypeField()
    conflicted_field = serializers.CharField(source="suggestion.field")
    rule = serializers.SerializerMethodField()
    sentence = serializers.CharField()
    agreed = serializers.IntegerField(source="suggestion.agreed")
    total = serializers.IntegerField(source="suggestion.total")
    open_now = serializers.IntegerField()
    test = BacktestSerializer(source="suggestion.test")

    def get_rule(self, advice: Any) -> dict[str, str]:
        written: dict[str, str] = advice.suggestion.rule.written
        return written


class AdviceList(CamelSerializer):
    """All suggestions of an integration."""

    suggestions = AdviceSerializer(many=True)


class RuleRequest(CamelSerializer):
    """A rule for one field: what is done, and when."""

    integration_id = serializers.UUIDField()
    resource_type = ResourceTypeField()
    conflicted_field = serializers.CharField(max_length=200)
    rule = serializers.ChoiceField(choices=RULES)
    when = serializers.ChoiceField(choices=CIRCUMSTANCES, default="always")


class PromotedAnswer(CamelSerializer):
    """The version of the mapping that holds the rule."""

    success = serializers.BooleanField()
    resource_type = ResourceTypeField()
    version = serializers.IntegerField()
