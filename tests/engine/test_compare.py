"""The three-way compare, exhaustively over three values on each side."""

from __future__ import annotations

from itertools import product

import pytest

from sync_engine.deciding.compare import UNMAPPED, FieldView, Side, Verdict, judge

STATES = list(product("abc", repeat=3))


def view(local: str, local_base: str, external: str, external_base: str, **changes: object) -> FieldView:
    """An identity mapping, two-way, with a base."""
    parts: dict[str, object] = {
        "name": "title",
        "local": Side(local, local_base),
        "external": Side((external,), (external_base,)),
        "pulled": external,
        "pushed": (local,),
        "pulls": True,
        "pushes": True,
    }
    return FieldView(**{**parts, **changes})  # type: ignore[arg-type]


def expected(local: str, base: str, external: str) -> Verdict:
    if local == base and external == base:
        return Verdict.SAME
    if local == external:
        return Verdict.ADOPT
    if external == base:
        return Verdict.PUSH
    return Verdict.PULL if local == base else Verdict.CONFLICT


@pytest.mark.parametrize(("local", "base", "external"), STATES)
def test_every_state_of_an_identity_mapping(local: str, base: str, external: str) -> None:
    assert judge(view(local, base, external, base)).verdict is expected(local, base, external)


@pytest.mark.parametrize(("local", "base", "external"), STATES)
def test_swapping_the_sides_mirrors_the_verdict(local: str, base: str, external: str) -> None:
    mirror = {Verdict.PULL: Verdict.PUSH, Verdict.PUSH: Verdict.PULL}
    there = judge(view(local, base, external, base)).verdict
    back = judge(view(external, base, local, base)).verdict
    assert back is mirror.get(there, there)


def test_an_unchanged_lossy_value_touches_nothing() -> None:
    lossy = view("TODO", "TODO", "false", "false", pulled="IN_PROGRESS", pushed=("false",))
    assert judge(lossy).verdict is Verdict.SAME


def test_a_local_change_that_the_other_side_cannot_express_is_adopted() -> None:
    lossy = view("BLOCKED", "TODO", "false", "false", pulled="IN_PROGRESS", pushed=("false",))
    assert judge(lossy).verdict is Verdict.ADOPT


def test_an_unresolved_reference_is_held() -> None:
    assert judge(view("a", "a", "b", "a", pulled=UNMAPPED)).verdict is Verdict.HOLD
    assert judge(view("b", "a", "a", "a", pushed=UNMAPPED)).verdict is Verdict.HOLD


def test_a_closed_direction_notes_and_writes_nothing() -> None:
    assert judge(view("a", "a", "b", "a", pulls=False)).verdict is Verdict.ADOPT
    assert judge(view("b", "a", "a", "a", pushes=False)).verdict is Verdict.ADOPT


def test_first_contact_fills_blanks_and_asks_for_the_rest() -> None:
    def first(local: object, external: object) -> Verdict:
        ours, theirs = Side(local, None, known=False), Side((external,), (None,), known=False)
        return judge(FieldView("title", ours, theirs, external, (local,), pulls=True, pushes=True)).verdict

    assert first(None, "x") is Verdict.PULL
    assert first("x", None) is Verdict.PUSH
    assert first("x", "x") is Verdict.ADOPT
    assert first("x", "y") is Verdict.CONFLICT


def test_first_contact_of_a_field_that_only_comes_in_makes_no_blank() -> None:
    def first(local: object, external: object) -> Verdict:
        ours, theirs = Side(local, None, known=False), Side((external,), (None,), known=False)
        return judge(FieldView("title", ours, theirs, external, UNMAPPED, pulls=True, pushes=False)).verdict

    assert first("x", None) is first("x", "") is first("x", "x") is Verdict.ADOPT
    assert first(None, "x") is first("x", "y") is Verdict.PULL
