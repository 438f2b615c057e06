"""A mapping document as rows that a person edits, and back. Pure.

A row is one pair of fields. What rows cannot show (the identity, constants, rules of several fields) stays in the
document as it is. A list that the document leaves to be derived is written out, so that each row says what it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from integrations.mapping.document import IDENTITY

IN, OUT = "externalToInternal", "internalToExternal"
WAYS = ("both", "in", "out")
ENUMS = ("enum", "enumMapping")
PLAIN = ("string", "number", "boolean", "date", "datetime", "tags", "json")
"""Transforms that are a word, or that go back as they came."""
OTHERWISE = "*"

Rule = Mapping[str, Any]


class Unreadable(ValueError):
    """A row whose text cannot be made a rule; the sentence says which line and why."""


@dataclass(frozen=True)
class Row:
    """`way`: both, in (from there to here) or out. `values_in` and `values_out` are lines "a = b" of an enumeration,
    `*` for whatever is not named; `more_in` and `more_out` are the transforms of other kinds as JSON."""

    external: str = ""
    internal: str = ""
    way: str = "both"
    kind: str = "string"
    values_in: str = ""
    values_out: str = ""
    more_in: str = ""
    more_out: str = ""
    required: bool = False
    accepts_loss: bool = False
    matches: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As the mapping's own errors call it."""
        return f"{self.external} -> {self.internal}"

    @property
    def blank(self) -> bool:
        return not self.external and not self.internal

    @property
    def listed(self) -> bool:
        return self.kind in ENUMS

    @property
    def other(self) -> bool:
        return self.kind not in (*PLAIN, *ENUMS)


def rows_of(document: Mapping[str, Any]) -> list[Row]:
    """Its pairs of fields, in the order in which they were written."""
    inward, outward = _pairs(document.get(IN)), _pairs(_outward(document))
    matches, accepted = document.get("matchKeys", ()), document.get("acknowledgedLosses", ())
    found = [_row(pair, inward.get(pair), outward.get(pair)) for pair in {**inward, **outward}]
    return [replace(row, matches=row.internal in matches, accepts_loss=row.internal in accepted) for row in found]


def document_of(rows: Sequence[Row], before: Mapping[str, Any]) -> dict[str, Any]:
    """The document of these rows, with what rows do not show taken from `before`. Raises `Unreadable`."""
    kept = {name: [one for one in before.get(name) or () if not _shown(one)] for name in (IN, OUT)}
    document = {name: value for name, value in before.items() if name not in (IN, OUT, "bidirectional")}
    document[IN] = kept[IN] + [_rule(row, inward=True) for row in rows if row.way in ("both", "in")]
    document[OUT] = kept[OUT] + [_rule(row, inward=False) for row in rows if row.way in ("both", "out")]
    for name, chosen in (("matchKeys", [r.internal for r in rows if r.matches]),
                         ("acknowledgedLosses", [r.internal for r in rows if r.accepts_loss])):  # fmt: skip
        document.pop(name, None)
        if chosen:
            document[name] = chosen
    return document


def hidden(document: Mapping[str, Any]) -> list[Rule]:
    """Rules that rows cannot show."""
    return [one for name in (IN, OUT) for one in document.get(name) or () if not _shown(one)]


def _outward(document: Mapping[str, Any]) -> Iterable[Rule]:
    """The outward list, or the inverse of the inward one where the document leaves it out."""
    given = document.get(OUT)
    if given is not None or document.get("bidirectional") is False:
        return given or ()
    return [
        {**one, "transform": inverse(one.get("transform"))}
        for one in document.get(IN) or ()
        if one.get("internalField") != IDENTITY
    ]


def inverse(transform: Any) -> Any:
    """The transform of the other direction: an enumeration turned round, where the first of several wins; others go
    back as they came."""
    if not isinstance(transform, Mapping) or transform.get("type") not in ENUMS:
        return transform
    turned: dict[str, Any] = {}
    for there, here in dict(transform.get("mapping", {})).items():
        turned.setdefault(_text(here), _value(there))
    return {"type": transform["type"], "mapping": turned}


def _pairs(rules: Iterable[Rule] | None) -> dict[tuple[str, str], Rule]:
    return {(one["externalField"], one["internalField"]): one for one in rules or () if _shown(one)}


def _shown(rule: Rule) -> bool:
    return bool(rule.get("externalField")) and bool(rule.get("internalField")) and rule["internalField"] != IDENTITY


def _row(pair: tuple[str, str], inward: Rule | None, outward: Rule | None) -> Row:
    first = inward or outward or {}
    way = "both" if inward and outward else "in" if inward else "out"
    kind = _settings(first).get("type", "string")
    row = Row(*pair, way=way, kind=str(kind), required=bool(first.get("required")))
    if row.listed:
        return replace(row, values_in=_lines(inward), values_out=_lines(outward))
    if row.other or len(_settings(inward)) > 1 or len(_settings(outward)) > 1:
        return replace(row, more_in=_json(inward), more_out=_json(outward))
    return row


def _settings(rule: Rule | None) -> Mapping[str, Any]:
    transform = (rule or {}).get("transform")
    return {"type": transform} if isinstance(transform, str) else dict(transform or {})


def _json(rule: Rule | None) -> str:
    return orjson.dumps(_settings(rule), option=orjson.OPT_INDENT_2).decode() if rule else ""


def _lines(rule: Rule | None) -> str:
    settings = _settings(rule)
    lines = [f"{_text(key)} = {_text(value)}" for key, value in dict(settings.get("mapping", {})).items()]
    if "default" in settings:
        lines.append(f"{OTHERWISE} = {_text(settings['default'])}")
    return "\n".join(lines)


def _rule(row: Row, *, inward: bool) -> dict[str, Any]:
    rule: dict[str, Any] = {"externalField": row.external, "internalField": row.internal}
    rule["transform"] = _transform(row, inward)
    if row.required:
        rule["required"] = True
    return rule


def _transform(row: Row, inward: bool) -> Any:
    if row.listed:
        return {"type": row.kind, **_enumeration(row, row.values_in if inward else row.values_out)}
    more = row.more_in if inward else row.more_out
    if not more.strip():
        other = row.more_out if inward else row.more_in
        return _parsed(row, other) if other.strip() else row.kind
    return _parsed(row, more)


def _parsed(row: Row, text: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"{row.name}: its details are not valid JSON ({error}).") from error
    if not isinstance(found, dict):
        raise Unreadable(f"{row.name}: its details must be a JSON object.")
    return {**found, "type": row.kind}


def _enumeration(row: Row, text: str) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    found: dict[str, Any] = {"mapping": mapping}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        left, sign, right = (part.strip() for part in line.partition("="))
        if not sign or not left:
            raise Unreadable(f"{row.name}: line {number} of its values must read “value = value”.")
        if left == OTHERWISE:
            found["default"] = _value(right)
        else:
            mapping[left] = _value(right)
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _value(text: str) -> Any:
    """true, false, null and numbers are meant as such, everything else as text."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return text if isinstance(found, (dict, list, str)) else found
