"""Decisions on many conflicts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from conflicts.models import BulkDecision, BulkStep, ConflictResolution
from conflicts.selectors import Wanted
from conflicts.strategies import MERGES
from records.api.fields import CamelModelSerializer, CamelSerializer
from sync_engine.api.serializers.actions import ResourceTypeField
from sync_engine.review import bulk

RULES = [name for name in MERGES if name != "review"]
DAYS = {"min_value": 0, "max_value": 36_500, "required": False}


class BulkRequest(CamelSerializer):
    """Which open cases of one integration, and what shall become of them. The filters are those of the list."""

    integration_id = serializers.UUIDField()
    rule = serializers.ChoiceField(choices=RULES)
    push_to_external = serializers.BooleanField(default=True)
    resource_type = ResourceTypeField(required=False)
    kind = serializers.ChoiceField(choices=ConflictResolution.Kind.choices, required=False)
    conflicted_field = serializers.CharField(required=False, max_length=200)
    older_than = serializers.IntegerField(**DAYS)
    newer_than = serializers.IntegerField(**DAYS)

    def wanted(self) -> Wanted:
        given: dict[str, Any] = self.validated_data
        return Wanted(
            resource_type=given.get("resource_type", ""),
            kind=given.get("kind", ""),
            field=given.get("conflicted_field", ""),
            older_than=given.get("older_than"),
            newer_than=given.get("newer_than"),
        )


class BulkSerializer(CamelModelSerializer):
    """`steps` counts the cases by what became of them. PLANNING and APPLYING are a worker's; READY waits for
    approval."""

    integration_id = serializers.UUIDField()
    run_id = serializers.UUIDField(allow_null=True)
    push_to_external = serializers.BooleanField(source="push")
    steps = serializers.SerializerMethodField()

    class Meta:
        model = BulkDecision
        fields = (
            "id", "integration_id", "run_id", "status", "rule", "push_to_external", "total", "steps", "error",
            "asked_by", "created_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_steps(self, decision: BulkDecision) -> dict[str, int]:
        return dict(bulk.counts(decision))


class BulkStepSerializer(CamelModelSerializer):
    """One case with its writes: `here` by our fields, `there` by the provider's, each as [before, after]."""

    conflict_id = serializers.UUIDField()

    class Meta:
        model = BulkStep
        fields = ("id", "conflict_id", "label", "strategy", "values", "here", "there", "state", "sentence")
        read_only_fields = fields
