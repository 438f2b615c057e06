"""What must hold of a record beyond the kinds of its fields. Run by `records.services` before a single write; each
sentence begins with the field's canonical name, so that it stands at the field."""

from __future__ import annotations

from collections.abc import Mapping

from records.origins import Origin

from . import selectors
from .columns import Spec, normalise
from .models import BoardColumn, BoardGroup, Item, JobStatus


def job_status(status: JobStatus, origin: Origin) -> list[str]:
    """A name stands once in an organization."""
    others = JobStatus.objects.filter(organization=status.organization_id, name__iexact=status.name)
    if others.exclude(pk=status.pk).exists():
        return [f"name '{status.name}' is taken by another status."]
    return []


def board_column(column: BoardColumn, origin: Origin) -> list[str]:
    """Settings fit the kind; key and main column stand once on the board; kind and key stay as they are."""
    loaded = {} if column._state.adding else column._loaded
    for name in ("key", "kind"):
        if name in loaded and loaded[name] != getattr(column, name):
            return [f"{name} cannot be changed: values and mappings hang on it. Add a new column instead."]
    others = BoardColumn.objects.filter(board=column.board_id).exclude(pk=column.pk)
    if others.filter(key=column.key).exists():
        return [f"key '{column.key}' is taken by another column of this board."]
    if column.main and others.filter(kind=column.kind, main=True).exists():
        return [f"main: this board has a main {column.kind} column already."]
    return column.problems()


def item(item: Item, origin: Origin) -> list[str]:
    """Values fit their columns; the group is one of the board's; what a sync sets is left to it."""
    specs = {spec.key: spec for spec in selectors.columns_of(item.board_id)}
    found = _group_problem(item)
    found += _main_problems(item, list(specs.values()), origin)
    if not isinstance(item.column_values, Mapping):
        return [*found, "columnValues must be an object of column keys and values."]
    values, problems = _clean(item.column_values, specs, {} if item._state.adding else item._loaded["column_values"])
    if not item._state.adding and origin.kind != "integration":
        problems += _locked_problems(item, specs)
    if not problems:
        item.column_values = values
    return found + problems


def _group_problem(item: Item) -> list[str]:
    if item.group_id is None or BoardGroup.objects.filter(pk=item.group_id, board=item.board_id).exists():
        return []
    return ["groupId points to a group of another board."]


def _main_problems(item: Item, specs: list[Spec], origin: Origin) -> list[str]:
    loaded = {} if item._state.adding else item._loaded
    problems = []
    for spec in specs:
        if not spec.field or loaded.get(spec.field, None) == (value := getattr(item, spec.field)):
            continue
        if spec.locked and loaded and origin.kind != "integration":
            problems.append(f"jobId: {spec.title} is set by the sync. Delete the item to part it from its job.")
        elif spec.kind == "status":
            try:
                item.status = normalise(spec, value) or ""
            except ValueError as error:
                problems.append(f"status: {error}")
    return problems


def _locked_problems(item: Item, specs: Mapping[str, Spec]) -> list[str]:
    before = item._loaded["column_values"]
    return [
        f"columnValues: {spec.title} is set by the sync."
        for key, spec in specs.items()
        if spec.locked and not spec.field and before.get(key) != item.column_values.get(key)
    ]


def _clean(
    given: Mapping[str, object], specs: Mapping[str, Spec], before: Mapping[str, object]
) -> tuple[dict[str, object], list[str]]:
    """Values that are new are checked; what stands already is left alone, whatever its column has become."""
    values: dict[str, object] = {}
    problems = []
    for key, value in given.items():
        spec = specs.get(key)
        if key in before and before[key] == value:
            values[key] = value
        elif spec is None or spec.field:
            known = ", ".join(each.key for each in specs.values() if not each.field)
            problems.append(f"columnValues: there is no column '{key}' here. There are: {known or 'none yet'}.")
        else:
            try:
                values[key] = normalise(spec, value)
            except ValueError as error:
                problems.append(f"columnValues: {error}")
    return {key: value for key, value in values.items() if value is not None}, problems
