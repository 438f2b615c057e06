"""The list of boards, and a board: as lanes to drag between, or as a table with all its columns."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from console.boards.doors import OfBoards
from console.boards.lanes import lanes_of, names_of
from console.boards.values import shown
from console.pages import Page
from console.paging import paged
from jobs_boards import selectors
from jobs_boards.columns import Spec
from jobs_boards.models import Board, BoardGroup, Item
from records.models import Member
from sync_engine.jobs import boards, by_hand

MOST = 500


class Boards(OfBoards, Page):
    """Every board with its figures; the way to the first one where there is none."""

    title = _("Boards")
    template_name = "console/boards/list.html"

    def context(self) -> dict[str, Any]:
        alive = Count("items", filter=Q(items__deleted_at__isnull=True))
        rows = Board.objects.filter(organization__in=self.organizations).select_related("organization")
        found = rows.annotate(size=alive).order_by("name")[:MOST]
        kept = _kept(self.organizations)
        names = {board.name for board in found}
        return {
            "boards": [(board, kept.get(board.pk)) for board in found],
            "offer": selectors.ACTIVE_JOBS not in names,
            "several": self.organizations.count() > 1,
        }


def _kept(organizations: Any) -> dict[Any, Any]:
    """Board id -> the integration that keeps jobs on it."""
    found: dict[Any, Any] = {}
    for organization in organizations:
        for integration in boards.integrations_for(organization):
            board = selectors.board_named(organization, str(integration.settings.get("board") or selectors.ACTIVE_JOBS))
            if board is not None:
                found.setdefault(board.pk, integration)
    return found


class FilterForm(forms.Form):
    """Everything is optional."""

    text = forms.CharField(label=_("Search"), required=False, max_length=100)
    group = forms.ModelChoiceField(label=_("Group"), queryset=BoardGroup.objects.none(), required=False)
    person = forms.ModelChoiceField(label=_("Person"), queryset=Member.objects.none(), required=False)

    def __init__(self, data: Any, board: Board) -> None:
        super().__init__(data)
        groups = BoardGroup.objects.filter(board=board).order_by("position", "id")
        working = Item.objects.filter(board=board, person__isnull=False).values("person")
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]
        self.fields["person"].queryset = Member.objects.filter(pk__in=working).order_by("name")  # type: ignore[attr-defined]
        for name in ("group", "person"):
            self.fields[name].empty_label = _("All")  # type: ignore[attr-defined]

    def narrowed(self, rows: QuerySet[Item]) -> QuerySet[Item]:
        """What does not fit a field is left out, so that old addresses still work."""
        self.is_valid()
        given = self.cleaned_data
        if text := given.get("text"):
            rows = rows.filter(name__icontains=text.replace("\0", ""))
        for name in ("group", "person"):
            if given.get(name):
                rows = rows.filter(**{name: given[name]})
        return rows


class BoardPage(OfBoards, Page):
    """`?view=table` shows every column; the lanes otherwise."""

    template_name = "console/boards/board.html"

    @cached_property
    def one(self) -> Board:
        return self.board(self.kwargs["pk"])

    @cached_property
    def specs(self) -> list[Spec]:
        return selectors.columns_of(self.one.pk)

    def heading(self) -> str:
        return self.one.name

    def parents(self) -> Iterable[tuple[Any, str]]:
        return ((_("Boards"), reverse("console:boards")),)

    def context(self) -> dict[str, Any]:
        form = FilterForm(self.request.GET, self.one)
        rows = form.narrowed(Item.objects.filter(board=self.one))
        table = self.request.GET.get("view") == "table"
        return {
            "board": self.one,
            "filter": form,
            "filtered": bool(form.cleaned_data.get("text") or form.data.get("group") or form.data.get("person")),
            "integration": self._integration(),
            "table": table,
            **(self._table(rows) if table else {"lanes": lanes_of(rows, self.specs)}),
        }

    def _integration(self) -> Any:
        try:
            return by_hand.integration_of_board(self.one)
        except by_hand.CannotSync:
            return None

    def _table(self, rows: QuerySet[Item]) -> dict[str, Any]:
        page = paged(rows.select_related("person", "group"), self.request.GET)
        specs = [spec for spec in self.specs if not spec.settings.get("hidden")]
        people = names_of(page.rows, specs)
        lines = []
        for item in page:
            values = selectors.values_of(item, specs)
            cells = [(spec, shown(spec, values[spec.key], people)) for spec in specs]
            lines.append((item, cells))
        return {"page": page, "specs": specs, "lines": lines}
