"""Settings of columns are validated, and values are what their column says."""

from __future__ import annotations

from typing import Any

import pytest

from jobs_boards.columns import Spec, normalise, problems_of

LABELS = {"labels": [{"name": "Open", "color": "blue"}, {"name": "Done"}]}
MEMBER = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000"


def column(kind: str, main: bool = False, **settings: Any) -> Spec:
    return Spec("it", "It", kind, settings, main)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("status", LABELS),
        ("people", {"multiple": True}),
        ("date", {"time": True}),
        ("number", {"unit": "USD", "decimals": 0}),
        ("link", {"to": "job", "locked": True}),
        ("checkbox", {"hidden": True}),
        ("dropdown", {"options": ["a", "b"], "multiple": True}),
    ],
)
def test_settings_of_every_kind_are_accepted(kind: str, settings: dict[str, Any]) -> None:
    assert problems_of(column(kind, **settings)) == []


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("status", {"labels": "Open"}),
        ("status", {"labels": [{"name": ""}]}),
        ("status", {"labels": [{"name": "Open"}, {"name": "open"}]}),
        ("status", {"labels": [{"name": "Open", "color": "mauve"}]}),
        ("dropdown", {"options": ["a", "a"]}),
        ("number", {"decimals": 9}),
        ("link", {"to": "planet"}),
        ("people", {"multiple": "yes"}),
        ("text", {"labels": []}),
        ("colour", {}),
    ],
)
def test_settings_that_do_not_fit_are_named(kind: str, settings: dict[str, Any]) -> None:
    assert len(problems_of(column(kind, **settings))) == 1


def test_a_main_column_holds_one_plain_value() -> None:
    assert problems_of(column("date", main=True)) == []
    assert problems_of(column("date", main=True, time=True))
    assert problems_of(column("people", main=True, multiple=True))
    assert problems_of(column("text", main=True))


@pytest.mark.parametrize(
    ("spec", "given", "kept"),
    [
        (column("status", **LABELS), "open", "Open"),
        (column("people"), MEMBER.upper(), MEMBER),
        (column("people", multiple=True), [MEMBER, MEMBER], [MEMBER]),
        (column("date"), "2026-01-31T23:00:00Z", "2026-01-31"),
        (column("date", time=True), "2026-01-31T10:30:00+01:00", "2026-01-31T09:30:00.000000Z"),
        (column("number"), "12.346", 12.35),
        (column("number", decimals=0), 12, 12),
        (column("checkbox"), True, True),
        (column("checkbox"), False, None),
        (column("dropdown", options=["a"]), "a", "a"),
        (column("text"), "", None),
        (column("link"), MEMBER, MEMBER),
    ],
)
def test_values_are_kept_in_one_form(spec: Spec, given: Any, kept: Any) -> None:
    assert normalise(spec, given) == kept


@pytest.mark.parametrize(
    ("spec", "given", "words"),
    [
        (column("status", **LABELS), "Lost", "It has no label 'Lost'; it has Open, Done."),
        (column("people"), "Dana", "It needs an id"),
        (column("people"), [MEMBER], "It takes one value"),
        (column("date"), "soon", "It needs a day"),
        (column("date", time=True), "soon", "It needs a time"),
        (column("number"), "many", "It needs a number"),
        (column("number"), True, "It needs a number"),
        (column("checkbox"), "yes", "It needs true or false"),
        (column("dropdown", options=["a"]), "b", "It has no option 'b'"),
        (column("text"), "a\0b", "It takes up to"),
    ],
)
def test_values_that_do_not_fit_are_refused_in_a_sentence(spec: Spec, given: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        normalise(spec, given)
