"""What a choice writes, by table and for any two sides: a preview is what the decision and the next push do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.asana.mapping import STARTER
from integrations.mapping.compiler import compile_mapping
from integrations.mapping.errors import MappingError
from integrations.services import field_specs
from records import catalog
from sync_engine.build import rules_by_field
from sync_engine.deciding.choices import KEEP_EXTERNAL, KEEP_LOCAL, MERGE, Choice, Outcome, Standing, decide
from sync_engine.deciding.settle import ExternalState, LinkState, LocalState, Policy, settle
from sync_engine.shape import Shape

TASK = catalog.get("task")
MEMBERS = {"member": {"u1": "m1", "u2": "m2"}}
HERE = {"member": {"m1": "u1", "m2": "u2"}}


def shape(**more: Any) -> Shape:
    """Tasks of Asana by the starter mapping; no database behind it."""
    mapping = compile_mapping({**STARTER["task"], **more}, field_specs(TASK))
    nothing = cast(Any, SimpleNamespace(label="Asana"))
    return Shape(nothing, nothing, nothing, TASK, mapping, 1, True, True, rules_of=rules_by_field(mapping))


SHAPE = shape()
KEYS = {name: SHAPE.keys[SHAPE.rules_of[name][0]] for name in SHAPE.names}


def standing(local: dict[str, Any], external: dict[str, Any]) -> Standing:
    """`external` is keyed by our names, in the provider's normalised form."""
    theirs = tuple(external.get(rule.internal) for rule in SHAPE.mapping.rules)
    ours = tuple(local.get(name) for name in SHAPE.names)
    return Standing(ours, theirs, SHAPE.mapping.to_local(theirs, HERE))


def base(**values: Any) -> LinkState:
    """Both sides agreed on these, in local form."""
    local = {name: values.get(name) for name in SHAPE.names}
    pushed = SHAPE.mapping.to_external(tuple(local[name] for name in SHAPE.names), None, MEMBERS)
    return LinkState(local, dict(zip(SHAPE.keys, pushed, strict=True)))


def chosen(
    strategy: str, local: Any, external: Any, *, field: str = "title", push: bool = True, own: Any = None
) -> Outcome:
    agreed = base(title="base", status="TODO")
    sides = standing({**agreed.local_base, field: local}, {"title": "base", "status": False, field: external})
    choice = Choice(strategy, {field: own} if strategy == MERGE else {}, push)
    return decide(SHAPE, agreed, sides, [field], choice, MEMBERS)


@pytest.mark.parametrize(
    ("strategy", "own", "push", "here", "there"),
    [
        (KEEP_LOCAL, None, True, {}, {"name": ("theirs", "ours")}),
        (KEEP_EXTERNAL, None, True, {"title": ("ours", "theirs")}, {}),
        (MERGE, "both", True, {"title": ("ours", "both")}, {"name": ("theirs", "both")}),
        (MERGE, "theirs", True, {"title": ("ours", "theirs")}, {}),
        (MERGE, "ours", True, {}, {"name": ("theirs", "ours")}),
        (KEEP_LOCAL, None, False, {}, {}),
        (MERGE, "both", False, {"title": ("ours", "both")}, {}),
    ],
)
def test_writes_of_a_choice(strategy: str, own: Any, push: bool, here: Any, there: Any) -> None:
    outcome = chosen(strategy, "ours", "theirs", push=push, own=own)
    assert (outcome.here, outcome.there, outcome.waits) == (here, there, [])


def test_a_reference_that_is_not_linked_there_waits() -> None:
    outcome = chosen(KEEP_LOCAL, "u9", "m1", field="assignedToId")
    assert (outcome.there, outcome.waits) == ({}, ["assignedToId"])


def test_a_reference_that_is_not_linked_here_cannot_be_taken() -> None:
    outcome = chosen(KEEP_EXTERNAL, "u1", "m9", field="assignedToId")
    assert (outcome.unreadable, outcome.here) == (["assignedToId"], {})


def test_other_edits_that_go_out_too_are_named_apart() -> None:
    agreed = base(title="base", description="notes", status="TODO")
    sides = standing(
        {**agreed.local_base, "title": "ours", "description": "new notes"},
        {"title": "theirs", "description": "notes", "status": False},
    )
    outcome = decide(SHAPE, agreed, sides, ["title"], Choice(KEEP_LOCAL), MEMBERS)
    assert (outcome.there, outcome.also_there) == (
        {"name": ("theirs", "ours")},
        {"notes": ("notes", "new notes")},
    )


TEXT = st.sampled_from([None, "a", "b", "c"])
DAY = st.sampled_from([None, "2026-01-01", "2026-02-02"])
TITLE = st.sampled_from(["a", "b", "c"])


def side(status: Any, *people: str) -> Any:
    """Any values of one side, with a status that nobody changed."""
    person = st.sampled_from([None, *people])
    values = {"title": TITLE, "description": TEXT, "dueDate": DAY, "assignedToId": person, "status": st.just(status)}
    return st.fixed_dictionaries(values)


