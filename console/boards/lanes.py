"""A board as lanes of cards: one lane per label of the main status column, in the column's order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from console.boards.values import shown
from jobs_boards import selectors
from jobs_boards.columns import Spec
from jobs_boards.models import Item
from records.models import Member

EACH = 50
"""Cards shown of a lane; the table shows all."""
FACTS = 3


@dataclass
class Card:
    """An item on the board, with the few values that people look for."""

    item: Item
    facts: list[tuple[str, str]]


@dataclass
class Lane:
    """`name` "" = items without a status."""

    name: str
    color: str
    count: int = 0
    cards: list[Card] = field(default_factory=list)

    @property
    def title(self) -> str:
        return self.name or _("No status")

    @property
    def more(self) -> int:
        return self.count - len(self.cards)


def lanes_of(rows: QuerySet[Item], specs: Sequence[Spec]) -> list[Lane]:
    """Labels that are used but not declared get a lane too, so that no item is hidden."""
    counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    lanes = {one["name"]: Lane(one["name"], one.get("color", "gray")) for one in _labels(specs)}
    for name in sorted(set(counts) - set(lanes)):
        lanes[name] = Lane(name, "gray")
    place = Window(RowNumber(), partition_by=F("status"), order_by=(F("position").asc(), F("id").desc()))
    # Ids alone are numbered and sorted: a whole board of whole rows would not fit into the memory of a sort.
    first = rows.order_by().annotate(place=place).filter(place__lte=EACH).values("pk")
    items = list(Item.objects.filter(pk__in=first).select_related("person").order_by("status", "position", "-id"))
    people = names_of(items, specs)
    for name, lane in lanes.items():
        lane.count = counts.get(name, 0)
    for item in items:
        lanes[item.status].cards.append(Card(item, facts_of(item, specs, people)))
    return list(lanes.values())


def _labels(specs: Iterable[Spec]) -> list[dict[str, str]]:
    return next((spec.labels for spec in specs if spec.kind == "status" and spec.main), [])


def facts_of(item: Item, specs: Sequence[Spec], people: Mapping[str, str]) -> list[tuple[str, str]]:
    """(title, value) of the first columns that hold something; status and job are seen anyway."""
    values = selectors.values_of(item, specs)
    told = [spec for spec in specs if not (spec.main and spec.kind in ("status", "link")) and not _hidden(spec)]
    facts = [(spec.title, shown(spec, values[spec.key], people)) for spec in told if values[spec.key] is not None]
    return facts[:FACTS]


def _hidden(spec: Spec) -> bool:
    return bool(spec.settings.get("hidden"))


def names_of(items: Iterable[Item], specs: Sequence[Spec]) -> dict[str, str]:
    """Names of the members that stand in people columns, by id; one query."""
    keys = [spec.key for spec in specs if spec.kind == "people" and not spec.field]
    wanted: set[str] = set()
    known: dict[str, str] = {}
    for item in items:
        if item.person is not None:
            known[str(item.person_id)] = item.person.name
        for key in keys:
            value: Any = item.column_values.get(key)
            wanted.update(value if isinstance(value, list) else [value] if value else [])
    rest = wanted - known.keys()
    found = Member.all_objects.filter(pk__in=rest).values_list("pk", "name") if rest else ()
    return known | {str(pk): name for pk, name in found}
