"""Word by word differences: nothing is lost, what is common is not marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.conflicts.diff import LONGEST, pieces

TEXTS = st.text(alphabet="ab ,.\n", max_size=40)


def marked(text: str, other: str) -> list[str]:
    return [piece.text for piece in pieces(text, other) if piece.changed]


@pytest.mark.parametrize(
    ("text", "other", "changed"),
    [
        ("the tall ladder", "the short ladder", ["tall"]),
        ("white paint, two cans", "blue paint", ["white", ", two cans"]),
        ("same", "same", []),
        ("", "something", []),
        ("one two three", "one four five three", ["two"]),
        ("one two", "", ["one two"]),
    ],
)
def test_changed_words_are_marked(text: str, other: str, changed: list[str]) -> None:
    assert marked(text, other) == changed


@given(TEXTS, TEXTS)
def test_the_pieces_are_the_text(text: str, other: str) -> None:
    assert "".join(piece.text for piece in pieces(text, other)) == text


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert marked(text, text) == []


def test_a_very_long_text_is_marked_as_a_whole() -> None:
    long = "word " * LONGEST
    assert marked(long, "other") == [long]
