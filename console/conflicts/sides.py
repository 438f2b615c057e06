"""What a card shows of the two sides: who edited what and when, the values field by field, and the writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.forms import BoundField
from django.utils.translation import gettext as _

from conflicts.models import ConflictResolution
from connectors.base import registry
from connectors.base.errors import ConfigError
from console.conflicts.forms import EXTERNAL, LOCAL, OWN, THEN_EXTERNAL, MergeForm
from console.conflicts.shown import Shown, Words
from sync_engine.deciding.choices import KEEP_EXTERNAL, KEEP_LOCAL
from sync_engine.review.review import Look, Offer
from sync_engine.review.standing import Edit, latest

Kind = ConflictResolution.Kind


def provider_of(case: ConflictResolution) -> str:
    """The provider as people call it."""
    try:
        return registry.get(case.integration.connector_key).label
    except ConfigError:
        return case.integration.name


def local_side(look: Look) -> Edit:
    """Who edited the record here last."""
    found = latest(look.local_edits)
    return found if found.at else Edit(look.case.local_changed_by, look.case.local_changed_at)


def external_side(look: Look) -> Edit:
    return look.external_edit


@dataclass(frozen=True)
class Option:
    """One value that can be picked, with what it is called."""

    pick: str
    label: str
    shown: Shown
    chosen: bool = False


@dataclass
class FieldRow:
    """One contested field. `was_local` and `was_external` are set where that side moved since the case was found."""

    name: str
    label: str
    base: Shown | None
    local: Shown
    external: Shown
    was_local: str = ""
    was_external: str = ""
    edit: Edit = field(default_factory=Edit)
    rule: str = ""
    options: list[Option] = field(default_factory=list)
    own: BoundField | None = None
    own_chosen: bool = False
    pick_name: str = ""
    picked: str = ""


def fields(look: Look, words: Words, form: MergeForm | None) -> list[FieldRow]:
    """The contested fields; of a delete against an edit, every value of the side that has the record."""
    if look.case.kind == Kind.AMBIGUOUS:
        return []
    names = [*look.local] if look.local else [*look.external]
    return [_field(look, words, form, name) for name in names]


def _field(look: Look, words: Words, form: MergeForm | None, name: str) -> FieldRow:
    case = look.case
    ours, theirs, base = look.local.get(name), look.external.get(name), case.base_data.get(name)
    known = name in case.base_data and base is not None
    row = FieldRow(
        name,
        words.label(name),
        words.shown(name, base) if name in case.base_data else None,
        words.marked(name, ours, base if known else theirs),
        words.marked(name, theirs, base if known else ours),
        edit=_own_edit(look, name),
    )
    if case.kind == Kind.FIELDS:
        row.was_local = _was(words, name, case.local_data, ours)
        row.was_external = _was(words, name, case.external_data, theirs)
    if name in look.rules and look.rules[name].winner is not None:
        row.rule = _rule(look, words, name)
    if form is not None and form.merges:
        _choices(row, words, form, name)
    return row


def _was(words: Words, name: str, held: Mapping[str, Any], now: Any) -> str:
    if name not in held or held[name] == now:
        return ""
    return words.text(name, held[name]) or _("empty")


def _own_edit(look: Look, name: str) -> Edit:
    """The field's last edit here, where it is another than the one that the head of the column names."""
    found = look.local_edits.get(name, Edit())
    return found if found != local_side(look) else Edit()


def reason(case: ConflictResolution, words: Words) -> str:
    """Why a person is asked."""
    if case.kind != Kind.FIELDS or case.reopens_id:
        return case.conflict_reason
    names = ", ".join(words.label(name) for name in case.conflicted_fields)
    return _("Both sides changed %(fields)s since they last agreed.") % {"fields": names}


def undecided_by_rule(look: Look) -> str:
    """Why the rule in force leaves fields to a person; "" where it decides them all."""
    rules = {one.rule for one in look.rules.values() if one.winner is None}
    return "; ".join(sorted(rules))


def _rule(look: Look, words: Words, name: str) -> str:
    decision = look.rules[name]
    value = words.text(name, decision.value) or _("empty")
    return _("“%(value)s” would be taken (%(rule)s).") % {"value": value, "rule": decision.rule}


def _choices(row: FieldRow, words: Words, form: MergeForm, name: str) -> None:
    slot = next((one for one in form.slots if one.name == name), None)
    if slot is None:
        return
    row.pick_name = form[slot.pick].html_name
    row.picked = str(form[slot.pick].value() or LOCAL)
    row.own = form[slot.own]
    row.own_chosen = row.picked == OWN
    labels = {LOCAL: _("Ours"), EXTERNAL: _("Theirs"), THEN_EXTERNAL: _("Theirs, as it was")}
    for pick, value in form.values_of(name).items():
        label = labels.get(pick, _("Ours, as it was"))
        row.options.append(Option(pick, label, words.shown(name, value), row.picked == pick))


@dataclass(frozen=True)
class Line:
    """One write: of which field, from what, to what."""

    label: str
    before: str
    after: str


@dataclass
class OfferShown:
    """One choice as a card shows it."""

    key: str
    strategy: str
    title: str
    here: list[Line] = field(default_factory=list)
    there: list[Line] = field(default_factory=list)
    also: list[Line] = field(default_factory=list)
    note: str = ""
    problem: str = ""
    known: bool = False
    """The exact writes are known; else the note says what follows."""


