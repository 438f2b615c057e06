"""Alert rules to be changed; alerts, messages and health to be looked at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminTextInputWidget

from integrations.alerts import services
from integrations.alerts.conditions import sentence
from integrations.alerts.words import Channel
from integrations.console import IntegrationFilter, OwnOrganizations, ReadOnly, readable
from integrations.health.figures import Figures
from integrations.health.score import assess
from integrations.models import Alert, AlertRule, HealthSnapshot, Notification
from integrations.notify import sending
from integrations.notify.delivery import send_again


class AlertRuleForm(forms.ModelForm):
    """The Slack address goes in and is not shown again."""

    channels = forms.MultipleChoiceField(
        choices=Channel.choices, widget=forms.CheckboxSelectMultiple, required=False, label=_("Channels")
    )
    slack_url = forms.URLField(
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        label=_("Slack address of its own"),
        help_text=_("An incoming webhook. Empty = leave what is stored, or the installation's where none is."),
    )
    forget_slack = forms.BooleanField(required=False, label=_("Forget the stored Slack address"))

    class Meta:
        model = AlertRule
        fields = (
            "organization", "name", "enabled", "metric", "operator", "threshold", "window_minutes", "frequency",
            "severity", "channels", "cooldown",
        )  # fmt: skip

    def save(self, commit: bool = True) -> AlertRule:
        if self.cleaned_data["forget_slack"]:
            self.instance.slack_webhook = None
        if url := self.cleaned_data["slack_url"]:
            self.instance.slack_webhook = {"url": url}
        saved: AlertRule = super().save(commit)
        return saved


@admin.register(AlertRule)
class AlertRuleAdmin(OwnOrganizations):
    form = AlertRuleForm
    organization_path = "organization"
    list_display = ("name", "organization", "enabled", "condition", "severity", "told_by", "cooldown")
    list_filter = ("enabled", "severity", "metric")
    list_select_related = ("organization",)
    actions: tuple[str, ...] = ("switch_on", "switch_off")
    readonly_fields = ("slack_is_stored",)
    fieldsets = (
        (None, {"fields": ("organization", "name", "enabled")}),
        (_("When"), {"fields": ("metric", "operator", "threshold", "window_minutes", "frequency")}),
        (_("Who is told"), {"fields": ("severity", "channels", "cooldown")}),
        (_("Slack"), {"fields": ("slack_is_stored", "slack_url", "forget_slack")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: AlertRule | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "organization") if obj else self.readonly_fields

    def has_delete_permission(self, request: HttpRequest, obj: AlertRule | None = None) -> bool:
        """Rules that come with an organization are switched off instead."""
        return super().has_delete_permission(request, obj) and (obj is None or not obj.key)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Nothing is deleted by the dozen: among them may be rules that stay."""
        return {name: one for name, one in super().get_actions(request).items() if name != "delete_selected"}

    @admin.display(description=_("condition"))
    def condition(self, obj: AlertRule) -> str:
        return f"{obj.get_metric_display()} {obj.get_operator_display()} {obj.threshold:g}"

    @admin.display(description=_("channels"))
    def told_by(self, obj: AlertRule) -> str:
        return ", ".join(str(Channel(one).label) for one in obj.channels) or "-"

    @admin.display(description=_("own address stored"), boolean=True)
    def slack_is_stored(self, obj: AlertRule) -> bool:
        return bool(obj.slack_webhook)

    @admin.action(description=_("Switch on"), permissions=("change",))
    def switch_on(self, request: HttpRequest, queryset: QuerySet[AlertRule]) -> None:
        queryset.update(enabled=True)

    @admin.action(description=_("Switch off; open alerts resolve"), permissions=("change",))
    def switch_off(self, request: HttpRequest, queryset: QuerySet[AlertRule]) -> None:
        queryset.update(enabled=False)


@admin.register(Alert)
class AlertAdmin(ReadOnly):
    """They open and resolve by themselves; a person can acknowledge."""

    list_display = ("opened_at", "name", "integration", "severity", "status", "value", "acknowledged_by", "resolved_at")
    list_filter = (IntegrationFilter, "status", "severity")
    ordering = ("-id",)
    actions: tuple[str, ...] = ("acknowledge",)
    fields = (
        "integration", "name", "severity", "status", "what", "value", "threshold", "opened_at", "last_seen_at",
        "notified_at", "acknowledged_at", "acknowledged_by", "resolved_at", "messages_sent",
    )  # fmt: skip
    readonly_fields = ("what", "messages_sent")

    @admin.display(description=_("what to do"))
    def what(self, obj: Alert) -> str:
        return sentence(obj)

    @admin.display(description=_("messages"))
    def messages_sent(self, obj: Alert) -> SafeString:
        rows = obj.notifications.order_by("id").values("channel", "recipient", "status", "attempts", "error")
        return readable(list(rows[:50]))

    @admin.action(description=_("Acknowledge"), permissions=("view",))
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        done = 0
        for alert in queryset.exclude(status=Alert.Status.RESOLVED):
            services.acknowledge(alert, request.user.get_username(), timezone.now())
            done += 1
        messages.success(request, ngettext("%d alert acknowledged.", "%d alerts acknowledged.", done) % done)


@admin.register(Notification)
class NotificationAdmin(ReadOnly):
    """Messages to people, and what became of them."""

    organization_path = "organization"
    list_display = ("created_at", "subject", "channel", "recipient", "status", "attempts", "next_attempt_at", "error")
    list_filter = ("status", "channel", "topic")
    list_select_related = ()
    search_fields = ("=recipient",)
    ordering = ("-id",)
    actions: tuple[str, ...] = ("send_again",)
    exclude = ("html",)

    @admin.action(description=_("Send again"), permissions=("view",))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Notification]) -> None:
        done = sum(send_again(one, timezone.now()) for one in queryset)
        sending.soon()
        messages.success(request, ngettext("%d message is sent again.", "%d messages are sent again.", done) % done)


@admin.register(HealthSnapshot)
class HealthSnapshotAdmin(ReadOnly):
    list_display = ("taken_at", "integration", "status", "shown_score")
    list_filter = (IntegrationFilter, "status")
    ordering = ("-id",)
    fields = ("integration", "taken_at", "status", "shown_score", "indicators")
    readonly_fields = ("shown_score", "indicators")

    @admin.display(description=_("score"), ordering="score")
    def shown_score(self, obj: HealthSnapshot) -> str:
        return f"{obj.score:.1f}"

    @admin.display(description=_("indicators"))
    def indicators(self, obj: HealthSnapshot) -> SafeString:
        found = assess(Figures.restored(obj.figures))
        return readable([f"{one.name}: {one.status} ({one.score}). {one.sentence}" for one in found.indicators])
