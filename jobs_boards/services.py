"""Making boards and writing items by their columns. Every write goes through `records.services`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from records import catalog, services
from records.catalog import SyncType
from records.models import Organization
from records.origins import SYSTEM, Origin
from records.validation import validator
from records.values import to_plain

from . import selectors
from .columns import Spec, normalise
from .models import Board, Item, JobStatus
from .statuses import SEEDS
from .templates import ACTIVE_JOBS_COLUMNS, ACTIVE_JOBS_GROUPS, Column

_NAMES = {"status": "status", "person_id": "personId", "date": "date", "job_id": "jobId"}
"""Item attribute -> canonical name."""


def seed_statuses(organization: Organization | UUID) -> None:
    """The nine states of R2, where the organization has none at all."""
    pk = organization.pk if isinstance(organization, Organization) else organization
    if not JobStatus.all_objects.filter(organization_id=pk).exists():
        JobStatus.objects.bulk_create(
            JobStatus(
                organization_id=pk, name=seed.name, position=place, color=seed.color, is_closed=seed.is_closed
            )
            for place, seed in enumerate(SEEDS, 1)
        )  # fmt: skip


@transaction.atomic
def create_board(
    organization: Organization,
    name: str,
    columns: tuple[Column, ...],
    *,
    groups: tuple[str, ...] = (),
    origin: Origin = SYSTEM,
) -> Board:
    """A board with its columns and groups."""
    pk = str(organization.pk)
    board = services.create(catalog.get("board"), pk, {"name": name}, origin)
    for place, column in enumerate(columns, 1):
        values = {**column._asdict(), "boardId": str(board.pk), "position": place, "settings": dict(column.settings)}
        services.create(catalog.get("board_column"), pk, values, origin)
    for place, title in enumerate(groups, 1):
        values = {"boardId": str(board.pk), "name": title, "position": place}
        services.create(catalog.get("board_group"), pk, values, origin)
    assert isinstance(board, Board)
    return board


def active_jobs_board(organization: Organization, *, origin: Origin = SYSTEM) -> Board:
    """R0's board "Active Jobs", made with the organization's own job statuses where there is none yet."""
    found = selectors.board_named(organization, selectors.ACTIVE_JOBS)
    if found is not None:
        return found
    labels = [{"name": each.name, "color": each.color} for each in selectors.statuses_of(organization)]
    columns = tuple(
        column._replace(settings={"labels": labels}) if column.kind == "status" else column
        for column in ACTIVE_JOBS_COLUMNS
    )
    return create_board(organization, selectors.ACTIVE_JOBS, columns, groups=ACTIVE_JOBS_GROUPS, origin=origin)


def create_item(
    board: Board,
    name: str,
    values: Mapping[str, Any],
    origin: Origin,
    *,
    group_id: UUID | str | None = None,
    item_id: str | None = None,
    now: datetime | None = None,
) -> Item:
    """`values` by column key. Raises KeyError for a key that is no column, `services.InvalidValues`."""
    specs = selectors.columns_of(board.pk)
    own, rest = selectors.split(specs, values)
    given = {"boardId": str(board.pk), "groupId": group_id and str(group_id), "name": name, **_canonical(specs, own)}
    given["columnValues"] = {key: value for key, value in rest.items() if value is not None}
    made = services.create(_item(), str(board.organization_id), given, origin, record_id=item_id, now=now)
    assert isinstance(made, Item)
    return made


def create_items(
    board: Board,
    specs: list[Spec],
    rows: Sequence[tuple[str, str, Mapping[str, Any]]],
    origin: Origin,
    *,
    group_id: UUID | str | None = None,
    now: datetime,
) -> None:
    """Many items at once, `rows` being (id, name, values by column key). All or nothing. Raises as `create_item`."""
    kind = _item()
    names = ("boardId", "groupId", "name", *_NAMES.values(), "columnValues")
    group = group_id and str(group_id)
    made: list[tuple[str, tuple[Any, ...]]] = []
    problems: list[str] = []
    check = validator(kind, names)
    for pk, name, values in rows:
        try:
            own, rest = selectors.split(specs, _normalised(specs, values))
        except ValueError as problem:
            problems.append(str(problem))
            continue
        others = {key: value for key, value in rest.items() if value is not None}
        row = (str(board.pk), group, name, *(own.get(attribute) for attribute in _NAMES), others)
        problems += check(row)
        made.append((pk, row))
    if problems:
        raise services.InvalidValues(problems)
    services.bulk_create(kind, str(board.organization_id), names, made, origin=origin, now=now)


def update_items(
    organization_id: UUID | str,
    specs: list[Spec],
    rows: Sequence[tuple[Item, str | None, Mapping[str, Any]]],
    origin: Origin,
    *,
    now: datetime,
) -> None:
    """Changes many items of one board, which the caller has locked, `rows` being (item, name or None, values by column
    key). All or nothing. Raises as `update_item`."""
    kind = _item()
    changes: list[tuple[str, dict[str, Any]]] = []
    problems: list[str] = []
    for item, name, values in rows:
        try:
            own, rest = selectors.split(specs, _normalised(specs, values))
        except ValueError as problem:
            problems.append(str(problem))
            continue
        given = _canonical(specs, own) if name is None else {"name": name, **_canonical(specs, own)}
        if rest:
            given["columnValues"] = _merged(item, rest)
        problems += validator(kind, tuple(given))(tuple(given.values()))
        changes.append((str(item.pk), given))
    if problems:
        raise services.InvalidValues(problems)
    services.bulk_update(kind, str(organization_id), changes, origin=origin, now=now)


def _normalised(specs: list[Spec], values: Mapping[str, Any]) -> dict[str, Any]:
    """Raises ValueError with a sentence for a value that does not fit its column."""
    by_key = {spec.key: spec for spec in specs}
    return {key: normalise(by_key[key], value) if key in by_key else value for key, value in values.items()}


def _merged(item: Item, rest: Mapping[str, Any]) -> dict[str, Any]:
    """The values of all columns; what is empty has no key."""
    return {key: value for key, value in {**item.column_values, **rest}.items() if value is not None}


def update_item(
    organization_id: UUID | str,
    item_id: UUID | str,
    values: Mapping[str, Any],
    origin: Origin,
    *,
    name: str | None = None,
    now: datetime | None = None,
    **others: Any,
) -> Item:
    """Changes what is given and leaves every other value as it is, even one written a moment ago. `others` are
    further fields of the item by canonical name. Raises `services.RecordNotFound`, KeyError, `InvalidValues`."""
    with transaction.atomic():
        item = Item.all_objects.select_for_update().filter(organization=organization_id, pk=item_id).first()
        if item is None:
            raise services.RecordNotFound(f"There is no item {item_id}.")
        specs = selectors.columns_of(item.board_id)
        own, rest = selectors.split(specs, values)
        given = {**others, **_canonical(specs, own)}
        if name is not None:
            given["name"] = name
        if rest:
            given["columnValues"] = _merged(item, rest)
        written = services.update(_item(), str(organization_id), str(item_id), given, origin, now=now)
    assert isinstance(written, Item)
    return written


def add_label(board_id: UUID | str, key: str, label: str, origin: Origin) -> None:
    """A label that the status column does not have yet, in grey, at the end. Nothing happens if it is there."""
    column = catalog.get("board_column").model.objects.select_for_update().filter(board=board_id, key=key).first()
    if column is None or any(one["name"].lower() == label.lower() for one in column.spec.labels):
        return
    known = {each.name.lower(): each.color for each in selectors.statuses_of(column.organization_id)}
    labels = [*column.spec.labels, {"name": label, "color": known.get(label.lower(), "gray")}]
    services.update(
        catalog.get("board_column"),
        str(column.organization_id),
        str(column.pk),
        {"settings": {**column.settings, "labels": labels}},
        origin,
    )


def _item() -> SyncType:
    return catalog.get("item")


def _canonical(specs: list[Spec], own: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the item's own fields, by canonical name and in plain form."""
    return {_NAMES[attribute]: to_plain_or_none(_NAMES[attribute], value) for attribute, value in own.items()}


def to_plain_or_none(name: str, value: Any) -> Any:
    """A value of an item's field as the door takes it."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else to_plain(_item().field(name), value)
