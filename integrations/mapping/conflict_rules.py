"""Rules of a mapping for fields that both sides changed, as written in `conflictRules`.

    "conflictRules": {"dueDate": "prefer_external",
                      "title": [{"when": "external_newer", "strategy": "prefer_external"}]}

The first rule of a field whose circumstance is met decides; where none is, the integration's own strategy does.
What the words mean stands in `conflicts.strategies`; here they are only read and checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import Problem

KEY = "conflictRules"
STRATEGIES = ("prefer_local", "prefer_external", "latest", "concatenate", "union", "max", "min", "review")
CIRCUMSTANCES = ("always", "local_newer", "external_newer", "local_empty", "external_empty")


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What is done with one field, under one circumstance."""

    strategy: str
    when: str = "always"

    @property
    def written(self) -> dict[str, str]:
        """As it stands in the document."""
        return {"when": self.when, "strategy": self.strategy}


Rules = Mapping[str, tuple[FieldRule, ...]]


def read(document: Mapping[str, Any]) -> Rules:
    """Of a document without problems."""
    return {name: tuple(_rule(one) for one in _listed(given)) for name, given in (document.get(KEY) or {}).items()}


def problems(document: Mapping[str, Any]) -> Iterable[Problem]:
    """What is wrong with the form; whether the fields exist is checked with the rest of the mapping."""
    given = document.get(KEY)
    if given is None:
        return
    if not isinstance(given, Mapping):
        yield Problem(KEY, f"{KEY} must be an object of field name to rule.")
        return
    for name, rules in given.items():
        for index, one in enumerate(_listed(rules)):
            if sentence := _fault(one):
                yield Problem(f"{KEY}.{name}[{index}]", sentence)


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _fault(one: Any) -> str:
    if isinstance(one, str):
        one = {"strategy": one}
    if not isinstance(one, Mapping) or not set(one) <= {"strategy", "when"}:
        return 'A rule must be a word such as "prefer_external", or an object with "strategy" and "when".'
    if one.get("strategy") not in STRATEGIES:
        return f"There is no strategy {one.get('strategy')!r}. Known: {', '.join(STRATEGIES)}."
    if one.get("when", "always") not in CIRCUMSTANCES:
        return f"There is no circumstance {one['when']!r}. Known: {', '.join(CIRCUMSTANCES)}."
    return ""


def _rule(one: Any) -> FieldRule:
    return FieldRule(one) if isinstance(one, str) else FieldRule(one["strategy"], one.get("when", "always"))
