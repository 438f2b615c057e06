"""R1's flow 4: those in charge are told of new conflicts, of any number of them in one message.

A conflict is told of once no further one has come for a minute, or it has waited for five. An organization gets at
most one message in a quarter of an hour; what comes meanwhile is in the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Min, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conflicts.models import ConflictResolution
from integrations.alerts.words import Channel, Topic
from integrations.models import Notification
from integrations.notify import links, messages
from records import catalog
from records.models import Organization

QUIET, LONGEST, PAUSE = timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15)
LISTED = 10


@dataclass(frozen=True, slots=True)
class Named:
    """A conflict in a line: `what` as in "Task 'Order paint'"."""

    what: str
    fields: str
    integration: str
    address: str


def tell_opened(now: datetime) -> int:
    """Writes the messages that are due. Returns of how many conflicts they tell."""
    return sum(_tell(organization, now) for organization in _ready(now))


def _ready(now: datetime) -> list[Organization]:
    waiting = (
        _untold()
        .values("integration__organization")
        .annotate(first=Min("created_at"), last=Max("created_at"))
        .order_by()
    )
    ready = [
        one["integration__organization"]
        for one in waiting
        if one["last"] <= now - QUIET or one["first"] <= now - LONGEST
    ]
    just_told = Notification.objects.filter(
        organization__in=ready, topic=Topic.CONFLICTS, created_at__gt=now - PAUSE
    ).values("organization")
    return list(Organization.objects.filter(pk__in=ready).exclude(pk__in=just_told))


@transaction.atomic
def _tell(organization: Organization, now: datetime) -> int:
    """A conflict is marked in the transaction that writes the message, so it is told of once, whoever else looks."""
    mine = _untold().filter(integration__organization=organization)
    claimed = list(mine.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
    if not claimed:
        return 0
    cases = ConflictResolution.objects.filter(pk__in=claimed)
    messages.file(_message(organization, cases, len(claimed)), [Channel.EMAIL, Channel.SLACK], now)
    cases.update(notified_at=now)
    return len(claimed)


def _untold() -> QuerySet[ConflictResolution]:
    return ConflictResolution.objects.filter(status=ConflictResolution.Status.PENDING, notified_at=None)


def _message(organization: Organization, cases: QuerySet[ConflictResolution], number: int) -> messages.Message:
    newest = list(cases.select_related("integration").order_by("-created_at", "-pk")[:LISTED])
    by_integration = list(cases.values_list("integration__name").annotate(number=Count("pk")).order_by("-number"))

    def compose() -> messages.Content:
        listed = _named(newest)
        headline = _headline(listed[0], number)
        context = {
            "headline": headline,
            "number": number,
            "listed": listed,
            "more": number - len(listed),
            "integrations": by_integration,
            "address": listed[0].address if number == 1 else links.conflicts_page(),
        }
        return messages.Content(f"[Lockstep] {headline}", context)

    return messages.Message(organization, Topic.CONFLICTS, "conflicts", compose)


def _headline(first: Named, number: int) -> str:
    if number > 1:
        return ngettext("%d sync conflict detected", "%d sync conflicts detected", number) % number
    return _("Sync conflict detected in %(what)s") % {"what": first.what}


def _named(cases: Sequence[ConflictResolution]) -> list[Named]:
    titles = _titles(cases)
    return [
        Named(
            what=f"{_label(one.resource_type)} {titles.get(one.resource_id) or one.resource_id or one.external_id}",
            fields=", ".join(one.conflicted_fields) or one.get_kind_display(),
            integration=one.integration.name,
            address=links.conflict_page(one.pk),
        )
        for one in cases
    ]


def _label(resource_type: str) -> str:
    try:
        return catalog.get(resource_type).label
    except KeyError:
        return resource_type


def _titles(cases: Sequence[ConflictResolution]) -> dict[str, str]:
    """Local id -> the record's own name in quotes, one query per type."""
    titles: dict[str, str] = {}
    for resource_type in {one.resource_type for one in cases}:
        ids = [one.resource_id for one in cases if one.resource_type == resource_type and _is_uuid(one.resource_id)]
        try:
            found = catalog.get(resource_type).model.all_objects.filter(pk__in=ids)
        except KeyError:
            continue  # a type whose app is gone
        titles |= {str(record.pk): f"'{record}'" for record in found}
    return titles


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
