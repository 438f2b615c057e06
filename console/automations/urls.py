from __future__ import annotations

from django.urls import path

from console.automations import editing, hooks, rules, trying

RULE, HOOK = "rules/<uuid:pk>", "webhooks/<uuid:pk>"
FIRING, DELIVERY = "rules/firings/<int:firing>", "webhooks/sent/<int:delivery>"

urlpatterns = [
    path("rules", rules.Rules.as_view(), name="rules"),
    path("rules/new", editing.Editor.as_view(), name="new_rule"),
    path("rules/firings", rules.Firings.as_view(), name="firings"),
    path(FIRING, rules.OneFiring.as_view(), name="firing"),
    path(f"{FIRING}/retry", rules.Retry.as_view(), name="retry_firing"),
    path(RULE, rules.OneRule.as_view(), name="rule"),
    path(f"{RULE}/edit", editing.Editor.as_view(), name="edit_rule"),
    path(f"{RULE}/try", trying.TryRule.as_view(), name="try_rule"),
    path(f"{RULE}/switch", rules.Switch.as_view(), name="switch_rule"),
    path(f"{RULE}/remove", rules.Remove.as_view(), name="remove_rule"),
    path("webhooks", hooks.Hooks.as_view(), name="hooks"),
    path("webhooks/new", hooks.EditHook.as_view(), name="new_hook"),
    path(DELIVERY, hooks.OneDelivery.as_view(), name="message"),
    path(f"{DELIVERY}/replay", hooks.Replay.as_view(), name="replay_message"),
    path(HOOK, hooks.OneHook.as_view(), name="hook"),
    path(f"{HOOK}/edit", hooks.EditHook.as_view(), name="edit_hook"),
    path(f"{HOOK}/switch", hooks.SwitchHook.as_view(), name="switch_hook"),
    path(f"{HOOK}/secret", hooks.NewSecret.as_view(), name="new_hook_secret"),
    path(f"{HOOK}/test", hooks.TestHook.as_view(), name="test_hook"),
    path(f"{HOOK}/remove", hooks.RemoveHook.as_view(), name="remove_hook"),
]
