"""R0's four endpoints: a job and the board item it is kept in step with."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.models import IntegrationMapping
from jobs_boards import selectors
from jobs_boards.api.items import shown
from jobs_boards.models import Board, Item, Job
from records.api.errors import Conflict
from records.api.serializers import serializer_of
from records.api.views import Door
from sync_engine.api.serializers import boards as shapes
from sync_engine.api.serializers.boards import ITEM, JOB
from sync_engine.jobs import boards, by_hand

TAG = "jobs-boards"


class JobDoor(Door):
    """Knows the organization's jobs and items."""

    serializer_class: Any = shapes.SyncToBoardSerializer
    pagination_class = None
    filter_backends = ()

    def job(self, pk: Any) -> Job:
        """Raises 404."""
        return self._one(Job.objects.all(), "job", pk)

    def item(self, pk: Any) -> Item:
        """Raises 404."""
        return self._one(Item.objects.select_related("board"), "item", pk)

    def _one(self, rows: Any, kind: str, pk: Any) -> Any:
        found = rows.filter(organization=self.organization, pk=pk).first()
        if found is None:
            raise NotFound(f"There is no {kind} {pk}.", f"{kind}_not_found")
        return found


class SyncToBoard(JobDoor):
    """A job to its board."""

    @extend_schema(
        operation_id="job_sync_to_board",
        tags=[TAG],
        request=shapes.SyncToBoardSerializer,
        responses=shapes.SyncedAnswer,
    )
    def post(self, request: Request, record_id: str) -> Response:
        """Makes the job's item, or brings it up to date. 409 says what is missing: `no_board`, `board_missing`,
        `column_missing`, `not_for_this_board`, `not_active`, `one_way`, `rejected`, `sync_failed`."""
        job = self.job(record_id)
        asked = shapes.SyncToBoardSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            chosen = self._chosen(asked.validated_data.get("board_id"))
            return synced(by_hand.job_to_board(job, self.who, chosen))
        except by_hand.CannotSync as problem:
            raise Conflict(str(problem), problem.code) from problem

    def _chosen(self, board_id: Any) -> Any:
        if board_id is None:
            return None
        board: Board = self._one(Board.objects.all(), "board", board_id)
        return by_hand.integration_of_board(board)


class BoardItem(JobDoor):
    """The item of a job."""

    @extend_schema(operation_id="job_board_item", tags=[TAG], responses=shapes.BoardItemAnswer)
    def get(self, request: Request, record_id: str) -> Response:
        """The item with all its column values; 404 `no_item` where the job is on no board yet."""
        job = self.job(record_id)
        items = boards.items_of(job)
        if not items:
            raise NotFound("This job is on no board yet. POST to its sync-to-board puts it there.", "no_item")
        links = {link.external_id: link for link in boards.links_of_job(job)}
        rows = [
            {"item": item_data(item), "boardName": item.board.name, "link": link_data(links.get(str(item.pk)))}
            for item in items
        ]
        return Response({"success": True, "item": rows[0]["item"], "items": rows})


class SyncToJob(JobDoor):
    """An item to its job."""

    @extend_schema(operation_id="item_sync_to_job", tags=[TAG], request=None, responses=shapes.SyncedAnswer)
    def post(self, request: Request, record_id: str) -> Response:
        """Brings the job up to date with its item. 409 says what is missing: `board_not_connected`, `no_job`,
        `job_missing`, `board_missing`, `column_missing`, `not_active`, `one_way`, `busy`, `rejected`."""
        item = self.item(record_id)
        try:
            return synced(by_hand.item_to_job(item, self.who))
        except by_hand.CannotSync as problem:
            raise Conflict(str(problem), problem.code) from problem


class ItemJob(JobDoor):
    """The job of an item."""

    @extend_schema(operation_id="item_job", tags=[TAG], responses=shapes.ItemJobAnswer)
    def get(self, request: Request, record_id: str) -> Response:
        """The job; 404 `no_job` where the item names none, `job_missing` where the one it names is gone."""
        item = self.item(record_id)
        job = boards.job_of(item)
        if job is None and item.job_id:
            raise NotFound(f"The job {item.job_id} that this item names is not there any more.", "job_missing")
        if job is None:
            raise NotFound("This item names no job in its link column.", "no_job")
        return Response({"success": True, "job": job_data(job), "link": link_data(boards.link_of_item(item))})


def synced(done: by_hand.Synced) -> Response:
    """What came of a sync by hand."""
    answer = {
        "success": True,
        "action": done.action,
        "job": job_data(done.job),
        "item": item_data(done.item),
        "boardName": done.item.board.name,
        "integrationId": str(done.integration.pk),
    }
    return Response(answer)


def job_data(job: Job) -> dict[str, Any]:
    data: dict[str, Any] = serializer_of(JOB)(job).data
    return data


def item_data(item: Item) -> dict[str, Any]:
    return shown(item, serializer_of(ITEM)(item).data, selectors.columns_of(item.board_id))


def link_data(link: IntegrationMapping | None) -> dict[str, Any] | None:
    if link is None:
        return None
    row = {
        "integration_id": link.integration_id,
        "integration_name": link.integration.name,
        "sync_status": link.sync_status,
        "last_synced_at": link.last_synced_at,
        "reason": link.reason,
    }
    return dict(shapes.LinkSerializer(row).data)
