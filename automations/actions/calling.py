"""Sending a signed message to one of the organization's outgoing webhooks."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from automations.actions.base import Action, Doing, Done, Parameter
from automations.errors import Refused
from automations.hooks import composing
from automations.models import Hook, HookDelivery


class CallWebhook(Action):
    """Files the message with the firing's transaction; sending, signing and retrying are the webhook's own matter."""

    type = "call_webhook"
    label = gettext_noop("Call a webhook")
    parameters = (
        Parameter("hook", gettext_noop("Webhook"), "hook", required=True),
        Parameter(
            "text", gettext_noop("Note"), "long", help=gettext_noop("Sent along as `note`; {field} puts in a value.")
        ),
    )

    def plan(self, doing: Doing) -> str:
        return f"Send {doing.news.event} to {self._hook(doing)}"

    def perform(self, doing: Doing) -> Done:
        hook = self._hook(doing)
        filed = composing.called(hook, doing.news, doing.key, doing.rule_name, doing.text("text"), doing.now)
        HookDelivery.objects.bulk_create([filed], ignore_conflicts=True)
        return Done(f"Message {filed.message_id} to {hook} is on its way.")

    def _hook(self, doing: Doing) -> Hook:
        found = Hook.objects.filter(organization=doing.organization, pk=doing.given["hook"]).first()
        if found is None:
            raise Refused("The webhook of this action is gone. Choose another one in the rule.")
        if found.status != Hook.Status.ACTIVE:
            raise Refused(f"{found} is switched off: {found.status_reason or found.get_status_display()}")
        return found
