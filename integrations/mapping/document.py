"""The mapping document: R1's JSON format, read and checked.

    {"resourceType": "TASK",
     "externalToInternal": [{"externalField", "internalField", "transform", "required", "defaultValue"}, ...],
     "internalToExternal": [...],      absent: derived from the rules that can be inverted
     "matchKeys": ["email"],           internal fields that identify a record on first contact
     "bidirectional": true,            false: nothing is derived; true: the list that is missing is derived
     "externalResource": "task",       the provider's kind of record, where it is not resourceType's own
     "acknowledgedLosses": ["status"], internal fields whose lossy rules a person has accepted
     "conflictRules": {...}}           what decides where both sides changed a field (see `conflict_rules`)

A pair of fields in both lists is one two-way rule, in one list a one-way rule. `externalId` is the record's
identity: such a rule is kept as identity and never compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from . import conflict_rules
from .errors import MappingError, Problem

IDENTITY = "externalId"
KEYS = {
    "resourceType",
    "externalToInternal",
    "internalToExternal",
    "matchKeys",
    "bidirectional",
    "acknowledgedLosses",
    "externalResource",
    "transformers",
    conflict_rules.KEY,
}
RULE_KEYS = {"externalField", "internalField", "transform", "required", "defaultValue"}
LISTS = ("externalToInternal", "internalToExternal")


@dataclass(frozen=True, slots=True)
class Side:
    """A rule as written in one list. `settings` is the transform as an object, {} where none is given.
    `derived` says that it stands in the other list only and is to be inverted."""

    path: str
    settings: Mapping[str, Any]
    required: bool = False
    default: Any = None
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One pair of fields. `internal` or `external` is "" for a constant."""

    external: str
    internal: str
    pull: Side | None = None
    push: Side | None = None

    @property
    def name(self) -> str:
        return f"{self.external or 'constant'} -> {self.internal or 'constant'}"

    @property
    def path(self) -> str:
        side = self.pull if self.pull and not self.pull.derived else self.push
        return side.path if side else ""


@dataclass(frozen=True, slots=True)
class MappingDocument:
    """`resource_type` is canonical (lower case). `identity` holds the rule of `externalId`, if written."""

    resource_type: str
    rules: tuple[Rule, ...]
    identity: Rule | None
    match_keys: tuple[str, ...]
    acknowledged: frozenset[str]
    version_hash: str
    conflict_rules: conflict_rules.Rules = field(default_factory=dict)


def parse_document(document: Any) -> MappingDocument:
    """Raises `MappingError` with every problem of form; fields are checked by `compile_mapping`."""
    problems: list[Problem] = []
    if not isinstance(document, Mapping):
        raise MappingError([Problem("", "The mapping must be a JSON object.")])
    _check_head(document, problems)
    lists = {name: _read_list(document, name, problems) for name in LISTS}
    if not problems and not any(lists.values()):
        problems.append(Problem("", "The mapping has no rule: fill externalToInternal or internalToExternal."))
    if problems:
        raise MappingError(problems)
    rules = _derive(_pair(*lists.values()), document)
    return MappingDocument(
        resource_type=document["resourceType"].lower(),
        rules=tuple(rule for rule in rules if rule.internal != IDENTITY),
        identity=next((rule for rule in rules if rule.internal == IDENTITY), None),
        match_keys=tuple(document.get("matchKeys", ())),
        acknowledged=frozenset(document.get("acknowledgedLosses", ())),
        version_hash=version_hash(document),
        conflict_rules=conflict_rules.read(document),
    )


