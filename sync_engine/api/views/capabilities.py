"""What can be connected, and what each provider can do."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.base import registry
from records.api.fields import CamelSerializer
from records.api.views import Door
from sync_engine.dispatcher import get_sync_capabilities


class CapabilitiesSerializer(CamelSerializer):
    """R4's capabilities, with the provider's name and type."""

    type = serializers.CharField()
    label = serializers.CharField()
    base_url = serializers.CharField(allow_blank=True)
    settings_schema = serializers.JSONField()
    can_sync = serializers.BooleanField()
    sync_types = serializers.ListField(child=serializers.CharField())
    supports_direction = serializers.BooleanField()
    description = serializers.CharField()


class CapabilitiesList(CamelSerializer):
    """Every provider."""

    capabilities = CapabilitiesSerializer(many=True)


class Capabilities(Door):
    """All providers."""

    serializer_class = CapabilitiesSerializer
    pagination_class = None

    @extend_schema(operation_id="capabilities_list", responses=CapabilitiesList)
    def get(self, request: Request) -> Response:
        """Each provider with what can be synced with it."""
        found = [
            {
                "type": one.key.upper(),
                "label": one.label,
                "base_url": one.base_url,
                "settings_schema": one.settings_schema,
                **vars(get_sync_capabilities(one.key)),
            }
            for one in registry.all_connectors()
        ]
        return Response(CapabilitiesList({"capabilities": found}).data)
