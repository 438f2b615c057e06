"""Webhook deliveries: listed, shown, worked on again."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.models import WebhookDelivery
from records.api.errors import Conflict
from records.api.pages import BigPages
from sync_engine.api.serializers import deliveries as shapes
from sync_engine.api.views.integrations import IntegrationDoor
from sync_engine.webhooks.replay import ReplayRefused, replay


class DeliveryFilter(filters.FilterSet):
    """By what was thought of it, what became of it, and when it came."""

    verdict = filters.ChoiceFilter(choices=WebhookDelivery.Verdict.choices)
    status = filters.ChoiceFilter(choices=WebhookDelivery.Status.choices)
    event = filters.CharFilter()
    receivedAt__gte = filters.IsoDateTimeFilter(field_name="received_at", lookup_expr="gte")
    receivedAt__lte = filters.IsoDateTimeFilter(field_name="received_at", lookup_expr="lte")

    class Meta:
        model = WebhookDelivery
        fields = ("verdict", "status", "event")


class DeliveryDoor(IntegrationDoor):
    """Knows the deliveries of one integration of the caller's organization."""

    serializer_class = shapes.WebhookDeliverySerializer

    def get_queryset(self) -> Any:
        if self.drawing:
            return WebhookDelivery.objects.none()
        integration = get_object_or_404(super().get_queryset(), pk=self.kwargs["integration_id"])
        return WebhookDelivery.objects.filter(integration=integration).order_by("-id")

    def delivery(self) -> WebhookDelivery:
        """The one of the address. Raises 404."""
        found: WebhookDelivery = get_object_or_404(self.get_queryset(), pk=self.kwargs["delivery_id"])
        return found


class Deliveries(DeliveryDoor):
    """What came."""

    filterset_class = DeliveryFilter
    pagination_class = BigPages
    results_key = "deliveries"

    @extend_schema(operation_id="webhook_deliveries_list", responses=shapes.WebhookDeliverySerializer(many=True))
    def get(self, request: Request, integration_id: str) -> Response:
        """The newest first, in pages, without bodies."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset().defer("headers", "body")))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class DeliveryDetail(DeliveryDoor):
    """One delivery."""

    @extend_schema(operation_id="webhook_deliveries_retrieve", responses=shapes.WebhookDeliveryAnswer)
    def get(self, request: Request, integration_id: str, delivery_id: int) -> Response:
        """With headers and body, secrets blanked out."""
        return Response(shapes.WebhookDeliveryAnswer({"success": True, "delivery": self.delivery()}).data)


class Replay(DeliveryDoor):
    """Another look at what a delivery speaks of."""

    @extend_schema(operation_id="webhook_deliveries_replay", request=None, responses=shapes.WebhookReplayAnswer)
    def post(self, request: Request, integration_id: str, delivery_id: int) -> Response:
        """Its records are read again at the provider, so an old one does no harm. 409 where it was not genuine."""
        found = self.delivery()
        try:
            queued = replay(found)
        except ReplayRefused as error:
            raise Conflict(str(error), "cannot_replay") from error
        return Response(
            shapes.WebhookReplayAnswer({"success": True, "delivery_id": str(found.pk), "queued": queued}).data
        )
