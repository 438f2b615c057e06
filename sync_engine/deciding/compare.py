"""Three-way compare with a base on each side. Pure: no Django, no clock, no I/O.

    local changed     the local value differs from the local base
    external changed  the external value differs from the external base, in the external form

    | local   | external | result                                   |
    |---------|----------|------------------------------------------|
    | same    | same     | SAME                                     |
    | changed | same     | PUSH                                     |
    | same    | changed  | PULL                                     |
    | changed | changed  | ADOPT if equal through the mapping       |
    | changed | changed  | CONFLICT otherwise                       |

Because each side is compared with its own base, a lossy mapping never overwrites what it cannot express:
an unchanged `completed: false` never turns a local TODO into IN_PROGRESS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Verdict(Enum):
    SAME = "same"
    PULL = "pull"
    PUSH = "push"
    ADOPT = "adopt"
    CONFLICT = "conflict"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Side:
    """One field on one side. `known` is False where there is no base yet (first contact)."""

    value: Any
    base: Any
    known: bool = True

    @property
    def changed(self) -> bool:
        return not self.known or self.value != self.base


@dataclass(frozen=True, slots=True)
class FieldView:
    """One canonical field seen from both sides.

    `local` is in local form; `external` is the tuple of normalised external values that feed the field.
    `pulled` is `external` in local form, `pushed` is `local` in external form (aligned with `external`);
    either is `UNMAPPED` where the mapping has no such direction or could not say.
    """

    name: str
    local: Side
    external: Side
    pulled: Any
    pushed: Any
    pulls: bool
    pushes: bool


class _Unmapped:
    __slots__ = ()

    def __repr__(self) -> str:
        return "UNMAPPED"


UNMAPPED = _Unmapped()
"""No value: the direction is closed, or a lookup is not resolved yet."""


@dataclass(frozen=True, slots=True)
class FieldVerdict:
    """What became of one field; `note` says why where the verdict alone does not."""

    view: FieldView
    verdict: Verdict
    note: str = ""

    @property
    def name(self) -> str:
        return self.view.name


@dataclass(slots=True)
class Comparison:
    """The verdicts of one record."""

    fields: Sequence[FieldVerdict]
    _index: dict[Verdict, list[FieldVerdict]] = field(default_factory=dict)

    def having(self, verdict: Verdict) -> list[FieldVerdict]:
        if not self._index:
            for item in self.fields:
                self._index.setdefault(item.verdict, []).append(item)
        return self._index.get(verdict, [])

    @property
    def quiet(self) -> bool:
        return all(item.verdict is Verdict.SAME for item in self.fields)


def equal_through_mapping(view: FieldView) -> bool:
    """Equal in either form counts: a lossy mapping is equal where it can be."""
    if view.pulled is not UNMAPPED and view.pulled == view.local.value:
        return True
    return view.pushed is not UNMAPPED and view.pushed == view.external.value


def judge(view: FieldView) -> FieldVerdict:
    """The verdict of one field."""
    local, external = view.local.changed, view.external.changed
    if not local and not external:
        return FieldVerdict(view, Verdict.SAME)
    if equal_through_mapping(view):
        return FieldVerdict(view, Verdict.ADOPT)
    if local and external and view.pulls and view.pushes:
        return _both(view)
    if external and view.pulls and not _nothing_to_give(view):
        return _pull(view)
    if local and view.pushes:
        return _push(view)
    # The side that changed does not write in this direction: note it as seen, write nothing.
    return FieldVerdict(view, Verdict.ADOPT, "one-way")


def _both(view: FieldView) -> FieldVerdict:
    if view.pulled is UNMAPPED:
        return FieldVerdict(view, Verdict.HOLD, "waits for a linked record")
    if not view.local.known and _blank(view.local.value):
        return FieldVerdict(view, Verdict.PULL, "first contact: empty here")
    if not view.local.known and all(_blank(value) for value in view.external.value):
        return _push(view)
    return FieldVerdict(view, Verdict.CONFLICT)


def _pull(view: FieldView) -> FieldVerdict:
    if view.pulled is UNMAPPED:
        return FieldVerdict(view, Verdict.HOLD, "waits for a linked record")
    return FieldVerdict(view, Verdict.PULL)


def _nothing_to_give(view: FieldView) -> bool:
    """First contact fills blanks and makes none."""
    return not view.external.known and all(_blank(value) for value in view.external.value)


def _push(view: FieldView) -> FieldVerdict:
    if view.pushed is UNMAPPED:
        return FieldVerdict(view, Verdict.HOLD, "waits for a linked record")
    return FieldVerdict(view, Verdict.PUSH)


def _blank(value: Any) -> bool:
    return value is None or value == "" or value == []


def compare(views: Sequence[FieldView]) -> Comparison:
    """All fields of one record. Nothing is decided here; see `resolve`."""
    return Comparison([judge(view) for view in views])


@dataclass(frozen=True, slots=True)
class Bases:
    """Bases after a decision: field name to local value, external key to external value."""

    local: Mapping[str, Any]
    external: Mapping[str, Any]
