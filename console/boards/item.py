"""An item of a board: its values, its job, and what is done with it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.boards.doors import OfBoards
from console.boards.forms import ItemForm
from console.pages import Action, Page, Refused
from jobs_boards import selectors, services
from jobs_boards.models import Item
from records import catalog
from records import services as records
from sync_engine.jobs import boards, by_hand

SAID = {
    "created": gettext_lazy("Made and linked."),
    "updated": gettext_lazy("Synced."),
    "unchanged": gettext_lazy("Both were in step already."),
    "conflict": gettext_lazy("Both sides changed the same field: decide the conflict."),
}


class OfItem(OfBoards):
    """Knows the item of the address."""

    @cached_property
    def one(self) -> Item:
        return self.item(self.kwargs["pk"])


class ItemPage(OfItem, Page):
    """Its values in a form, its job beside it."""

    template_name = "console/boards/item.html"

    def heading(self) -> str:
        return self.one.name

    def parents(self) -> Iterable[tuple[Any, str]]:
        board = self.one.board
        return (
            (_("Boards"), reverse("console:boards")),
            (board.name, reverse("console:board", args=[board.pk])),
        )

    def context(self) -> dict[str, Any]:
        specs = selectors.columns_of(self.one.board_id)
        return {
            "item": self.one,
            "board": self.one.board,
            "job": boards.job_of(self.one),
            "link": boards.link_of_item(self.one),
            "form": ItemForm(self.one, specs),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = ItemForm(self.one, selectors.columns_of(self.one.board_id), request.POST)
        if form.is_valid() and self._saved(form):
            return HttpResponseRedirect(reverse("console:item", args=[self.one.pk]))
        return self.show(status=422, form=form)

    def _saved(self, form: ItemForm) -> bool:
        others: dict[str, Any] = {}
        if "group" in form.changed_data:
            group = form.cleaned_data["group"]
            others["groupId"] = str(group.pk) if group else None
        name = form.cleaned_data["name"] if "name" in form.changed_data else None
        try:
            services.update_item(
                self.one.organization_id, self.one.pk, form.changes(), self.origin, name=name, **others
            )
        except records.InvalidValues as problem:
            for sentence in problem.errors:
                form.place(sentence)
            return False
        return True


class Move(OfItem, Action):
    """To another status: by dragging, or by the list on the card. Asked by the page's script it answers with a
    sentence, 204 or 422."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.headers.get("X-Requested-With") != "fetch":
            return super().post(request, *args, **kwargs)
        try:
            self.act()
        except Refused as refusal:
            return HttpResponse(str(refusal), status=422, content_type="text/plain; charset=utf-8")
        return HttpResponse(status=204)

    def act(self) -> Any:
        specs = selectors.columns_of(self.one.board_id)
        key = next((spec.key for spec in specs if spec.kind == "status" and spec.main), None)
        if key is None:
            raise Refused(_("This board has no status column."))
        wanted = self.request.POST.get("status", "")
        try:
            services.update_item(self.one.organization_id, self.one.pk, {key: wanted}, self.origin)
        except records.InvalidValues as problem:
            raise Refused(" ".join(problem.errors)) from problem
        return _("“%(name)s” is now %(status)s.") % {"name": self.one.name, "status": wanted or _("without a status")}


class NewItem(OfBoards, Action):
    """From the head of a lane."""

    def act(self) -> Any:
        board = self.board(self.kwargs["pk"])
        name = self.request.POST.get("name", "").strip()
        if not name:
            raise Refused(_("Give the item a name."))
        specs = selectors.columns_of(board.pk)
        key = next((spec.key for spec in specs if spec.kind == "status" and spec.main), "")
        status = self.request.POST.get("status", "")
        try:
            services.create_item(board, name, {key: status} if key and status else {}, self.origin)
        except records.InvalidValues as problem:
            raise Refused(" ".join(problem.errors)) from problem
        return _("“%(name)s” is on the board.") % {"name": name}


class DeleteItem(OfItem, Action):
    """Softly: its job stays."""

    def act(self) -> Any:
        name = self.one.name
        self.board_address = reverse("console:board", args=[self.one.board_id])
        records.delete(catalog.get("item"), str(self.one.organization_id), str(self.one.pk), self.origin)
        return _("“%(name)s” is deleted. Its job, if it has one, stays.") % {"name": name}

    def after(self) -> str:
        return getattr(self, "board_address", "") or reverse("console:boards")


class SyncToJob(OfItem, Action):
    """R0's button."""

    def act(self) -> Any:
        try:
            return SAID[by_hand.item_to_job(self.one, self.who).action]
        except by_hand.CannotSync as problem:
            raise Refused(str(problem)) from problem
