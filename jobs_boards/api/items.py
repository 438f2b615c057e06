"""Items, with R0's `columnValues`: every value by column key, wherever it stands. A PATCH of some of them leaves the
others as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from jobs_boards import selectors, services
from jobs_boards.columns import Spec
from records import catalog
from records.api.records import Record, RecordDoor, Records, Restore, refusals


def shown(item: Any, data: Mapping[str, Any], specs: list[Spec]) -> dict[str, Any]:
    """An item as the API answers it."""
    return {**data, "columnValues": selectors.values_of(item, specs)}


class ItemDoor(RecordDoor):
    """Shows an item with all its column values."""

    def shown(self, record: Any, status: int = 200) -> Response:
        specs = selectors.columns_of(record.board_id)
        return Response(shown(record, self.get_serializer(record).data, specs), status=status)


class Items(ItemDoor, Records):
    """Items of all boards; `boardId=...` for those of one."""

    def get(self, request: Request) -> Response:
        """The newest first, in pages; deleted ones only with `deleted=true`."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        specs = {board: selectors.columns_of(board) for board in {item.board_id for item in page}}
        data = self.get_serializer(page, many=True).data
        rows = [shown(item, row, specs[item.board_id]) for item, row in zip(page, data, strict=True)]
        return self.get_paginated_response(rows)

    def post(self, request: Request) -> Response:
        """Makes an item. Main values are given either by their own names or by column key."""
        given = self.given(request, partial=False)
        board = selectors.board_named(self.organization, given["boardId"])
        if board is None:
            raise ValidationError({"boardId": [f"There is no board {given['boardId']}."]})
        values = _by_key(given, selectors.columns_of(board.pk))
        with refusals(self.sync_type), _known():
            made = services.create_item(board, given["name"], values, self.origin, group_id=given.get("groupId"))
        return self.shown(made, 201)


class ItemRecord(ItemDoor, Record):
    """One item."""

    def patch(self, request: Request, record_id: str) -> Response:
        """Changes what is given and leaves the rest, column by column."""
        given = self.given(request, partial=True)
        item = self.record(record_id)
        if item.deleted_at is not None:
            raise NotFound("This item is deleted. Restore it to change it.")
        values = _by_key(given, selectors.columns_of(item.board_id))
        others = {name: value for name, value in given.items() if name in ("groupId", "position")}
        if "boardId" in given and UUID(given["boardId"]) != item.board_id:
            raise ValidationError({"boardId": ["An item stays on its board. Make a new one on the other board."]})
        with refusals(self.sync_type), _known():
            changed = services.update_item(
                self.organization.pk, record_id, values, self.origin, name=given.get("name"), **others
            )
        return self.shown(changed)


class ItemRestore(ItemDoor, Restore):
    """The way back from a deletion."""


class _known:
    """A key that is no column, at its field."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, KeyError):
            raise ValidationError({"columnValues": [str(error.args[0])]}) from error


def _by_key(given: Mapping[str, Any], specs: list[Spec]) -> dict[str, Any]:
    """Values of the body by column key: `columnValues`, and the item's own fields under the keys of their columns."""
    values = given.get("columnValues") or {}
    if not isinstance(values, Mapping):
        raise ValidationError({"columnValues": ["This must be an object of column keys and values."]})
    keys = {spec.field: spec.key for spec in specs if spec.field}
    item = catalog.get("item")
    own = {item.field(name).column: value for name, value in given.items() if name != "columnValues"}
    return {**values, **{keys[column]: value for column, value in own.items() if column in keys}}


ITEM_DOORS = (Items, ItemRecord, ItemRestore)
