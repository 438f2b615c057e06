"""Addresses of rules and outgoing webhooks."""

from __future__ import annotations

from django.urls import path

from automations.api.views import deliveries, firings, hooks, rules

RULE, FIRING, HOOK = "automations/<uuid:rule_id>", "automations/firings/<int:firing_id>", "hooks/<uuid:hook_id>"

urlpatterns = [
    path("me", hooks.Me.as_view()),
    path("automations", rules.Rules.as_view()),
    path("automations/vocabulary", firings.Vocabulary.as_view()),
    path("automations/firings", firings.Firings.as_view()),
    path(FIRING, firings.FiringDetail.as_view()),
    path(f"{FIRING}/retry", firings.RetryFiring.as_view()),
    path(RULE, rules.RuleDetail.as_view()),
    path(f"{RULE}/test", rules.RuleTest.as_view()),
    path(f"{RULE}/versions", rules.RuleVersions.as_view()),
    path("hooks", hooks.Hooks.as_view()),
    path("hooks/events", hooks.EventTypes.as_view()),
    path("hooks/samples/<str:event>", hooks.Samples.as_view()),
    path("hooks/deliveries/<int:delivery_id>/replay", deliveries.ReplayDelivery.as_view()),
    path(HOOK, hooks.HookDetail.as_view()),
    path(f"{HOOK}/rotate-secret", hooks.RotateSecret.as_view()),
    path(f"{HOOK}/pause", hooks.PauseHook.as_view()),
    path(f"{HOOK}/resume", hooks.ResumeHook.as_view()),
    path(f"{HOOK}/test", hooks.PingHook.as_view()),
    path(f"{HOOK}/replay", deliveries.ReplayHook.as_view()),
    path(f"{HOOK}/deliveries", deliveries.Deliveries.as_view()),
]
