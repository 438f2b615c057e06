"""Outgoing webhooks: what Zapier, Make, n8n and programs subscribe to."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from automations import waking
from automations.api.problems import refusals
from automations.api.serializers import hooks as shapes
from automations.examples import samples
from automations.happenings import event_types
from automations.hooks import services
from automations.models import Hook
from records.api.views import Door
from sync_engine.ports import ports

NAMES = {"target_url": "url"}


class HookFilter(filters.FilterSet):
    """By state and event."""

    status = filters.ChoiceFilter(choices=Hook.Status.choices)
    event = filters.CharFilter(field_name="events", method="by_event")

    def by_event(self, found: Any, name: str, value: str) -> Any:
        return found.filter(events__contains=[value])

    class Meta:
        model = Hook
        fields = ("status",)


class HookDoor(Door):
    """Knows the webhooks of the caller's organization."""

    serializer_class = shapes.HookSerializer
    lookup_url_kwarg = "hook_id"

    def get_queryset(self) -> Any:
        if self.drawing:
            return Hook.objects.none()
        return Hook.objects.filter(organization=self.organization).order_by("-created_at", "-id")

    def given(self, request: Request, *, partial: bool) -> dict[str, Any]:
        """The values of the body, as the services name them. Raises 400."""
        body = shapes.SubscribeSerializer(data=request.data, partial=partial)
        body.is_valid(raise_exception=True)
        return {NAMES.get(name, name): value for name, value in body.validated_data.items()}

    def shown(self, hook: Hook) -> Response:
        return Response(shapes.HookSerializer(hook).data)


class Hooks(HookDoor):
    """All webhooks."""

    filterset_class = HookFilter
    results_key = "hooks"

    @extend_schema(operation_id="hooks_list", responses=shapes.HookSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The newest first, in pages."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="hooks_subscribe",
        request=shapes.SubscribeSerializer,
        responses={201: shapes.SubscribedSerializer, 200: shapes.SubscribedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Subscribes an address. The answer holds the secret, this once. Subscribing the same address to the same
        events again answers 200 with the webhook that is there."""
        given = self.given(request, partial=False)
        same = services.subscribed(self.organization, given["url"], given["events"])
        if same is not None:
            return Response(shapes.SubscribedSerializer(same).data)
        with refusals():
            hook, secret = services.subscribe(self.organization, created_by=request.user, **given)
        return Response(shapes.SubscribedSerializer(hook, context={"secret": secret}).data, status=201)


class HookDetail(HookDoor):
    """One webhook."""

    @extend_schema(operation_id="hooks_retrieve")
    def get(self, request: Request, hook_id: str) -> Response:
        """How it is doing. Neither its address nor its secret is shown."""
        return self.shown(self.get_object())

    @extend_schema(operation_id="hooks_update", request=shapes.SubscribeSerializer(partial=True))
    def patch(self, request: Request, hook_id: str) -> Response:
        """Changes what is given."""
        given = self.given(request, partial=True)
        with refusals():
            return self.shown(services.change(self.get_object(), **given))

    @extend_schema(operation_id="hooks_unsubscribe", responses={204: None})
    def delete(self, request: Request, hook_id: str) -> Response:
        """Unsubscribes; what waits for it is not sent any more."""
        self.get_object().delete()
        return Response(status=204)


class RotateSecret(HookDoor):
    """A new secret."""

    @extend_schema(operation_id="hooks_rotate_secret", request=None, responses=shapes.SecretAnswer)
    def post(self, request: Request, hook_id: str) -> Response:
        """Shown this once; messages are signed with both for a day."""
        hook = self.get_object()
        answer = {"secret": services.rotate_secret(hook), "previous_until": hook.secret["previous_until"]}
        return Response({"secret": answer["secret"], "previousUntil": answer["previous_until"]})


class PauseHook(HookDoor):
    """A pause."""

    @extend_schema(operation_id="hooks_pause", request=None)
    def post(self, request: Request, hook_id: str) -> Response:
        """Nothing is sent, and nothing new is noted; what waits keeps waiting."""
        hook = self.get_object()
        services.pause(hook)
        return self.shown(hook)


class ResumeHook(HookDoor):
    """The end of a pause, or of being switched off."""

    @extend_schema(operation_id="hooks_resume", request=None)
    def post(self, request: Request, hook_id: str) -> Response:
        """Sends what waited, and from now on what is new."""
        hook = self.get_object()
        services.resume(hook)
        waking.read_soon()
        return self.shown(hook)


class PingHook(HookDoor):
    """A message to try the receiver."""

    @extend_schema(operation_id="hooks_test", request=None, responses={202: shapes.DeliverySerializer})
    def post(self, request: Request, hook_id: str) -> Response:
        """Files a `ping`; its delivery tells what the receiver answered."""
        with refusals():
            filed = services.ping(self.get_object())
        waking.read_soon()
        return Response(shapes.DeliverySerializer(filed).data, status=202)


class Samples(Door):
    """What messages look like."""

    pagination_class = None

    @extend_schema(operation_id="hooks_samples", responses={200: {"type": "array", "items": {"type": "object"}}})
    def get(self, request: Request, event: str) -> Response:
        """A bare array, the newest first, in the shape that is sent; made up where there is no record yet."""
        with refusals():
            services.checked_events([event])
        one = "task.updated" if event == "*" else event.replace(".*", ".updated")
        return Response(samples(self.organization, one, ports().clock.now()))


class EventTypes(Door):
    """What can be subscribed to."""

    pagination_class = None

    @extend_schema(operation_id="hooks_events", responses={200: {"type": "array", "items": {"type": "object"}}})
    def get(self, request: Request) -> Response:
        """A bare array of `{"id", "name"}`, for the lists of workflow tools."""
        return Response([{"id": event, "name": event.replace(".", " ").replace("_", " ")} for event in event_types()])


class Me(Door):
    """Who asks."""

    @extend_schema(operation_id="me", responses=shapes.MeSerializer)
    def get(self, request: Request) -> Response:
        """Whose token it is and which organization it works in: a cheap test of a connection."""
        user, mine = request.user, self.organization
        return Response(
            {
                "id": str(user.pk),
                "name": user.get_full_name() or user.get_username(),
                "email": user.email,
                "organization": {"id": str(mine.pk), "name": mine.name, "slug": mine.slug},
            }
        )
