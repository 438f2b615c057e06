"""Sending the record to one integration now, whether or not anything about it waits there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from automations.actions.base import Action, Doing, Done, Parameter, integration_of, wanted_integration
from automations.actions.checking import About
from automations.errors import Problem, Refused
from integrations.enums import SyncDirection
from integrations.models import FieldMapping, Integration
from sync_engine.outward import outbox
from sync_engine.running.schedule import RUNNABLE, push_soon


class Push(Action):
    """Queues the record for the integration and calls a worker; the engine decides what there is to write."""

    type = "push"
    label = gettext_noop("Send the record to an integration")
    parameters = (Parameter("integration", gettext_noop("Integration"), "integration", required=True),)

    def check(self, given: Mapping[str, Any], about: About) -> Iterator[Problem]:
        yield from super().check(given, about)
        if about.sync_type is None:
            yield Problem(f"{about.path}.type", "This rule is about no record, so there is nothing to send.")
            return
        integration = integration_of(about.organization, given.get("integration"))
        if integration is not None and (said := _refusal(integration, about.sync_type.key)):
            yield Problem(f"{about.path}.integration", said)

    def plan(self, doing: Doing) -> str:
        return f"Send the record to '{self._integration(doing).name}'"

    def perform(self, doing: Doing) -> Done:
        integration = self._integration(doing)
        outbox.queue(integration, doing.news.resource_type, [doing.news.record_id], doing.now)
        if integration.status not in RUNNABLE:
            return Done(f"Queued; '{integration.name}' is {integration.status.lower()}. Resume it to send what waits.")
        transaction.on_commit(lambda: push_soon(str(integration.pk)))
        return Done(f"Queued for '{integration.name}'.")

    def _integration(self, doing: Doing) -> Integration:
        integration = wanted_integration(doing)
        if said := _refusal(integration, doing.news.resource_type):
            raise Refused(said)
        return integration


def _refusal(integration: Integration, resource_type: str) -> str:
    if integration.sync_direction == SyncDirection.EXTERNAL_TO_LOCAL:
        return f"'{integration.name}' is only read. Change its direction to send something there."
    if not FieldMapping.objects.filter(integration=integration, resource_type=resource_type).exists():
        return f"'{integration.name}' has no mapping for {resource_type}. Add one first."
    return ""
