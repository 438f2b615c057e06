"""How a record stands with each integration."""

from __future__ import annotations

from rest_framework import serializers

from records.api.fields import CamelSerializer
from sync_engine.insight.explain_rules import Verdict


class AgreedFieldSerializer(CamelSerializer):
    """A mapped field: what stands here now, what both sides last agreed on in either form, and who or what (`by`, in
    run `run`, by `rule`) set the agreed value."""

    name = serializers.CharField()
    path = serializers.CharField(allow_blank=True, help_text="The field's path at the provider.")
    here = serializers.JSONField(allow_null=True)
    agreed = serializers.JSONField(allow_null=True)
    there = serializers.JSONField(allow_null=True)
    moved = serializers.BooleanField(help_text="It was changed here since.")
    by = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField(allow_null=True)
    run = serializers.CharField(allow_blank=True)
    rule = serializers.CharField(allow_blank=True)


class StandingSerializer(CamelSerializer):
    """`sentences` say why, the weightiest first; `refusal` is the provider's own words, if the last write failed."""

    integration_id = serializers.UUIDField(source="integration.pk")
    integration_name = serializers.CharField(source="integration.name")
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    sentences = serializers.ListField(child=serializers.CharField())
    external_id = serializers.CharField(source="link.external_id", allow_null=True, default=None)
    last_agreed_at = serializers.DateTimeField(source="link.last_synced_at", allow_null=True, default=None)
    refusal = serializers.CharField(source="refusal.error_message", allow_null=True, default=None)
    agreed_fields = AgreedFieldSerializer(many=True, source="fields")


class RecordSyncAnswer(CamelSerializer):
    """One entry per integration of the organization."""

    success = serializers.BooleanField()
    integrations = StandingSerializer(many=True)
