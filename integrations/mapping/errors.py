"""What is wrong with a mapping document, and what is wrong with a value.

MappingError        the document: a list of problems, each with its place; raised on save
ConversionError     one value of one record: the engine parks the record with the sentence
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` like "externalToInternal[3].transform" ("" = the document); `line` counts from 1, None where
    the document did not come as text."""

    path: str
    sentence: str
    line: int | None = None

    def __str__(self) -> str:
        place = self.path or "document"
        return f"{place} (line {self.line}): {self.sentence}" if self.line else f"{place}: {self.sentence}"


class MappingError(Exception):
    """The document cannot be used. `problems` has at least one entry, in document order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = list(problems)


class ConversionError(ValueError):
    """A value that a rule cannot convert. `rule_index` points into `CompiledMapping.rules`."""

    def __init__(self, rule_index: int, rule: str, value: Any, reason: str) -> None:
        super().__init__(f"{rule}: {shorten(value)} {reason}")
        self.rule_index = rule_index
        self.value = value


def shorten(value: Any, limit: int = 80) -> str:
    """The value as a person may read it in a sentence."""
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."
