"""Addresses of boards and jobs."""

from __future__ import annotations

from django.urls import path

from console.boards import board, columns, item, job, jobs, setup

urlpatterns = [
    path("boards", board.Boards.as_view(), name="boards"),
    path("boards/active-jobs", setup.SetUpActiveJobs.as_view(), name="set_up_active_jobs"),
    path("boards/<uuid:pk>", board.BoardPage.as_view(), name="board"),
    path("boards/<uuid:pk>/connect", setup.ConnectBoard.as_view(), name="connect_board"),
    path("boards/<uuid:pk>/columns", columns.Columns.as_view(), name="columns"),
    path("columns/<uuid:pk>/rename", columns.RenameColumn.as_view(), name="rename_column"),
    path("columns/<uuid:pk>/move", columns.MoveColumn.as_view(), name="move_column"),
    path("columns/<uuid:pk>/remove", columns.RemoveColumn.as_view(), name="remove_column"),
    path("boards/<uuid:pk>/items", item.NewItem.as_view(), name="new_item"),
    path("items/<uuid:pk>", item.ItemPage.as_view(), name="item"),
    path("items/<uuid:pk>/move", item.Move.as_view(), name="move_item"),
    path("items/<uuid:pk>/delete", item.DeleteItem.as_view(), name="delete_item"),
    path("items/<uuid:pk>/sync-to-job", item.SyncToJob.as_view(), name="sync_to_job"),
    path("jobs", jobs.Jobs.as_view(), name="jobs"),
    path("jobs/new", job.NewJob.as_view(), name="new_job"),
    path("jobs/<uuid:pk>", job.JobPage.as_view(), name="job"),
    path("jobs/<uuid:pk>/edit", job.EditJob.as_view(), name="edit_job"),
    path("jobs/<uuid:pk>/delete", job.DeleteJob.as_view(), name="delete_job"),
    path("jobs/<uuid:pk>/sync-to-board", job.SyncToBoard.as_view(), name="sync_to_board"),
]
