"""Field mappings. The document is R1's JSON and stays as it is, inside and out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from integrations.models import FieldMapping
from records.api.fields import CamelModelSerializer, CamelSerializer
from sync_engine.api.serializers.actions import ResourceTypeField


class MappingSerializer(CamelModelSerializer):
    """The version in force of one type."""

    resource_type = ResourceTypeField()

    class Meta:
        model = FieldMapping
        fields = ("resource_type", "version", "document", "created_at", "created_by")
        read_only_fields = fields


class MappingList(CamelSerializer):
    """Every type that an integration maps."""

    mappings = MappingSerializer(many=True)


class DocumentSerializer(CamelSerializer):
    """A mapping document, as an object or as the text that a person typed (then problems have lines)."""

    document = serializers.JSONField()

    def validate_document(self, value: Any) -> Any:
        if not isinstance(value, dict | str):
            raise serializers.ValidationError("The mapping must be a JSON object, or its text.")
        return value


class ProblemSerializer(CamelSerializer):
    """One thing that is wrong."""

    path = serializers.CharField(allow_blank=True)
    message = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)


class ValidationAnswer(CamelSerializer):
    """What is wrong with a document; nothing is stored."""

    valid = serializers.BooleanField()
    problems = ProblemSerializer(many=True)


class PreviewRequest(CamelSerializer):
    """`document` defaults to the version in force, `samples` (records as the provider sends them) to the first
    that it lists."""

    document = serializers.DictField(required=False)
    samples = serializers.ListField(child=serializers.DictField(), required=False, max_length=20)


class PreviewedRecord(CamelSerializer):
    """A sample and what it becomes; a field that waits for a link is in `unresolved`."""

    external = serializers.DictField()
    internal = serializers.DictField(allow_null=True)
    back = serializers.DictField(allow_null=True, help_text="What would be written back.")
    unresolved = serializers.ListField(child=serializers.CharField())
    problem = serializers.CharField(allow_blank=True)


class PreviewAnswer(CamelSerializer):
    """Answer to a preview."""

    records = PreviewedRecord(many=True)
