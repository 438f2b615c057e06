"""A case as a person decides on it: what stands on both sides now, who edited what, and what each choice writes.

Reads the provider and writes nothing. Where the provider does not answer, the case is shown as it was found, and
says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from conflicts.models import ConflictResolution
from conflicts.strategies import Contest, Decision
from conflicts.strategies import decide as by_rule
from connectors.base.connector import Connector
from connectors.base.errors import ConnectorError
from integrations.mapping.errors import ConversionError, MappingError
from records import selectors
from sync_engine import lookups
from sync_engine.deciding.choices import KEEP_EXTERNAL, KEEP_LOCAL, MERGE, Choice, Outcome, decide
from sync_engine.deciding.settle import LinkState
from sync_engine.review import standing
from sync_engine.review.seen import ConflictMoved
from sync_engine.review.standing import BothSides, Edit, NotLinked
from sync_engine.running.runs import sentence_for
from sync_engine.shape import Shape

Kind = ConflictResolution.Kind
PROBLEMS = (ConnectorError, MappingError, ConversionError, NotLinked)


@dataclass(frozen=True, slots=True)
class Offer:
    """One choice with what it writes. `problem` says why it cannot be made; `note` what else follows from it."""

    strategy: str
    outcome: Outcome | None = None
    problem: str = ""
    note: str = ""


@dataclass(slots=True)
class Look:
    """A case at this moment.

    problem      why the provider could not be read; `local` and `external` are then as the case holds them
    moved        a side differs from what the case holds
    agrees       both sides agree by now, so that nothing is left to decide
    local, external   field to value in our form (the whole record in each side's own form where one side deleted it)
    rules        field -> what the integration's rule would decide on these values
    candidates   for a create without an answer: external id -> what the provider shows under it; for an ambiguous
                 match: local id -> our values
    token        names this state; a decision carries it back
    """

    case: ConflictResolution
    local: Mapping[str, Any]
    external: Mapping[str, Any]
    problem: str = ""
    moved: bool = False
    agrees: bool = False
    token: str = ""
    offers: list[Offer] = field(default_factory=list)
    rules: dict[str, Decision] = field(default_factory=dict)
    local_edits: dict[str, Edit] = field(default_factory=dict)
    external_edit: Edit = field(default_factory=Edit)
    page: str = ""
    candidates: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    gone_here: bool = False
    """The record was let go here too: the case was opened again to bring it back."""


def look(case: ConflictResolution, *, connector: Connector | None = None) -> Look:
    """Reads both sides. Raises nothing that a provider or a mapping can cause."""
    found = Look(case, case.local_data, case.external_data)
    found.token = standing.token_of(case, case.local_data, case.external_data)
    found.external_edit = Edit(case.external_changed_by, case.external_changed_at, "provider")
    if case.status != ConflictResolution.Status.PENDING:
        return found
    try:
        shape = standing.shape_of(case, connector)
        if case.resource_id:
            found.local_edits = standing.local_edits(shape, case.resource_id, case.conflicted_fields or shape.names)
        _FILL.get(case.kind, _as_found)(found, shape)
    except PROBLEMS as error:
        found.problem = str(error) if isinstance(error, NotLinked | ConversionError) else sentence_for(error)
    return found


def preview(case: ConflictResolution, choice: Choice, *, connector: Connector | None = None) -> Outcome:
    """What a choice on a contested record would write now. Raises the errors of connectors, `NotLinked`,
    `ConversionError` where the mapping cannot express a value, and `ConflictMoved` where a side is gone."""
    shape = standing.shape_of(case, connector)
    sides = standing.read(case, shape)
    if sides.standing is None:
        raise ConflictMoved(case)
    return outcome_of(case, shape, sides, choice)


def outcome_of(case: ConflictResolution, shape: Shape, sides: BothSides, choice: Choice) -> Outcome:
    """As the decision itself computes it."""
    assert sides.standing is not None
    chosen = tuple(choice.values.get(name, v) for name, v in zip(shape.names, sides.standing.local, strict=True))
    reverse = lookups.reverse(shape, [sides.standing.local, chosen, _resolved(sides.standing.pulled)])
    bases = LinkState(sides.link.local_base, sides.link.external_base)
    names = [name for name in case.conflicted_fields if name in shape.names]
    return decide(shape, bases, sides.standing, names, choice, reverse)


def _resolved(values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(standing.plain(value) for value in values)


def _fields(found: Look, shape: Shape) -> None:
    case = found.case
    sides = standing.read(case, shape)
    if sides.standing is None:
        found.moved = True
        found.problem = _("The record is gone on one side by now. Sync, and the case is brought up to date.")
        return
    _stand(found, shape, sides)
    found.agrees = bool(found.local) and found.local == found.external and case.reopens_id is None
    found.offers = [_offer(case, shape, sides, strategy) for strategy in (KEEP_LOCAL, KEEP_EXTERNAL)]
    found.rules = {name: _rule(found, shape, name) for name in found.local}


def _stand(found: Look, shape: Shape, sides: BothSides) -> None:
    case = found.case
    found.local, found.external = standing.shown(case, shape, sides)
    found.moved = _differs(case.local_data, found.local) or _differs(case.external_data, found.external)
    found.token = standing.token_of(case, found.local, found.external)
    if sides.record is not None:
        found.external_edit, found.page = sides.external_edit, sides.page


def _differs(held: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return bool(held) and any(held.get(name) != now.get(name) for name in {*held, *now})


def _offer(case: ConflictResolution, shape: Shape, sides: BothSides, strategy: str) -> Offer:
    try:
        outcome = outcome_of(case, shape, sides, Choice(strategy))
    except ConversionError as error:
        return Offer(strategy, problem=str(error))
    if strategy == KEEP_EXTERNAL and outcome.unreadable:
        names = ", ".join(outcome.unreadable)
        return Offer(
            strategy,
            problem=_("The value of %(fields)s there names a record that is not synced yet.") % {"fields": names},
        )
    waits = {"fields": ", ".join(outcome.waits)}
    note = _("%(fields)s: waits until the record it names is synced.") % waits if outcome.waits else ""
    return Offer(strategy, outcome, note=note)


def _rule(found: Look, shape: Shape, name: str) -> Decision:
    case, integration = found.case, found.case.integration
    here = found.local_edits.get(name, Edit(at=case.local_changed_at)).at
    contest = Contest(
        name, case.base_data.get(name), found.local[name], found.external[name], here, found.external_edit.at
    )
    rules = shape.mapping.conflict_rules.get(name, ())
    return by_rule(contest, integration.conflict_strategy, integration.merge_rules, rules)


def _whole(found: Look, shape: Shape) -> None:
    _stand(found, shape, standing.read(found.case, shape))
    gone_there = found.case.kind == Kind.DELETED_EXTERNALLY
    if bool(found.external) is gone_there:
        found.moved = True
        found.problem = _("Both sides have changed by now. Sync, and the case is brought up to date.")
    words, keep, let_go = {"provider": shape.connector.label}, Offer(KEEP_LOCAL), Offer(KEEP_EXTERNAL)
    if gone_there and not found.local:
        found.gone_here, found.moved, found.local = True, False, found.case.local_data
        keep = Offer(KEEP_LOCAL, note=_("The record comes back here, and is created again in %(provider)s.") % words)
        let_go = Offer(KEEP_EXTERNAL, note=_("The record stays deleted on both sides; nothing is written."))
    elif gone_there:
        keep = Offer(KEEP_LOCAL, note=_("The record stays here and is created again in %(provider)s.") % words)
        let_go = Offer(KEEP_EXTERNAL, note=_("The record is deleted here too. It can be restored from here later."))
    else:
        keep = Offer(KEEP_LOCAL, note=_("The record stays deleted here and is deleted in %(provider)s too.") % words)
        let_go = Offer(KEEP_EXTERNAL, note=_("The record comes back here, with the values of %(provider)s.") % words)
    found.offers = [keep, let_go]


def _may_exist(found: Look, shape: Shape) -> None:
    ids = [str(one) for one in found.case.external_data.get("candidates", [])]
    records = {external_id: standing.fetch(shape, external_id) for external_id in ids[:20]}
    found.candidates = {
        external_id: dict(zip(shape.keys, shape.mapping.read_external(record.fields), strict=True))
        for external_id, record in records.items()
        if record is not None
    }
    words = {"provider": shape.connector.label}
    link = _("The record here and the chosen one in %(provider)s are linked; both keep their values.") % words
    again = _("The record is created again in %(provider)s. Make sure first that it is not there.") % words
    found.offers = [Offer(KEEP_EXTERNAL, note=link), Offer(KEEP_LOCAL, note=again)]


def _ambiguous(found: Look, shape: Shape) -> None:
    ids = [str(one) for one in found.case.local_data.get("candidates", [])]
    here = selectors.read(shape.sync_type, str(shape.integration.organization_id), ids[:20], shape.names)
    found.candidates = {
        internal_id: dict(zip(shape.names, snapshot.values, strict=True)) for internal_id, snapshot in here.items()
    }
    words = {"provider": shape.connector.label}
    link = _("The record in %(provider)s and the chosen one here are linked; what differs is settled.") % words
    new = _("The record in %(provider)s is none of these: it is created here as a new one.") % words
    found.offers = [Offer(KEEP_LOCAL, note=link), Offer(KEEP_EXTERNAL, note=new)]


def _as_found(found: Look, shape: Shape) -> None:
    """Nothing to read: the case says all there is."""


_FILL: dict[str, Callable[[Look, Shape], None]] = {
    Kind.FIELDS: _fields,
    Kind.DELETED_EXTERNALLY: _whole,
    Kind.DELETED_LOCALLY: _whole,
    Kind.MAY_EXIST: _may_exist,
    Kind.AMBIGUOUS: _ambiguous,
}
__all__ = ["MERGE", "Look", "Offer", "look", "preview"]
