"""Who may see which board, item and job: their own organizations' only."""

from __future__ import annotations

from functools import cached_property
from uuid import UUID

from django.shortcuts import get_object_or_404

from console.pages import Door
from jobs_boards.models import Board, Item, Job
from records.origins import Origin


class OfBoards(Door):
    """Looks up what belongs to one's own organizations; 404 for everything else, and for what is deleted."""

    def board(self, pk: UUID) -> Board:
        return get_object_or_404(
            Board.objects.select_related("organization"), organization__in=self.organizations, pk=pk
        )

    def item(self, pk: UUID) -> Item:
        rows = Item.objects.select_related("board", "group", "person", "organization")
        return get_object_or_404(rows, organization__in=self.organizations, pk=pk)

    def job(self, pk: UUID) -> Job:
        rows = Job.objects.select_related(
            "organization", "lead_technician", "crew_leader", "sales_person", "contact", "branch", "business_unit"
        )
        return get_object_or_404(rows, organization__in=self.organizations, pk=pk)

    @cached_property
    def origin(self) -> Origin:
        return Origin("user", str(self.request.user.pk), self.who)
