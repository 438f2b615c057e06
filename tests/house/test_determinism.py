"""The engine takes time, identity and chance from outside, so that a simulation can repeat a run exactly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.source import calls, imports, python, within

# Modules that bind the system's clock, ids and chance, or whose matter is not the path of a record.
BINDERS = {
    "sync_engine/ports.py",  # the engine's clock, ids and rng
    "integrations/mapping/examples.py",  # the type of a seeded generator
    "integrations/mapping/laws.py",  # seeds it
}
TWINS = re.compile(r"connectors/[a-z_0-9]+/sandbox(/|\.py)")
FORBIDDEN_CALLS = re.compile(
    r"(?:.+\.)?(?:datetime\.(?:now|utcnow|today)|date\.today|timezone\.now|time\.(?:time|time_ns|sleep|monotonic)"
    r"|uuid\.uuid[1-8]|uuid[1-8]|os\.urandom|sleep)"
)
OWN_CLOCK = re.compile(r"(?:.+\.)?_?clock\.(?:now|sleep|monotonic)")
FORBIDDEN_IMPORTS = ("random", "uuid.uuid1", "uuid.uuid4", "uuid.uuid7", "time.sleep", "time.time", "secrets")


def engine() -> list[Path]:
    return [
        path
        for path in python("sync_engine", "conflicts", "integrations/mapping", "connectors")
        if str(path) not in BINDERS and not TWINS.match(str(path)) and "management" not in path.parts
    ]


def test_no_clock_sleep_or_chance_is_called() -> None:
    hits = [
        f"{path}:{line} {name}()"
        for path in engine()
        for line, name in calls(path)
        if FORBIDDEN_CALLS.fullmatch(name) and not OWN_CLOCK.fullmatch(name)
    ]
    assert hits == []


def test_no_module_of_chance_is_imported() -> None:
    hits = [
        f"{path}:{line} {name}" for path in engine() for line, name in imports(path) if within(name, *FORBIDDEN_IMPORTS)
    ]
    assert hits == []


@pytest.mark.parametrize("call", ["datetime.now", "datetime.datetime.now", "timezone.now", "time.sleep", "uuid4"])
def test_the_rule_sees(call: str) -> None:
    assert FORBIDDEN_CALLS.fullmatch(call)
