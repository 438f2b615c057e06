"""What one rule would write for each of many cases. Reads both sides, writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conflicts.models import BulkDecision, BulkStep, ConflictResolution
from conflicts.strategies import MERGES, Contest
from connectors.base.connector import Connector
from connectors.base.redaction import redact
from integrations.mapping.errors import ConversionError
from sync_engine.deciding.choices import KEEP_EXTERNAL, KEEP_LOCAL, MERGE, Choice, Outcome
from sync_engine.inward.apply import label
from sync_engine.review import standing
from sync_engine.review.review import outcome_of
from sync_engine.review.standing import BothSides
from sync_engine.shape import Shape

Kind = ConflictResolution.Kind
SIDES = {"prefer_local": KEEP_LOCAL, "prefer_external": KEEP_EXTERNAL}
ONE_BY_ONE = "A case of this kind is decided by itself: open it."
GONE = "A side of the record is gone by now. Sync, then look again."


def planned(
    bulk: BulkDecision, cases: Sequence[ConflictResolution], connector: Connector | None = None
) -> Iterator[BulkStep]:
    """One step per case, unsaved. `cases` are of one resource type. Raises the errors of connectors."""
    shape = standing.shape_of(cases[0], connector)
    readable = [case for case in cases if case.kind in (Kind.FIELDS, Kind.DELETED_EXTERNALLY, Kind.DELETED_LOCALLY)]
    sides = standing.read_many(readable, shape)
    for case in cases:
        step = BulkStep(bulk=bulk, conflict=case, label=case.external_id)
        found = sides.get(case.resource_id)
        if case not in readable:
            _leave_out(step, ONE_BY_ONE)
        elif found is None:
            _leave_out(step, str(standing.NotLinked()))
        else:
            _plan(step, shape, case, found, bulk)
        yield step


def _leave_out(step: BulkStep, sentence: str) -> None:
    step.state, step.sentence = BulkStep.State.SKIPPED, sentence


def _plan(step: BulkStep, shape: Shape, case: ConflictResolution, sides: BothSides, bulk: BulkDecision) -> None:
    if sides.local is not None:
        step.label = label(shape, tuple(sides.local.values()))
    step.token = standing.token_of(case, *standing.shown(case, shape, sides))
    if case.kind != Kind.FIELDS:
        _whole(step, case, bulk.rule)
    elif sides.standing is None:
        _leave_out(step, GONE)
    else:
        _fields(step, shape, case, sides, bulk)


def _whole(step: BulkStep, case: ConflictResolution, rule: str) -> None:
    """A delete against an edit knows two answers."""
    if rule not in SIDES:
        _leave_out(step, ONE_BY_ONE)
        return
    step.strategy = SIDES[rule]
    kept = step.strategy == KEEP_LOCAL
    gone_there = case.kind == Kind.DELETED_EXTERNALLY
    what = {
        (True, True): "The record is created there again.",
        (True, False): "The record is deleted here too.",
        (False, True): "The record is deleted there too.",
        (False, False): "The record comes back here.",
    }
    step.sentence = what[gone_there, kept]


def _fields(step: BulkStep, shape: Shape, case: ConflictResolution, sides: BothSides, bulk: BulkDecision) -> None:
    choice, undecided = _choice(shape, case, sides, bulk)
    if undecided:
        _leave_out(step, undecided)
        return
    try:
        outcome = outcome_of(case, shape, sides, choice)
    except ConversionError as error:
        _leave_out(step, str(error))
        return
    if outcome.unreadable:
        _leave_out(step, f"{', '.join(outcome.unreadable)} there names a record that is not synced yet.")
        return
    step.strategy, step.values = choice.strategy, dict(choice.values)
    step.here, step.there = _writes(outcome)


def _choice(shape: Shape, case: ConflictResolution, sides: BothSides, bulk: BulkDecision) -> tuple[Choice, str]:
    """The choice that the rule makes, or why it makes none."""
    if bulk.rule in SIDES:
        return Choice(SIDES[bulk.rule], push=bulk.push), ""
    local, external = standing.shown(case, shape, sides)
    values: dict[str, Any] = {}
    here = standing.latest(standing.local_edits(shape, case.resource_id, case.conflicted_fields)).at
    for name in local:
        base = case.base_data.get(name)
        at = here or case.local_changed_at
        contest = Contest(name, base, local[name], external[name], at, sides.external_edit.at)
        found = MERGES[bulk.rule](contest, {})
        if found.winner is None:
            return Choice(MERGE), f"{name}: {found.rule}."
        values[name] = found.value
    return Choice(MERGE, values, bulk.push), ""


def _writes(outcome: Outcome) -> tuple[dict[str, Any], dict[str, Any]]:
    here = {name: [before, after] for name, (before, after) in outcome.here.items()}
    there = {key: [before, after] for key, (before, after) in outcome.there.items()}
    return redact(here), redact(there)
