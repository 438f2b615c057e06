"""Boards, and the groups that their items stand in."""

from __future__ import annotations

from django.db import models

from records.models import SyncedRecord


class Board(SyncedRecord):
    """A list of items with columns of its own."""

    name = models.CharField(max_length=255)
    description = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.name


class BoardGroup(SyncedRecord):
    """A named stretch of a board, in the order of `position`."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=255)
    position = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
