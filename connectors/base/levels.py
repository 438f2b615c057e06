"""How good a connector is, computed from what it holds: bronze, silver, gold. A rule is a name and a test."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .capabilities import Feeds, Listens, Notifies, Pulls, Pushes, Triggers
from .connector import Connector

Level = Literal["none", "bronze", "silver", "gold"]
CAPABILITIES: tuple[type, ...] = (Pulls, Pushes, Feeds, Listens, Notifies, Triggers)
FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "connectors"


@dataclass(frozen=True, slots=True)
class Rule:
    """`why` completes the sentence "it matters because ..."."""

    name: str
    level: Level
    holds: Callable[[type[Connector]], bool]
    why: str


def folder(connector: type[Connector]) -> Path:
    """Where the connector's module stands."""
    return Path(str(sys.modules[connector.__module__].__file__)).parent


def capabilities(connector: type[Connector]) -> tuple[type, ...]:
    return tuple(each for each in CAPABILITIES if issubclass(connector, each))


def _has(*names: str) -> Callable[[type[Connector]], bool]:
    """Any of the files, by paths below the connector's folder."""
    return lambda connector: any((folder(connector) / name).is_file() for name in names)


def _can(capability: type) -> Callable[[type[Connector]], bool]:
    return lambda connector: issubclass(connector, capability)


def _settles_creates(connector: type[Connector]) -> bool:
    if not issubclass(connector, Pushes):
        return True
    return all(each.way_back != "none" for each in connector.resources if each.writable)


def _sees_changes(connector: type[Connector]) -> bool:
    return issubclass(connector, Feeds) or any(each.updated_since for each in connector.resources)


def _has_fixtures(connector: type[Connector]) -> bool:
    return any((FIXTURES / connector.key).glob("fixtures/*.json"))


RULES = (
    Rule("has_capability", "bronze", lambda c: bool(capabilities(c)), "it does something"),
    Rule("has_check", "bronze", lambda c: c.check is not None or "test" in vars(c), "a person can test the connection"),
    Rule("has_readme", "bronze", _has("README.md"), "its odd facts are written down"),
    Rule("has_description", "bronze", lambda c: bool(c.description or c.__doc__), "people see what it is"),
    Rule(
        "has_sandbox", "silver", _has("sandbox.py", "sandbox/__init__.py"), "it is tested against a twin over real HTTP"
    ),
    Rule("has_limits", "silver", lambda c: bool(c.limits), "it does not burn the provider's quota"),
    Rule("has_mapping", "silver", _has("mapping.py"), "it syncs sensibly before anyone maps fields"),
    Rule("sees_changes", "silver", _sees_changes, "it does not read everything every time"),
    Rule("has_fixtures", "gold", _has_fixtures, "recorded answers of the real provider are tested"),
    Rule("two_way", "gold", _can(Pushes), "local edits reach the provider"),
    Rule("real_time", "gold", _can(Listens), "edits at the provider arrive at once"),
    Rule("settles_creates", "gold", _settles_creates, "a lost answer makes no duplicate"),
)
ORDER: tuple[Level, ...] = ("bronze", "silver", "gold")


def missing(connector: type[Connector], level: Level) -> list[Rule]:
    """The rules that the connector breaks, up to and including `level`."""
    wanted = ORDER[: ORDER.index(level) + 1] if level in ORDER else ()
    return [rule for rule in RULES if rule.level in wanted and not rule.holds(connector)]


def level(connector: type[Connector]) -> Level:
    """The highest level of which no rule is broken."""
    reached: Level = "none"
    for each in ORDER:
        if missing(connector, each):
            break
        reached = each
    return reached
