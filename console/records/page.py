"""The page that explains a record: per integration whether it is in step, and why; and the button that syncs it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from console.navigation import conflict_address
from console.pages import Action, Door, Page, Refused, safe_next
from console.records.addresses import edited, explained, manager_of, type_or_none
from integrations.enums import SyncDirection
from integrations.models import ExternalChange, Integration, IntegrationMapping
from records.catalog import SyncType
from records.models import LocalChange
from sync_engine.api import asking
from sync_engine.build import syncing
from sync_engine.insight.explain import explain, recent_logs
from sync_engine.ports import ports
from sync_engine.running.schedule import RUNNABLE
from sync_engine.webhooks.announce import announce

EDITS = 10


class OfRecord(Door):
    """Knows the record of the address. Raises 404 for somebody else's."""

    @cached_property
    def sync_type(self) -> SyncType:
        found = type_or_none(self.kwargs["kind"])
        if found is None:
            raise Http404
        return found

    @cached_property
    def record(self) -> Any:
        own = manager_of(self.sync_type).filter(organization__in=self.organizations)
        found = own.select_related().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found


class Explain(OfRecord, Page):
    """One card per integration, then what was written and who edited the record here."""

    template_name = "console/records/explain.html"

    def context(self) -> dict[str, Any]:
        record, key = self.record, self.sync_type.key
        answers = explain(self.sync_type, record)
        return {
            "record": record,
            "kind": key,
            "label": self.sync_type.label,
            "standings": [(one, [(case, conflict_address(case.pk)) for case in one.conflicts]) for one in answers],
            "logs": recent_logs(str(record.pk)),
            "edits": LocalChange.objects.filter(resource_type=key, record_id=record.pk).order_by("-id")[:EDITS],
            "edit": edited(self.sync_type, record.pk),
        }

    def heading(self) -> Any:
        return str(self.record)

    def parents(self) -> Iterable[tuple[Any, str]]:
        if address := edited(self.sync_type, self.record.pk):
            yield gettext_lazy("Record"), address


class SyncRecord(OfRecord, Action):
    """Settles the record with each integration without waiting: a push reads the other side first, so it also brings
    what was changed there; an integration that only brings records in reads its own again."""

    def act(self) -> str:
        key = self.sync_type.key
        own = self.integrations.filter(organization=self.record.organization_id, status__in=RUNNABLE)
        mapped = [one for one in own if key in syncing(one)]
        if not mapped:
            raise Refused(_("No active integration syncs this type of record, so nothing was started."))
        for integration in mapped:
            if integration.sync_direction == SyncDirection.EXTERNAL_TO_LOCAL:
                self._read_again(integration)
            else:
                self._settle(integration)
        return ngettext(
            "It is being synced with %(number)d integration.",
            "It is being synced with %(number)d integrations.",
            len(mapped),
        ) % {"number": len(mapped)}

    def _settle(self, integration: Integration) -> None:
        asking.ask(
            integration,
            cause=_("started by %(who)s") % {"who": self.who},
            direction="push",
            resource_types=[self.sync_type.key],
            items=[str(self.record.pk)],
        )

    def _read_again(self, integration: Integration) -> None:
        linked = IntegrationMapping.objects.filter(
            integration=integration, resource_type=self.sync_type.key, internal_id=self.record.pk
        )
        for external_id in linked.values_list("external_id", flat=True):
            ExternalChange.objects.get_or_create(
                integration=integration,
                resource_type=self.sync_type.key,
                external_id=external_id,
                defaults={"cause": "asked", "created_at": ports().clock.now()},
            )
        announce(integration)

    def after(self) -> str:
        return safe_next(self.request) or explained(self.sync_type.key, self.record.pk)
