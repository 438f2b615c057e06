"""Alerts, their rules, and the messages about them."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.alerts import services
from integrations.alerts.words import AlertSeverity, Channel
from integrations.models import Alert, AlertRule, Notification
from integrations.notify import sending
from integrations.notify.delivery import send_again
from records.api.errors import Conflict
from records.api.views import Door
from sync_engine.api.serializers import alerts as shapes
from sync_engine.ports import ports


class AlertFilter(filters.FilterSet):
    """Without `status`, what is not resolved."""

    integrationId = filters.UUIDFilter(field_name="integration_id")
    status = filters.ChoiceFilter(choices=Alert.Status.choices)
    severity = filters.ChoiceFilter(choices=AlertSeverity.choices)

    class Meta:
        model = Alert
        fields = ("status", "severity")

    def filter_queryset(self, queryset: Any) -> Any:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("status") else found.exclude(status=Alert.Status.RESOLVED)


class AlertDoor(Door):
    """Knows the alerts of the caller's organization, and no others."""

    serializer_class = shapes.AlertSerializer
    lookup_field = "id"
    lookup_url_kwarg = "alert_id"

    def get_queryset(self) -> Any:
        if self.drawing:
            return Alert.objects.none()
        mine = Alert.objects.filter(integration__organization=self.organization)
        return mine.select_related("integration").order_by("-id")

    def answer(self, alert: Alert) -> Response:
        return Response(shapes.AlertAnswer({"success": True, "alert": alert}).data)


class Alerts(AlertDoor):
    """All alerts."""

    filterset_class = AlertFilter
    results_key = "alerts"

    @extend_schema(operation_id="alerts_list", responses=shapes.AlertSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What is not resolved, or has the `status` asked for; the newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class AlertDetail(AlertDoor):
    """One alert."""

    @extend_schema(operation_id="alerts_retrieve", responses=shapes.AlertAnswer)
    def get(self, request: Request, alert_id: int) -> Response:
        """The alert with the messages about it, and what became of each."""
        return self.answer(self.get_object())


class Acknowledge(AlertDoor):
    """Somebody takes care of an alert."""

    @extend_schema(operation_id="alerts_acknowledge", request=None, responses=shapes.AlertAnswer)
    def post(self, request: Request, alert_id: int) -> Response:
        """Nobody is told of it again; it resolves when its condition ends. 409 where it has."""
        try:
            acknowledged = services.acknowledge(self.get_object(), self.who, ports().clock.now())
        except services.NotOpen as error:
            raise Conflict(str(error), "already_resolved") from error
        return self.answer(acknowledged)


class NotificationFilter(filters.FilterSet):
    """`status=FAILED` shows what was given up."""

    integrationId = filters.UUIDFilter(field_name="integration_id")
    status = filters.ChoiceFilter(choices=Notification.Status.choices)
    channel = filters.ChoiceFilter(choices=Channel.choices)

    class Meta:
        model = Notification
        fields = ("status", "channel")


class NotificationDoor(Door):
    """Knows the messages of the caller's organization, and no others."""

    serializer_class = shapes.NotificationSerializer
    lookup_field = "id"
    lookup_url_kwarg = "notification_id"

    def get_queryset(self) -> Any:
        if self.drawing:
            return Notification.objects.none()
        return Notification.objects.filter(organization=self.organization).defer("text", "html").order_by("-id")


class Notifications(NotificationDoor):
    """All messages."""

    filterset_class = NotificationFilter
    results_key = "notifications"

    @extend_schema(operation_id="notifications_list", responses=shapes.NotificationSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The newest first, in pages."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class SendAgain(NotificationDoor):
    """Another try for a message that was given up."""

    @extend_schema(operation_id="notifications_send_again", request=None, responses=shapes.SentAgainAnswer)
    def post(self, request: Request, notification_id: int) -> Response:
        """Sends it at once, with all its tries. 409 where it was not given up."""
        found: Notification = self.get_object()
        if not send_again(found, ports().clock.now()):
            raise Conflict(f"This message is {found.status.lower()}: there is nothing to send again.", "not_failed")
        sending.soon()
        found.refresh_from_db()
        return Response(shapes.SentAgainAnswer({"success": True, "notification": found}).data)


class RuleDoor(Door):
    """Knows the rules of the caller's organization, and no others."""

    serializer_class = shapes.AlertRuleSerializer
    lookup_field = "id"
    lookup_url_kwarg = "rule_id"
    pagination_class = None

    def get_queryset(self) -> Any:
        return AlertRule.objects.none() if self.drawing else AlertRule.objects.filter(organization=self.organization)

    def answer(self, rule: AlertRule, status: int = 200) -> Response:
        return Response(shapes.AlertRuleAnswer({"success": True, "rule": rule}).data, status=status)


class Rules(RuleDoor):
    """All alert rules, and new ones."""

    @extend_schema(operation_id="alert_rules_list", responses=shapes.AlertRuleList)
    def get(self, request: Request) -> Response:
        """Those that come with an organization and one's own."""
        return Response(shapes.AlertRuleList({"rules": self.get_queryset()}).data)

    @extend_schema(
        operation_id="alert_rules_create", request=shapes.AlertRuleSerializer, responses={201: shapes.AlertRuleAnswer}
    )
    def post(self, request: Request) -> Response:
        """Counts from the next look, within five minutes."""
        asked = shapes.AlertRuleSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return self.answer(AlertRule.objects.create(organization=self.organization, **asked.stored()), status=201)


class RuleDetail(RuleDoor):
    """One alert rule."""

    @extend_schema(operation_id="alert_rules_retrieve", responses=shapes.AlertRuleAnswer)
    def get(self, request: Request, rule_id: int) -> Response:
        """The rule as it is."""
        return self.answer(self.get_object())

    @extend_schema(
        operation_id="alert_rules_update", request=shapes.AlertRuleSerializer, responses=shapes.AlertRuleAnswer
    )
    def put(self, request: Request, rule_id: int) -> Response:
        """Changes what is given and leaves the rest."""
        rule: AlertRule = self.get_object()
        asked = shapes.AlertRuleSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        changed = asked.stored()
        for name, value in changed.items():
            setattr(rule, name, value)
        rule.save(update_fields=list(changed))
        return self.answer(rule)

    @extend_schema(operation_id="alert_rules_delete", responses=shapes.AlertRuleDeleted)
    def delete(self, request: Request, rule_id: int) -> Response:
        """One of one's own. 409 for those that come with an organization."""
        rule: AlertRule = self.get_object()
        if rule.key:
            raise Conflict(str(shapes.BUILT_IN), "built_in")
        rule.delete()
        return Response(shapes.AlertRuleDeleted({"success": True}).data)
