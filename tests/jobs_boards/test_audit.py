"""Whoever changes a board or the states of jobs is in the audit log."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.test import RequestFactory

from jobs_boards.models import Board, BoardColumn, JobStatus
from records.asking import answering
from records.models import AuditEntry


def test_boards_columns_and_states(board: Board) -> None:
    request = RequestFactory().post("/dashboard/admin/jobs_boards/board/")
    request.user = User.objects.create_user("dana")
    with answering(request):
        board.name = "Attics"
        board.save()
        column = BoardColumn.objects.filter(board=board).first()
        assert column is not None
        column.delete()
        column.restore()
        JobStatus(organization=board.organization, name="On hold", color="RED").save()
    kept = AuditEntry.objects.filter(organization_id=board.organization_id).order_by("id")
    assert [entry.action for entry in kept] == [
        "board.changed", "board_column.deleted", "board_column.restored", "job_status.created",
    ]  # fmt: skip
    assert {entry.actor for entry in kept} == {"dana"}
    assert kept[0].after == {"name": "Attics"}
    assert kept[3].after["name"] == "On hold"
