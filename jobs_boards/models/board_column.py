"""Columns of a board."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from jobs_boards import columns
from records.models import SyncedRecord

from .board import Board


class BoardColumn(SyncedRecord):
    """`key` names the column in `column_values` and in mappings; it stays when the title changes. `settings` are
    those of its kind (`jobs_boards.columns`).

    The *main* status, people, date and link column of a board stand in fields of the item itself, so that they
    are indexed and can be mapped to other tools; every other value stands in the item's `column_values`.
    """

    class Kind(models.TextChoices):
        STATUS = "status"
        PEOPLE = "people"
        DATE = "date"
        TEXT = "text"
        NUMBER = "number"
        LINK = "link"
        CHECKBOX = "checkbox"
        DROPDOWN = "dropdown"

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="columns")
    key = models.SlugField(max_length=60)
    title = models.CharField(max_length=255)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    settings = models.JSONField(default=dict, blank=True)
    position = models.PositiveIntegerField(default=0)
    main = models.BooleanField(default=False, help_text="The board's first status, people, date or link column.")

    class Meta(SyncedRecord.Meta):
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.UniqueConstraint(
                fields=("board", "key"), name="board_column_key_once", condition=Q(deleted_at__isnull=True)
            ),
            models.UniqueConstraint(
                fields=("board", "kind"),
                name="board_column_main_once",
                condition=Q(deleted_at__isnull=True, main=True),
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def spec(self) -> columns.Spec:
        return columns.Spec(self.key, self.title, self.kind, self.settings, self.main)

    def clean(self) -> None:
        if problems := self.problems():
            raise ValidationError(problems)

    def problems(self) -> list[str]:
        """What is wrong with the column, in sentences."""
        return columns.problems_of(self.spec)

    def save(self, **options: Any) -> None:
        self.settings = columns.complete(self.spec)
        super().save(**options)
