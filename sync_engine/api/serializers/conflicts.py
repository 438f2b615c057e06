"""Conflicts. What stands in `localData`, `externalData` and `resolvedData` is keyed by field names, untouched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from conflicts.models import ConflictResolution
from integrations.enums import ConflictStrategy
from records.api.fields import CamelModelSerializer, CamelSerializer
from sync_engine.api.serializers.actions import ResourceTypeField
from sync_engine.deciding.choices import Outcome
from sync_engine.review.standing import token_of


class ConflictSerializer(CamelModelSerializer):
    """A case: both values of each contested field in our own form, and the value last agreed on."""

    integration_id = serializers.UUIDField()
    integration_name = serializers.CharField(source="integration.name")
    resource_type = ResourceTypeField()
    run_id = serializers.UUIDField(allow_null=True)
    reopens_id = serializers.UUIDField(allow_null=True)
    token = serializers.SerializerMethodField()

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
            "local_changed_by",
            "external_changed_by",
            "token",
            "reopens_id",
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

    def get_token(self, case: ConflictResolution) -> str:
        return token_of(case, case.local_data, case.external_data)


class SummarySerializer(CamelSerializer):
    """Name to number of cases, for each thing that can be filtered by."""

    total = serializers.IntegerField()
    more = serializers.BooleanField()
    integrations = serializers.SerializerMethodField()
    resource_types = serializers.SerializerMethodField(method_name="get_resource_types")
    conflicted_fields = serializers.DictField(source="fields", child=serializers.IntegerField())
    kinds = serializers.DictField(child=serializers.IntegerField())

    def get_integrations(self, facets: Any) -> dict[str, int]:
        return {str(pk): number for pk, number in facets.integrations.items()}

    def get_resource_types(self, facets: Any) -> dict[str, int]:
        return {name.upper(): number for name, number in facets.resource_types.items()}


class WriteSerializer(serializers.Serializer):
    """One value that is written."""

    field = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class OutcomeSerializer(CamelSerializer):
    """What a choice writes. `here` is keyed by our fields, `there` by the provider's; `alsoThere` are other edits
    made here that go out with the same push; `waits` are fields that cannot be sent yet."""

    here = serializers.SerializerMethodField()
    there = serializers.SerializerMethodField()
    also_there = serializers.SerializerMethodField(method_name="get_also_there")
    waits = serializers.ListField(child=serializers.CharField())
    values = serializers.JSONField(source="chosen")

    @extend_schema_field(WriteSerializer(many=True))
    def get_here(self, outcome: Outcome) -> list[dict[str, Any]]:
        return _writes(outcome.here)

    @extend_schema_field(WriteSerializer(many=True))
    def get_there(self, outcome: Outcome) -> list[dict[str, Any]]:
        return _writes(outcome.there)

    @extend_schema_field(WriteSerializer(many=True))
    def get_also_there(self, outcome: Outcome) -> list[dict[str, Any]]:
        return _writes(outcome.also_there)


def _writes(found: Mapping[str, tuple[Any, Any]]) -> list[dict[str, Any]]:
    return [{"field": name, "before": before, "after": after} for name, (before, after) in found.items()]


class OfferSerializer(CamelSerializer):
    """One choice. `writes` is null where only words can say what follows."""

    strategy = serializers.CharField()
    writes = OutcomeSerializer(source="outcome", allow_null=True)
    problem = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)


class EditSerializer(CamelSerializer):
    """Who edited a side last, as far as it is known."""

    by = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField(allow_null=True)
    kind = serializers.CharField(allow_blank=True)


class LookSerializer(CamelSerializer):
    """A case at this moment. `rules` says per field what the integration's own rule would decide."""

    conflict = ConflictSerializer(source="case")
    token = serializers.CharField()
    moved = serializers.BooleanField()
    agrees = serializers.BooleanField()
    problem = serializers.CharField(allow_blank=True)
    local_now = serializers.JSONField(source="local")
    external_now = serializers.JSONField(source="external")
    local_edits = serializers.DictField(child=EditSerializer())
    external_edit = EditSerializer()
    page = serializers.CharField(allow_blank=True)
    offers = OfferSerializer(many=True)
    rules = serializers.SerializerMethodField()
    candidates = serializers.JSONField()

    def get_rules(self, look: Any) -> dict[str, dict[str, Any]]:
        return {name: {"winner": one.winner, "value": one.value, "rule": one.rule} for name, one in look.rules.items()}


class HistorySerializer(CamelSerializer):
    """The cases of one record."""

    conflicts = ConflictSerializer(many=True)


class CaseAnswer(CamelSerializer):
    """A case after something was done with it."""

    success = serializers.BooleanField()
    conflict = ConflictSerializer()


class ResolveSerializer(CamelSerializer):
    """R1's body. `resolved_data` goes with CUSTOM_MERGE; a contested field that it leaves out keeps our value.
    `token` is the one of the state that was looked at; with it, a decision on any other state is refused."""

    strategy = serializers.ChoiceField(
        choices=[one for one in ConflictStrategy.choices if one[0] != ConflictStrategy.MANUAL_REVIEW]
    )
    resolved_data = serializers.DictField(required=False)
    push_to_external = serializers.BooleanField(default=True)
    token = serializers.CharField(required=False, max_length=64)

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