LOCAL, EXTERNAL = side("TODO", "u1", "u2"), side(False, "m1", "m2")
FIELDS = ("title", "description", "dueDate", "assignedToId")
CHOICES = st.builds(
    Choice,
    st.sampled_from([KEEP_LOCAL, KEEP_EXTERNAL, MERGE]),
    st.fixed_dictionaries({}, optional={"title": st.sampled_from(["c", "d"]), "dueDate": DAY}),
    st.booleans(),
)


def after(outcome: Outcome, sides: Standing) -> tuple[LocalState, ExternalState]:
    """Both sides once the writes that the outcome names are made, and no others."""
    local = tuple(
        outcome.here[name][1] if name in outcome.here else value
        for name, value in zip(SHAPE.names, sides.local, strict=True)
    )
    external = tuple(
        outcome.there[key][1] if key in outcome.there else outcome.also_there[key][1] if key in outcome.also_there
        else value for key, value in zip(SHAPE.keys, sides.external, strict=True)
    )  # fmt: skip
    return LocalState(local), ExternalState(external)


@given(LOCAL, LOCAL, EXTERNAL, CHOICES)
def test_nothing_contested_is_left_to_do_after_the_writes_that_were_named(
    agreed: dict[str, Any], local: dict[str, Any], external: dict[str, Any], choice: Choice
) -> None:
    bases, sides = base(**agreed), standing(local, external)
    outcome = decide(SHAPE, bases, sides, FIELDS, choice, MEMBERS)
    here, there = after(outcome, sides)
    left = settle(SHAPE, LinkState(outcome.local_base, outcome.external_base), here, there, Policy(), HERE, MEMBERS)
    assert not left.local_write
    assert not left.external_write
    assert not left.review


@given(LOCAL, LOCAL, EXTERNAL, CHOICES)
def test_before_is_what_stands_and_the_choice_stands_afterwards(
    agreed: dict[str, Any], local: dict[str, Any], external: dict[str, Any], choice: Choice
) -> None:
    sides = standing(local, external)
    outcome = decide(SHAPE, base(**agreed), sides, FIELDS, choice, MEMBERS)
    ours, theirs = dict(zip(SHAPE.names, sides.local, strict=True)), dict(zip(SHAPE.keys, sides.external, strict=True))
    assert all(ours[name] == before for name, (before, _) in outcome.here.items())
    assert all(theirs[key] == before for key, (before, _) in outcome.there.items())
    here, there = after(outcome, sides)
    stands = dict(zip(SHAPE.names, here.values, strict=True))
    assert {name: stands[name] for name in FIELDS} == outcome.chosen
    if choice.push:
        pulled = dict(zip(SHAPE.names, SHAPE.mapping.to_local(there.values, HERE), strict=True))
        assert {name: pulled[name] for name in FIELDS} == outcome.chosen
    else:
        assert outcome.there == {}


def test_a_field_that_nobody_asked_about_is_not_settled() -> None:
    agreed = base(title="base", description="notes", status="TODO")
    sides = standing(
        {**agreed.local_base, "title": "ours", "description": "mine"},
        {"title": "theirs", "description": "yours", "status": False},
    )
    outcome = decide(SHAPE, agreed, sides, ["title"], Choice(KEEP_EXTERNAL), MEMBERS)
    assert outcome.local_base["description"] == "notes"
    assert (list(outcome.here), outcome.there, outcome.also_there) == (["title"], {}, {})


@pytest.mark.parametrize(
    ("rules", "place"),
    [
        ({"nothing": "prefer_local"}, "conflictRules"),
        ({"title": "guess"}, "conflictRules.title[0]"),
        ({"title": {"strategy": "max", "when": "full moon"}}, "conflictRules.title[0]"),
        ({"title": ["latest", 5]}, "conflictRules.title[1]"),
        ("prefer_local", "conflictRules"),
    ],
)
def test_rules_of_a_mapping_are_checked(rules: Any, place: str) -> None:
    with pytest.raises(MappingError) as told:
        shape(conflictRules=rules)
    assert [one.path for one in told.value.problems] == [place]


def test_a_rule_of_the_mapping_decides_before_the_strategy() -> None:
    ruled = shape(conflictRules={"title": [{"when": "local_empty", "strategy": "prefer_external"}, "prefer_local"]})
    agreed = base(title="base", status="TODO")
    sides = standing({**agreed.local_base, "title": "ours"}, {"title": "theirs", "status": False})
    settled = settle(
        ruled, agreed, LocalState(sides.local), ExternalState(sides.external), Policy("EXTERNAL_WINS"), HERE, MEMBERS
    )
    (case,) = settled.decided
    assert (case.decision.winner, settled.pushed) == ("LOCAL", {"title": "ours"})
    assert "the mapping's rule" in case.decision.rule
