"""The round-trip laws of a mapping, tried with recorded and with generated records.

    put-get     what is read and written back is what was read:       put(get(x)) = x
    get-put     what is written and read back is what was written:    get(put(y)) = y
    canonical   the external form of a written value is that value; a rule without it would push for ever
    detail      a write would destroy what the mapping cannot express (a time of day, a JSON type)
    converts    a recorded record that the rule cannot convert: it would be parked
    untouched   a write stays in its own field: no two rules write the same external field
    one source  no two two-way rules feed one internal field

A law is broken with severity "lossy" (a person may acknowledge it, or make the rule one-way) or "blocking".
One-way rules cannot lose anything and are exempt, but for "untouched". Lookups are kept by the links.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from connectors.base.paths import compile_get, parse

from .codegen import slow_read
from .compiled import CompiledMapping, CompiledRule
from .errors import shorten
from .examples import Chance, external_examples, local_examples
from .transforms.references import Lookup

Severity = Literal["lossy", "blocking"]


@dataclass(frozen=True, slots=True)
class LawFinding:
    """A broken law. `rule` reads "completed -> status", `internal` is its field; `example_in` became `example_out`."""

    rule: str
    internal: str
    law: str
    severity: Severity
    example_in: Any
    example_out: Any
    sentence: str


def check_laws(
    compiled: CompiledMapping, samples: Sequence[Mapping[str, Any]] = (), generated: int = 50, seed: int = 0
) -> list[LawFinding]:
    """Every broken law with its smallest example, in the order of the rules. `samples` are provider's records as
    read. Fields in the document's `acknowledgedLosses` yield no lossy findings."""
    rng = Chance(seed)
    findings = list(_structure(compiled.rules))
    for rule in compiled.rules:
        if _goes_round(rule):
            findings += _smallest(_try_rule(rule, samples, generated, rng))
    silenced = compiled.document.acknowledged
    return [f for f in findings if f.severity == "blocking" or f.internal not in silenced]


def _goes_round(rule: CompiledRule) -> bool:
    """Two-way, and made of one value here: what is joined from several fields cannot be taken apart."""
    return rule.pull and rule.push and rule.transform.inputs is None and not isinstance(rule.transform, Lookup)


def _smallest(findings: Iterable[LawFinding]) -> list[LawFinding]:
    best: dict[str, LawFinding] = {}
    for found in findings:
        known = best.get(found.law)
        if known is None or len(repr(found.example_in)) < len(repr(known.example_in)):
            best[found.law] = found
    return list(best.values())


def _try_rule(
    rule: CompiledRule, samples: Sequence[Mapping[str, Any]], generated: int, rng: Chance
) -> Iterable[LawFinding]:
    for sample in samples:
        yield from _recorded(rule, sample)
    for raw in external_examples(rule.transform, generated, rng):
        try:
            form = rule.transform.normalise(raw)
        except ValueError:
            continue
        yield from _put_get(rule, form)
    for local in local_examples(rule.transform.spec, generated, rng):
        yield from _get_put(rule, local)
    if rule.default_local is not None:
        yield from _put_get(rule, None)


def _recorded(rule: CompiledRule, sample: Mapping[str, Any]) -> Iterable[LawFinding]:
    found = [compile_get(path)(sample) for path in rule.paths]
    raw = found if rule.transform.paths else found[0] if found else None
    try:
        form = slow_read([rule])(sample)[0]
        if form is not None:
            _get(rule, form)
    except ValueError as error:
        yield _finding(rule, "converts", raw, None, f"{error}. Such a record is parked.")
        return
    yield from _put_get(rule, form)
    yield from _detail(rule, raw, form)


def _detail(rule: CompiledRule, raw: Any, form: Any) -> Iterable[LawFinding]:
    if raw is None or form is None:
        return
    lost, back = rule.transform.loses(raw), rule.transform.emit(form)
    if lost:
        yield _finding(rule, "detail", raw, back, f"A write would lose {lost}: {shorten(raw)} becomes {shorten(back)}.")
    elif _json_type(raw) != _json_type(back):
        sentence = f"The provider sends a {_json_type(raw)}, a write would send a {_json_type(back)}; set externalType."
        yield _finding(rule, "detail", raw, back, sentence)


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "text" if isinstance(value, str) else "list" if isinstance(value, list) else "object"


def _put_get(rule: CompiledRule, form: Any) -> Iterable[LawFinding]:
    try:
        local = _get(rule, form)
        written = _put(rule, local)
    except ValueError:
        return
    if not rule.equal_external(written, form):
        sentence = f"{shorten(form)} becomes {shorten(local)} here and would be written back as {shorten(written)}."
        yield _finding(rule, "put-get", form, written, sentence)


def _get_put(rule: CompiledRule, local: Any) -> Iterable[LawFinding]:
    try:
        form = _put(rule, local)
        again = None if form is None else rule.transform.normalise(rule.transform.emit(form))
        back = _get(rule, again)
    except ValueError:
        return
    if not rule.equal_external(again, form):
        sentence = f"{shorten(form)} is read back as {shorten(again)}: the rule would write it again and again."
        yield _finding(rule, "canonical", form, again, sentence, "blocking")
    elif not rule.equal_local(back, local):
        sentence = f"{shorten(local)} is written as {shorten(form)} and would be read back as {shorten(back)}."
        yield _finding(rule, "get-put", local, back, sentence)


def _get(rule: CompiledRule, form: Any) -> Any:
    value = None if form is None else rule.transform.to_local(form)
    return rule.default_local if value is None else value


def _put(rule: CompiledRule, local: Any) -> Any:
    form = None if local is None else rule.transform.to_external(local)
    return rule.default_external if form is None else form


def _finding(
    rule: CompiledRule, law: str, given: Any, came: Any, sentence: str, severity: Severity = "lossy"
) -> LawFinding:
    return LawFinding(rule.name, rule.internal, law, severity, given, came, sentence)


def _structure(rules: Sequence[CompiledRule]) -> Iterable[LawFinding]:
    for one, other in combinations([rule for rule in rules if rule.push], 2):
        clash = next(((a, b) for a in one.paths for b in other.paths if _overlap(a, b)), None)
        if clash:
            sentence = f"{one.name} and {other.name} write the same external field; one of them must be one-way."
            yield _finding(other, "untouched", *clash, sentence, "blocking")
    for one, other in combinations([rule for rule in rules if rule.push and rule.pull], 2):
        if one.internal == other.internal:
            sentence = f"{one.name} and {other.name} feed the same internal field; a change in the second may be lost."
            yield _finding(other, "one source", one.external, other.external, sentence)


def _overlap(a: str, b: str) -> bool:
    """One path holds the other."""
    return all(x == y for x, y in zip(parse(a), parse(b), strict=False))
