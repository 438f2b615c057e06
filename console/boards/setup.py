"""From no board to jobs that are kept on one."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from console.boards.doors import OfBoards
from console.pages import Action, Refused
from integrations.enums import JobType
from integrations.models import Integration
from integrations.services import DuplicateName
from jobs_boards import services
from jobs_boards.models import Board
from records.models import Organization
from sync_engine.api import starting
from sync_engine.jobs.boards import connect_board


class SetUpActiveJobs(OfBoards, Action):
    """Makes R0's board and connects it."""

    def act(self) -> Any:
        organization = self._organization()
        board = services.active_jobs_board(organization, origin=self.origin)
        self.board_pk = board.pk
        started(connected(board), self.who)
        return _("The board “%(name)s” is made. Your jobs are on their way to it.") % {"name": board.name}

    def after(self) -> str:
        made = getattr(self, "board_pk", None)
        return reverse("console:board", args=[made]) if made else reverse("console:boards")

    def _organization(self) -> Organization:
        mine, wanted = self.organizations.order_by("name"), self.request.POST.get("organization", "")
        found = next((one for one in mine if str(one.pk) == wanted), None) or mine.first()
        if found is None:
            raise Refused(_("You belong to no organization."))
        return found


class ConnectBoard(OfBoards, Action):
    """Keeps the organization's jobs on a board that is there."""

    def act(self) -> Any:
        board = self.board(self.kwargs["pk"])
        started(connected(board), self.who)
        return _("Jobs are kept on “%(name)s” from now on.") % {"name": board.name}

    def after(self) -> str:
        return reverse("console:board", args=[self.kwargs["pk"]])


def connected(board: Board) -> Integration:
    """Raises `Refused` where a connection of that name exists already."""
    try:
        return connect_board(board)
    except DuplicateName as problem:
        raise Refused(str(problem)) from problem


def started(integration: Integration, who: str) -> None:
    """The first sync, by a worker."""
    starting.start(integration, cause=f"asked by {who}", job_type=JobType.INITIAL_IMPORT)