def version_hash(document: Mapping[str, Any]) -> str:
    """Same content, same hash, whatever the order of keys. 32 hex digits."""
    data = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _check_head(document: Mapping[str, Any], problems: list[Problem]) -> None:
    for key in document:
        if key not in KEYS:
            problems.append(Problem(str(key), f"A mapping has no {key!r}. Known: {', '.join(sorted(KEYS))}."))
    kind = document.get("resourceType")
    if not isinstance(kind, str) or not kind:
        problems.append(Problem("resourceType", 'A mapping needs "resourceType", for example "TASK".'))
    for key in ("matchKeys", "acknowledgedLosses"):
        names = document.get(key, [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            problems.append(Problem(key, f"{key} must be a list of internal field names."))
    if not isinstance(document.get("externalResource", ""), str):
        problems.append(Problem("externalResource", 'externalResource must be a name, for example "task".'))
    if not isinstance(document.get("bidirectional", True), bool):
        problems.append(Problem("bidirectional", "bidirectional must be true or false."))
    problems.extend(conflict_rules.problems(document))
    if document.get("transformers"):
        sentence = "Functions cannot be written in a mapping; register them in Python with @transform."
        problems.append(Problem("transformers", sentence))


def _read_list(document: Mapping[str, Any], name: str, problems: list[Problem]) -> list[tuple[str, str, Side]]:
    entries = document.get(name) or []
    if not isinstance(entries, list):
        problems.append(Problem(name, f"{name} must be a list of rules."))
        return []
    rules: list[tuple[str, str, Side]] = []
    seen: dict[tuple[str, str], str] = {}
    for index, entry in enumerate(entries):
        path = f"{name}[{index}]"
        found = _rule_problems(entry, path)
        problems.extend(found)
        if found:
            continue
        pair = (entry.get("externalField") or "", entry.get("internalField") or "")
        if pair in seen:
            problems.append(Problem(path, f"The same two fields stand in {seen[pair]} already."))
        seen[pair] = path
        rules.append((*pair, _side(entry, path)))
    return rules


def _rule_problems(entry: Any, path: str) -> list[Problem]:
    if not isinstance(entry, Mapping):
        return [Problem(path, "A rule must be an object with externalField and internalField.")]
    found = [
        Problem(f"{path}.{key}", f"A rule has no {key!r}. Known: {', '.join(sorted(RULE_KEYS))}.")
        for key in entry
        if key not in RULE_KEYS
    ]
    transform = entry.get("transform")
    if not _is_transform(transform):
        sentence = 'transform must be a word such as "string", or an object with "type".'
        found.append(Problem(f"{path}.transform", sentence))
    found += [
        Problem(f"{path}.{key}" if key in entry else path, f"A rule needs {key!r}: the name of a field.")
        for key in _needed(entry)
        if not isinstance(entry.get(key), str) or not entry[key]
    ]
    if not isinstance(entry.get("required", False), bool):
        found.append(Problem(f"{path}.required", "required must be true or false."))
    return found


def _is_transform(transform: Any) -> bool:
    if transform is None or (isinstance(transform, str) and transform):
        return True
    if not isinstance(transform, Mapping) or not isinstance(transform.get("type"), str):
        return False
    return transform["type"] != "custom" or isinstance(transform.get("function"), str)


def _needed(entry: Mapping[str, Any]) -> list[str]:
    """A transform that names its own fields spares the rule's field on that side."""
    settings = entry.get("transform")
    own = isinstance(settings, Mapping) and ("fields" in settings or "template" in settings or "value" in settings)
    if not own:
        return ["externalField", "internalField"]
    given = [key for key in ("externalField", "internalField") if key in entry]
    return given or ["externalField", "internalField"]


def _side(entry: Mapping[str, Any], path: str) -> Side:
    transform = entry.get("transform")
    settings = {"type": transform} if isinstance(transform, str) else dict(transform or {})
    return Side(path, settings, bool(entry.get("required")), entry.get("defaultValue"))


def _pair(pulls: list[tuple[str, str, Side]], pushes: list[tuple[str, str, Side]]) -> list[Rule]:
    rules = {(external, internal): Rule(external, internal, pull=side) for external, internal, side in pulls}
    for external, internal, side in pushes:
        rule = rules.get((external, internal), Rule(external, internal))
        rules[external, internal] = replace(rule, push=side)
    return list(rules.values())


def _derive(rules: list[Rule], document: Mapping[str, Any]) -> list[Rule]:
    """Adds the missing list as inverses: internalToExternal unless "bidirectional" is false,
    externalToInternal only where it is true."""
    wish = document.get("bidirectional")
    if document.get("internalToExternal") is None and wish is not False:
        return [replace(r, push=_inverse(r.pull)) if r.pull else r for r in rules]
    if document.get("externalToInternal") is None and wish:
        return [replace(r, pull=_inverse(r.push)) if r.push else r for r in rules]
    return rules


def _inverse(side: Side) -> Side:
    return Side(side.path, side.settings, derived=True)
