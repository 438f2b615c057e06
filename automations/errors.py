"""What can be wrong with a rule, and with carrying it out.

DocumentError   the rule's document cannot be stored: every problem, with its place and what to do
Refused         an action cannot be done as asked; trying again would not help
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` leads to the place in the document (`conditions.all[1].value`), `message` says what to do."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class DocumentError(ValueError):
    """`problems` holds every one, not just the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(str(each) for each in problems))
        self.problems = list(problems)

    def by_path(self) -> dict[str, list[str]]:
        """Messages by place, for forms and the API."""
        found: dict[str, list[str]] = {}
        for each in self.problems:
            found.setdefault(each.path, []).append(each.message)
        return found


class Refused(Exception):
    """`message` is a sentence for a person."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
