"""Messages to webhooks: looked at, and sent again."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from automations import waking
from automations.api.problems import refusals
from automations.api.serializers import hooks as shapes
from automations.api.views.firings import ById
from automations.api.views.hooks import HookDoor
from automations.hooks import services
from automations.models import Hook, HookDelivery
from records.api.views import Door


class DeliveryFilter(filters.FilterSet):
    """By state and event."""

    status = filters.ChoiceFilter(choices=HookDelivery.Status.choices)
    event = filters.CharFilter()

    class Meta:
        model = HookDelivery
        fields = ("status",)


class DeliveryDoor(Door):
    """Knows the messages of the caller's organization."""

    serializer_class = shapes.DeliverySerializer
    lookup_url_kwarg = "delivery_id"

    def get_queryset(self) -> Any:
        if self.drawing:
            return HookDelivery.objects.none()
        return HookDelivery.objects.filter(hook__organization=self.organization).order_by("-id")


class Deliveries(DeliveryDoor):
    """What was sent to one webhook."""

    filterset_class = DeliveryFilter
    pagination_class = ById
    results_key = "deliveries"

    def get_queryset(self) -> Any:
        found = super().get_queryset()
        if self.drawing:
            return found
        mine = Hook.objects.filter(organization=self.organization)
        return found.filter(hook=get_object_or_404(mine, pk=self.kwargs["hook_id"]))

    @extend_schema(operation_id="hooks_deliveries", responses=shapes.DeliverySerializer(many=True))
    def get(self, request: Request, hook_id: str) -> Response:
        """The newest first, in pages by cursor."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class ReplayDelivery(DeliveryDoor):
    """One message again."""

    @extend_schema(operation_id="hooks_replay_delivery", request=None)
    def post(self, request: Request, delivery_id: int) -> Response:
        """Sends it again under the same `webhook-id`, whether it arrived or not."""
        delivery = get_object_or_404(self.get_queryset().select_related("hook"), pk=delivery_id)
        with refusals():
            services.replay(delivery)
        waking.read_soon()
        return Response(self.get_serializer(delivery).data)


class ReplayHook(HookDoor):
    """What was given up, again."""

    @extend_schema(operation_id="hooks_replay", request=shapes.ReplaySerializer, responses=shapes.ReplayedAnswer)
    def post(self, request: Request, hook_id: str) -> Response:
        """Sends again what was given up since then, at most a thousand messages."""
        body = shapes.ReplaySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        with refusals():
            count = services.replay_since(self.get_object(), body.validated_data["since"])
        waking.read_soon()
        return Response({"success": True, "count": count})
