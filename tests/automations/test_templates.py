from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations import templates

KNOWN: dict[str, Any] = {
    "title": "Inspect {x}", "count": 3, "done": True, "tags": ["a", "b"], "none": None, "previous.title": "Old",
}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{count}", 3),
        ("{none}", None),
        ("{unknown}", None),
        ("{tags}", ["a", "b"]),
        ("No. {count}, {done}: {tags}{none}", "No. 3, yes: a, b"),
        ("{previous.title} -> {title}", "Old -> Inspect {x}"),
        ("{{title}}", "{title}"),
        ("a { b } c", "a { b } c"),
        (5, 5),
    ],
)
def test_values(template: Any, expected: Any) -> None:
    assert templates.value(template, KNOWN) == expected


def test_names_are_told_once_in_order() -> None:
    assert templates.names("{b} {a} {{c}} {b}") == ("b", "a")
    assert templates.names(7) == ()


@given(st.text())
def test_a_text_without_braces_stays_as_it_is(text: str) -> None:
    plain = text.replace("{", "").replace("}", "")
    assert templates.text(plain, KNOWN) == plain


@given(st.text(), st.text())
def test_what_is_put_in_is_never_read_as_a_template(inside: str, text: str) -> None:
    assert templates.text("{x}", {"x": inside}) == inside