def offers(look: Look, words: Words) -> list[OfferShown]:
    return [offer(look, words, one) for one in look.offers]


def offer(look: Look, words: Words, one: Offer) -> OfferShown:
    provider = provider_of(look.case)
    titles = _brought_back() if look.gone_here else _titles(look.case.kind, provider)
    key, title = titles.get(one.strategy, ("3", _("Use your selection")))
    found = OfferShown(key, one.strategy, title, note=one.note, problem=one.problem)
    if one.outcome is not None:
        found.known = True
        found.here = [
            Line(words.label(name), _text(words, name, before), _text(words, name, after))
            for name, (before, after) in one.outcome.here.items()
        ]
        found.there = _lines(one.outcome.there)
        found.also = _lines(one.outcome.also_there)
    return found


def _text(words: Words, name: str, value: Any) -> str:
    return words.text(name, value) or _("empty")


def _lines(writes: Mapping[str, tuple[Any, Any]]) -> list[Line]:
    """The provider's own names and values, as they are sent."""
    return [Line(key, raw(before), raw(after)) for key, (before, after) in writes.items()]


def raw(value: Any) -> str:
    if value is None or value == "":
        return _("empty")
    return value if isinstance(value, str) else repr(value) if isinstance(value, float) else str(value)


def _brought_back() -> dict[str, tuple[str, str]]:
    """Of a record that was let go on both sides."""
    return {KEEP_LOCAL: ("1", _("Bring the record back")), KEEP_EXTERNAL: ("2", _("Leave it deleted"))}


def _titles(kind: str, provider: str) -> dict[str, tuple[str, str]]:
    if kind == Kind.DELETED_EXTERNALLY:
        return {
            KEEP_LOCAL: ("1", _("Keep the record")),
            KEEP_EXTERNAL: ("2", _("Delete it here too")),
        }
    if kind == Kind.DELETED_LOCALLY:
        return {
            KEEP_LOCAL: ("1", _("Delete it in %(provider)s too") % {"provider": provider}),
            KEEP_EXTERNAL: ("2", _("Bring it back here")),
        }
    if kind == Kind.AMBIGUOUS:
        return {
            KEEP_LOCAL: ("1", _("Link with the chosen one")),
            KEEP_EXTERNAL: ("2", _("It is a new one: create it here")),
        }
    if kind == Kind.MAY_EXIST:
        return {
            KEEP_EXTERNAL: ("1", _("Link the chosen record")),
            KEEP_LOCAL: ("2", _("Create it again")),
        }
    return {
        KEEP_LOCAL: ("1", _("Keep ours")),
        KEEP_EXTERNAL: ("2", _("Keep theirs")),
    }


@dataclass(frozen=True)
class Candidate:
    """A record that may be the one: at the provider, or for an ambiguous match here."""

    id: str
    lines: Sequence[tuple[str, str]]


def candidates(look: Look, words: Words) -> list[Candidate]:
    """With what is known of each; by its id alone where it could not be read."""
    case = look.case
    if case.kind == Kind.AMBIGUOUS:
        known = look.candidates or {str(one): {} for one in case.local_data.get("candidates", [])}
        return [Candidate(one, _described(values, words)) for one, values in known.items()]
    if case.kind != Kind.MAY_EXIST:
        return []
    known = look.candidates or {str(one): {} for one in case.external_data.get("candidates", [])}
    return [Candidate(one, [(key, raw(v)) for key, v in values.items() if v]) for one, values in known.items()]


def external_words(case: ConflictResolution) -> list[tuple[str, str]]:
    """Of an ambiguous match, what the provider shows of the record."""
    if case.kind != Kind.AMBIGUOUS:
        return []
    return [(key, raw(value)) for key, value in case.external_data.items() if value]


def _described(values: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    """Our own values, in words; what is empty is left out."""
    return [(words.label(name), text) for name, value in values.items() if (text := words.text(name, value))]


@dataclass(frozen=True)
class Decided:
    """What became of one field, and by which rule."""

    label: str
    value: str
    rule: str


def decided(case: ConflictResolution, words: Words) -> list[Decided]:
    """Of a closed case."""
    values: Mapping[str, Any] = case.resolved_data or {}
    rules: Mapping[str, Any] = case.winners or {}
    return [
        Decided(words.label(name), _text(words, name, value), _whose(rules.get(name, {})))
        for name, value in values.items()
        if case.kind == Kind.FIELDS
    ]


def _whose(winner: Mapping[str, Any]) -> str:
    """Whose value it was, and the rule where none of the people decided."""
    sides = {"LOCAL": _("ours"), "EXTERNAL": _("theirs"), "MERGED": _("neither side's")}
    rule = str(winner.get("rule", ""))
    parts = [sides.get(str(winner.get("winner", "")), ""), "" if rule == "decided" else rule]
    return "; ".join(part for part in parts if part)


def how(case: ConflictResolution) -> str:
    """What became of the case, in words."""
    if case.status != ConflictResolution.Status.RESOLVED:
        closed = (case.winners or {}).get("*", {}).get("rule", "")
        label = str(case.get_status_display())
        return f"{label}: {closed}" if closed else label
    if case.kind != Kind.FIELDS:
        return _titles(case.kind, provider_of(case)).get(case.resolution_strategy, ("", _("Decided")))[1]
    return {
        KEEP_LOCAL: _("Ours was kept"),
        KEEP_EXTERNAL: _("Theirs was taken"),
    }.get(case.resolution_strategy, _("Merged field by field"))
