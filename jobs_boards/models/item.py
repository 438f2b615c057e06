"""Items of boards."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from records.models import Member, SyncedRecord

from .board import Board, BoardGroup


class Item(SyncedRecord):
    """A line of a board. `status`, `person`, `date` and `job_id` are the values of the board's main columns,
    `column_values` those of all others by column key. `job_id` is a link, not a foreign key: boards and jobs are
    coupled loosely (R0), and an item may outlive its job."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, db_index=False, related_name="items")
    group = models.ForeignKey(
        BoardGroup, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="items"
    )
    name = models.CharField(max_length=1024)
    status = models.CharField(max_length=100, blank=True, default="")
    person = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="items"
    )
    date = models.DateField(null=True, blank=True)
    job_id = models.UUIDField(null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    column_values = models.JSONField(default=dict, blank=True)

    class Meta(SyncedRecord.Meta):
        indexes: ClassVar[tuple[models.Index, ...]] = (
            *SyncedRecord.Meta.indexes,
            models.Index(fields=("board", "updated_at", "id"), name="item_board_changed"),
            models.Index(fields=("board", "id"), name="item_board_alive", condition=Q(deleted_at__isnull=True)),
            models.Index(fields=("organization", "job_id"), name="item_job", condition=Q(job_id__isnull=False)),
            models.Index(fields=("person",), name="item_person", condition=Q(person__isnull=False)),
        )

    def __str__(self) -> str:
        return self.name
