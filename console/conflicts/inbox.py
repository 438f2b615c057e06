"""The inbox: everything that waits for a person's decision, by integration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conflicts import selectors
from conflicts.models import ConflictResolution
from conflicts.selectors import COUNTED, Facets
from console.conflicts.filters import FilterForm
from console.conflicts.rows import Row, rows_of
from console.conflicts.waiting import Approval, approvals
from console.pages import Page
from console.paging import KeysetPage, paged
from integrations.models import Integration

EACH = 5
"""Cases shown of each integration where several have some."""
GROUPS = 30
SHOWN_FIELDS = 6
KEY = ("created_at", "pk")


@dataclass
class Group:
    """The cases of one integration: the newest of them, and how many there are."""

    integration: Integration
    count: int
    rows: list[Row] = field(default_factory=list)

    @property
    def rest(self) -> int:
        return max(0, self.count - len(self.rows))


class Cases(Page):
    """What the pages about cases share: the filter, and the cases of one's own organizations."""

    @cached_property
    def form(self) -> FilterForm:
        return FilterForm(self.request.GET, self.integrations)

    @cached_property
    def own(self) -> QuerySet[ConflictResolution]:
        return selectors.of_integrations(self.integrations)

    @cached_property
    def cases(self) -> QuerySet[ConflictResolution]:
        return selectors.matching(self.own, self.form.wanted(), timezone.now())


class Inbox(Cases):
    """By integration where several have cases; as one list in pages where one has, or was chosen."""

    template_name = "console/conflicts/inbox.html"
    title = _("Conflicts")

    def context(self) -> dict[str, Any]:
        facets = selectors.facets(self.cases)
        grouped = len(facets.integrations) > 1
        page = None if grouped else paged(self.cases, self.request.GET, key=KEY)
        return {
            "form": self.form,
            "facets": facets,
            "top_fields": facets.fields.most_common(SHOWN_FIELDS),
            "counted": COUNTED,
            "groups": [*self._groups(facets)] if grouped else [],
            "page": page,
            "rows": rows_of(page.rows) if page else [],
            "alone": self._alone(page),
            "open": self.form.wanted().status == ConflictResolution.Status.PENDING,
            "approvals": self._approvals(page),
            "query": self.request.GET.urlencode(),
        }

    def _groups(self, facets: Facets) -> Iterable[Group]:
        """By number, the most first; one statement for the cases of all, one for their labels."""
        chosen = [pk for pk, _ in facets.integrations.most_common(GROUPS)]
        known: dict[UUID, Integration] = Integration.objects.in_bulk(chosen)
        newest = selectors.newest_of_each(self.cases.select_related(None), chosen, EACH)
        for cases in newest.values():
            for case in cases:
                case.integration = known[case.integration_id]
        shown = iter(rows_of([case for pk in chosen for case in newest[pk]]))
        for pk in chosen:
            yield Group(known[pk], facets.integrations[pk], [next(shown) for _ in newest[pk]])

    def _alone(self, page: KeysetPage | None) -> Integration | None:
        """The integration that all cases of the page belong to."""
        rows: Sequence[Any] = page.rows if page else ()
        return rows[0].integration if rows else None

    def _approvals(self, page: KeysetPage | None) -> list[Approval]:
        """On the first page of what is open, and only there."""
        wanted = self.form.wanted()
        if wanted.status != ConflictResolution.Status.PENDING or (page and page.newer):
            return []
        asked = self.integrations.filter(pk=wanted.integration) if wanted.integration else self.integrations
        return approvals(asked)
