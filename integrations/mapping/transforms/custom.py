"""R1's custom transformers, by name: {"type": "custom", "function": "splitName", "target": "first"}."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from .base import Transform, transform
from .scalars import Boolean, as_text
from .structures import field_list, fitting, texts
from .times import micros, moment, stamp


@transform("splitName")
class SplitName(Transform):
    """The first word of a full name ("target": "first") or all the others ("last"), in the direction of the
    list it stands in. For both directions use joinName with "fields"."""

    keys = frozenset({"target"})
    kinds = ("text", "json")

    def check(self) -> None:
        if self.settings.get("target") not in ("first", "last"):
            raise ValueError('splitName needs "target": "first" or "last".')
        self.part = 0 if self.settings["target"] == "first" else 1
        self.pulls, self.pushes = self.direction == "pull", self.direction == "push"

    def normalise(self, raw: Any) -> str | None:
        return as_text(raw) or None

    def to_local(self, form: str) -> str | None:
        return fitting(split_name(form)[self.part], self.spec.max_length)

    def to_external(self, local: str) -> str | None:
        return split_name(local)[self.part] or None


@transform("joinName")
class JoinName(Transform):
    """First and last name there, a full name here: {"type": "joinName", "fields": ["firstname", "lastname"]}.
    Two-way; a first name of two words comes back as one word more in the last name (lossy)."""

    keys = frozenset({"fields"})
    kinds = ("text", "json")

    def check(self) -> None:
        names = field_list(self.settings, 2)
        self.pulls = True
        self.pushes = self.direction == "pull"
        if self.direction == "pull":
            self.paths = names
        else:
            self.inputs, self.pulls, self.pushes = names, False, True

    def normalise(self, raw: Any) -> Any:
        return texts(raw) if self.paths else (as_text(raw) or None)

    def to_local(self, form: list[str | None]) -> str | None:
        return fitting(" ".join(part for part in form if part), self.spec.max_length)

    def to_external(self, local: Any) -> Any:
        if self.inputs is not None:
            return " ".join(part for part in texts(local) or () if part) or None
        return texts(list(split_name(local)))


@transform("taskStatusToBool")
class TaskStatusToBool(Boolean):
    """COMPLETED is true, every other status false."""

    kinds = ("text", "choice", "boolean", "json")
    local_is_form = False

    def check(self) -> None:
        self.pulls, self.pushes = self.direction == "pull", self.direction == "push"
        self.inline = ""

    def normalise(self, raw: Any) -> Any:
        return super().normalise(raw) if self.pushes else (as_text(raw) or None)

    def to_local(self, form: str) -> bool:
        return form == "COMPLETED"

    def to_external(self, local: str) -> bool:
        return local == "COMPLETED"


@transform("dateToTimestamp")
class DateToTimestamp(Transform):
    """A date or moment as milliseconds since 1970, in the direction of the list it stands in; the inverse gives
    the date or moment back."""

    def check(self) -> None:
        self.dated = self.spec.kind == "date"
        if self.direction == "pull" and self.spec.kind not in ("integer", "decimal", "text", "json"):
            raise ValueError(f"dateToTimestamp gives a number, but the internal field is {self.spec.kind}.")
        if self.direction == "push" and self.spec.kind not in ("date", "datetime"):
            raise ValueError(f"dateToTimestamp reads a date, but the internal field is {self.spec.kind}.")

    def normalise(self, raw: Any) -> int | str:
        if self.direction == "pull":
            return stamp(moment(raw, UTC))
        return micros(moment(raw, UTC, 1000)) // 1000

    def to_local(self, form: Any) -> Any:
        return _millis(form, self.spec.kind) if self.direction == "pull" else self._day_or_stamp(form)

    def to_external(self, local: Any) -> Any:
        return micros(moment(local, UTC)) // 1000 if self.direction == "push" else stamp(moment(local, UTC, 1000))

    def _day_or_stamp(self, form: int) -> str:
        text = stamp(moment(form, UTC, 1000))
        return text[:10] if self.dated else text


def _millis(form: str, kind: str) -> int | str:
    value = micros(moment(form, UTC)) // 1000
    return value if kind in ("integer", "json") else str(value)


def split_name(name: str) -> tuple[str, str]:
    """R1: the first word, and the rest. Runs of blanks count as one."""
    first, *rest = name.split() or [""]
    return first, " ".join(rest)
