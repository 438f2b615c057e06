"""The plain tables of rules and webhooks. They are made and changed on the console's own pages."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from automations.models import Hook, HookDelivery, Rule, RuleFiring
from integrations.console import ReadOnly, readable


@admin.register(Rule)
class RuleAdmin(ReadOnly):
    organization_path = "organization"
    list_display = ("name", "organization", "event", "resource_type", "enabled", "failures", "last_fired_at")
    list_filter = ("enabled", "event")
    list_select_related = ("organization",)
    search_fields = ("name",)
    fields = (
        "organization", "name", "description", "enabled", "disabled_reason", "failures", "max_per_minute", "version",
        "readable_document", "last_fired_at", "created_by", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = ("readable_document",)

    @admin.display(description=_("document"))
    def readable_document(self, obj: Rule) -> SafeString:
        return readable(obj.document)


@admin.register(RuleFiring)
class RuleFiringAdmin(ReadOnly):
    organization_path = "organization"
    list_display = ("created_at", "rule", "event", "subject", "status", "attempts", "reason")
    list_filter = ("status", "event")
    list_select_related = ("rule",)
    search_fields = ("=record_id",)
    ordering = ("-id",)
    fields = (
        "rule", "rule_version", "event", "subject", "record_id", "status", "reason", "readable_outcomes", "chain",
        "attempts", "next_attempt_at", "created_at", "finished_at", "readable_news",
    )  # fmt: skip
    readonly_fields = ("readable_outcomes", "readable_news")

    @admin.display(description=_("what came of it"))
    def readable_outcomes(self, obj: RuleFiring) -> SafeString:
        return readable(obj.outcomes)

    @admin.display(description=_("what was known"))
    def readable_news(self, obj: RuleFiring) -> SafeString:
        return readable(obj.news)


@admin.register(Hook)
class HookAdmin(ReadOnly):
    """Neither the address nor the secret is shown."""

    organization_path = "organization"
    list_display = ("__str__", "organization", "url_hint", "status", "failures", "last_sent_at")
    list_filter = ("status",)
    list_select_related = ("organization",)
    fields = (
        "organization", "description", "url_hint", "events", "conditions", "skip_own", "status", "status_reason",
        "failures", "failing_since", "not_before", "last_status", "last_sent_at", "created_by", "created_at",
    )  # fmt: skip


@admin.register(HookDelivery)
class HookDeliveryAdmin(ReadOnly):
    organization_path = "hook__organization"
    list_display = ("created_at", "hook", "event", "status", "attempts", "last_status", "last_error")
    list_filter = ("status",)
    list_select_related = ("hook",)
    search_fields = ("=message_id",)
    ordering = ("-id",)
    fields = (
        "hook", "message_id", "event", "status", "attempts", "readable_tries", "replays", "next_attempt_at",
        "delivered_at", "created_at", "body",
    )  # fmt: skip
    readonly_fields = ("readable_tries",)

    @admin.display(description=_("attempts"))
    def readable_tries(self, obj: HookDelivery) -> SafeString:
        return readable(obj.tries)
