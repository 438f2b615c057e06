"""Word by word, what differs between two texts. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

WORDS = re.compile(r"\s+|\w+|[^\w\s]")
LONGEST = 4_000
"""Words of both texts together; beyond it the comparison would keep a person waiting, so the whole is marked."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `changed` = it does not stand like this in the other one."""

    text: str
    changed: bool = False


def pieces(text: str, other: str) -> list[Piece]:
    """`text` in stretches, those marked that are not in `other`. Joined, they are `text` again."""
    if text == other or not text:
        return [Piece(text)] if text else []
    words, others = WORDS.findall(text), WORDS.findall(other)
    if len(words) + len(others) > LONGEST:
        return [Piece(text, True)]
    found: list[Piece] = []
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    for tag, start, end, _, _ in matcher.get_opcodes():
        if start < end:
            _add(found, "".join(words[start:end]), tag != "equal")
    return _bridged(found)


def _add(found: list[Piece], text: str, changed: bool) -> None:
    if found and found[-1].changed == changed:
        found[-1] = Piece(found[-1].text + text, changed)
    else:
        found.append(Piece(text, changed))


def _bridged(found: Sequence[Piece]) -> list[Piece]:
    """A single space between two changed words is marked with them: one mark reads better than two."""
    result: list[Piece] = []
    for index, piece in enumerate(found):
        between = 0 < index < len(found) - 1 and not piece.text.strip()
        _add(result, piece.text, piece.changed or between)
    return result
