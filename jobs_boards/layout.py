"""A board's columns as people arrange them: added, named, moved, removed. Keys stay, for values and mappings hang on
them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from records import catalog, services
from records.origins import Origin

from . import selectors
from .columns import FIELDS
from .models import Board, BoardColumn, Item

CHOICES = {"status": "labels", "dropdown": "options"}
"""Kind -> the setting that lists what can be chosen."""
LONGEST_KEY = 60


def columns(board: Board) -> QuerySet[BoardColumn]:
    """In the order of the board."""
    found: QuerySet[BoardColumn] = BoardColumn.objects.filter(board=board).order_by("position", "id")
    return found


@transaction.atomic
def add(board: Board, title: str, kind: str, choices: Sequence[str], origin: Origin) -> BoardColumn:
    """At the end; the first of its kind is the main one where the kind has one. Raises `services.InvalidValues`."""
    there = list(columns(board))
    values = {
        "boardId": str(board.pk),
        "key": _key(title, {column.key for column in there}),
        "title": title,
        "kind": kind,
        "settings": _settings(board, kind, choices),
        "position": 1 + max((column.position for column in there), default=0),
        "main": kind in FIELDS and not any(column.kind == kind and column.main for column in there),
    }
    made = services.create(catalog.get("board_column"), str(board.organization_id), values, origin)
    assert isinstance(made, BoardColumn)
    return made


def rename(column: BoardColumn, title: str, origin: Origin) -> None:
    """Raises `services.InvalidValues`."""
    _update(column, {"title": title}, origin)


@transaction.atomic
def move(column: BoardColumn, steps: int, origin: Origin) -> None:
    """By so many places, to the left where `steps` is below zero. Positions are numbered anew."""
    order = [one for one in columns(column.board).select_for_update() if one.pk != column.pk]
    place = list(columns(column.board)).index(column) + steps
    order.insert(max(place, 0), column)
    for position, one in enumerate(order, 1):
        if one.position != position:
            _update(one, {"position": position}, origin)


def remove(column: BoardColumn, origin: Origin) -> None:
    """Softly. Values stay with their items and are shown no more."""
    services.delete(catalog.get("board_column"), str(column.organization_id), str(column.pk), origin)


def filled(column: BoardColumn) -> int:
    """How many items have a value there."""
    items = Item.objects.filter(board=column.board_id)
    if not (field := column.spec.field):
        return items.filter(column_values__has_key=column.key).count()
    empty = {field: ""} if field == "status" else {f"{field}__isnull": True}
    return items.exclude(**empty).count()


def _update(column: BoardColumn, values: dict[str, Any], origin: Origin) -> None:
    services.update(catalog.get("board_column"), str(column.organization_id), str(column.pk), values, origin)


def _settings(board: Board, kind: str, choices: Sequence[str]) -> dict[str, Any]:
    names = list(dict.fromkeys(choices))
    if kind == "status":
        known = {one.name.lower(): one.color for one in selectors.statuses_of(board.organization_id)}
        return {"labels": [{"name": name, "color": known.get(name.lower(), "gray")} for name in names]}
    return {CHOICES[kind]: names} if kind in CHOICES else {}


def _key(title: str, taken: set[str]) -> str:
    plain = re.sub(r"^[^a-z]+", "", slugify(title).replace("-", "_"))[: LONGEST_KEY - 4] or "column"
    numbered = (f"{plain}_{number}" for number in range(2, len(taken) + 3))
    return next(key for key in (plain, *numbered) if key not in taken)
