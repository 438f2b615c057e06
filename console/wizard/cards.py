"""The tools to choose from, each as a card, made from what the connector says of itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from connectors.base import registry
from connectors.base.capabilities import Feeds, Listens, Pulls, Pushes
from connectors.base.connector import Connector
from console.wizard.forms import data_types


@dataclass(frozen=True)
class Card:
    """`initials` stand for a logo, which we may not ship; `can` are its words in short."""

    key: str
    label: str
    description: str
    initials: str
    records: str
    can: tuple[Any, ...]


def cards() -> list[Card]:
    """By name; the one that fits anything comes last."""
    offered = [one for one in registry.all_connectors() if issubclass(one, Pulls | Pushes)]
    return [_card(one) for one in sorted(offered, key=lambda one: (not one.base_url, one.label.lower()))]


def _card(connector: type[Connector]) -> Card:
    records = ", ".join(dict.fromkeys(label for _key, label in data_types(connector)))
    can = tuple(_can(connector))
    return Card(connector.key, connector.label, connector.description, initials(connector.label), records, can)


def _can(connector: type[Connector]) -> Iterable[Any]:
    yield _("Two-way") if issubclass(connector, Pushes) and issubclass(connector, Pulls) else _("Reads")
    if issubclass(connector, Listens):
        yield _("Live by webhook")
    if issubclass(connector, Feeds):
        yield _("Change feed")


def initials(label: str) -> str:
    words = label.replace(".", " ").split()
    return "".join(word[0] for word in words[:2]).upper() if len(words) > 1 else label[:2].capitalize()
