"""The columns of a board, arranged by a person. What a mapping writes to stays until the mapping lets go of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.boards.doors import OfBoards
from console.pages import Action, Page, Refused
from jobs_boards import layout
from jobs_boards.models import Board, BoardColumn
from records.services import InvalidValues
from sync_engine.jobs import by_hand

KINDS = (
    ("text", gettext_lazy("Text")),
    ("number", gettext_lazy("Number")),
    ("date", gettext_lazy("Date")),
    ("checkbox", gettext_lazy("Checkbox")),
    ("dropdown", gettext_lazy("Dropdown")),
    ("status", gettext_lazy("Status")),
    ("people", gettext_lazy("Person")),
    ("link", gettext_lazy("Link to a job")),
)


class ColumnForm(forms.Form):
    """A new column."""

    title = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=KINDS)
    choices = forms.CharField(
        label=gettext_lazy("What can be chosen"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("For a dropdown or a status, one on each line."),
    )

    def clean_choices(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["choices"].splitlines() if line.strip()]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") in layout.CHOICES and not data.get("choices"):
            self.add_error("choices", _("Name at least one."))
        return data


class Columns(OfBoards, Page):
    """GET shows them, POST adds one."""

    title = gettext_lazy("Columns")
    template_name = "console/boards/columns.html"

    @cached_property
    def one(self) -> Board:
        return self.board(self.kwargs["pk"])

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Boards"), reverse("console:boards")
        yield self.one.name, reverse("console:board", args=[self.one.pk])

    def context(self) -> dict[str, Any]:
        kept, names = by_hand.columns_in_step(self.one), dict(KINDS)
        rows = [
            (column, names[column.kind], layout.filled(column), column.key in kept)
            for column in layout.columns(self.one)
        ]
        return {"board": self.one, "rows": rows, "form": ColumnForm()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = ColumnForm(request.POST)
        if form.is_valid():
            given = form.cleaned_data
            try:
                layout.add(self.one, given["title"], given["kind"], given["choices"], self.origin)
                return HttpResponseRedirect(request.path)
            except InvalidValues as problem:
                form.add_error(None, " ".join(problem.errors))
        return self.show(422, form=form)


class OfColumn(OfBoards, Action):
    """A button at one column."""

    @cached_property
    def one(self) -> BoardColumn:
        rows = BoardColumn.objects.select_related("board")
        return get_object_or_404(rows, organization__in=self.organizations, pk=self.kwargs["pk"])

    def after(self) -> str:
        return reverse("console:columns", args=[self.one.board_id])


class RenameColumn(OfColumn):
    def act(self) -> Any:
        title = self.request.POST.get("title", "").strip()
        if not title:
            raise Refused(_("Give the column a name."))
        try:
            layout.rename(self.one, title, self.origin)
        except InvalidValues as problem:
            raise Refused(" ".join(problem.errors)) from problem
        return _("The column is called “%(name)s” now.") % {"name": title}


class MoveColumn(OfColumn):
    def act(self) -> Any:
        layout.move(self.one, -1 if self.request.POST.get("way") == "up" else 1, self.origin)
        return ""


class RemoveColumn(OfColumn):
    def act(self) -> Any:
        name = {"name": self.one.title}
        if self.one.key in by_hand.columns_in_step(self.one.board):
            raise Refused(_("“%(name)s” is kept in step with jobs. Take it out of the field rules first.") % name)
        layout.remove(self.one, self.origin)
        return _("“%(name)s” is removed. A new column of the same name and kind shows its values again.") % name
