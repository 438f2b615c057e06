"""A compiled mapping: what the engine calls for every record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

from connectors.base.paths import PathError, compile_get, gap_before, get_path, list_above, set_path

from .codegen import compile_read, compile_to_local
from .conflict_rules import Rules
from .document import MappingDocument
from .errors import ConversionError
from .sentinels import ABSENT, UNRESOLVED
from .transforms import Transform
from .transforms.references import Lookup

Ids = Mapping[str, Mapping[Any, Any]]
"""Resource type -> id on one side -> id on the other."""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule. `inputs` are the internal fields that a push reads, `paths` the external ones."""

    index: int
    internal: str
    external: str
    transform: Transform
    pull: bool
    push: bool
    paths: tuple[str, ...]
    inputs: tuple[str, ...]
    required_local: bool = False
    required_external: bool = False
    default_local: Any = None
    default_external: Any = None

    @property
    def name(self) -> str:
        return f"{self.external or 'constant'} -> {self.internal or 'constant'}"

    def equal_local(self, a: Any, b: Any) -> bool:
        return a == b or (a is not None and b is not None and self.transform.equal_local(a, b))

    def equal_external(self, a: Any, b: Any) -> bool:
        return a == b or (a is not None and b is not None and self.transform.equal_external(a, b))


@dataclass(frozen=True, slots=True)
class LookupSpec:
    """What the engine must resolve for a rule.

    `lookup_field` is "externalId" or the local field that the external value equals; `match_key` the local
    field that finds an unlinked target ("" = none) and `match` reads its value from a record's fields.
    """

    rule_index: int
    resource_type: str
    lookup_field: str
    match_key: str
    match_path: str
    match: Callable[[Mapping[str, Any]], Any] = field(compare=False)


@dataclass(frozen=True)
class CompiledMapping:
    """Immutable; safe to share between threads.

    The external form of a record is a tuple with one JSON-able value per rule; its local form a tuple with
    one canonical value per name in `local_names`. Lists inside are compared and hashed by content.
    """

    document: MappingDocument
    rules: tuple[CompiledRule, ...]

    read_external: Callable[[Mapping[str, Any]], tuple[Any, ...]] = field(init=False, compare=False)
    """Provider's fields -> external form. Raises `ConversionError`."""
    _to_local: Callable[..., tuple[Any, ...]] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "read_external", compile_read(self.rules))
        object.__setattr__(self, "_to_local", compile_to_local(self.rules, self.local_names))
        object.__setattr__(self, "to_local", self._to_local)

    def to_local(self, external: tuple[Any, ...], resolve: Ids | None = None) -> tuple[Any, ...]:
        """External form -> local form, aligned with `local_names`. `resolve` maps external ids to local ids,
        by resource type. ABSENT where no rule pulls, UNRESOLVED where a lookup has no target.
        Raises `ConversionError`."""
        return self._to_local(external, resolve)

    @property
    def resource_type(self) -> str:
        return self.document.resource_type

    @property
    def version_hash(self) -> str:
        return self.document.version_hash

    @property
    def match_keys(self) -> tuple[str, ...]:
        return self.document.match_keys

    @property
    def conflict_rules(self) -> Rules:
        return self.document.conflict_rules

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Internal field of each rule, aligned with `rules`."""
        return tuple(rule.internal for rule in self.rules)

    @cached_property
    def local_names(self) -> tuple[str, ...]:
        """Distinct internal fields read or written, in order of first use."""
        used = (name for rule in self.rules for name in _used(rule) if name)
        return tuple(dict.fromkeys(used))

    @cached_property
    def lookups(self) -> tuple[LookupSpec, ...]:
        return tuple(
            LookupSpec(r.index, t.resource_type, t.lookup_field, t.match_key, t.match_path, compile_get(t.match_path))
            for r in self.rules
            if isinstance(t := r.transform, Lookup)
        )

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.local_names)}

    def to_external(
        self,
        local: tuple[Any, ...],
        names_changed: Collection[str] | None = None,
        reverse_lookup: Ids | None = None,
    ) -> tuple[Any, ...]:
        """Local form -> external form per rule. ABSENT for rules that do not push, or none of whose fields is
        in `names_changed` (None = all, as for a create). `reverse_lookup` maps local ids to external ids, by
        resource type; UNRESOLVED where the target has none. Raises `ConversionError`."""
        return tuple(self._push(rule, local, names_changed, reverse_lookup or {}) for rule in self.rules)

    def _push(self, rule: CompiledRule, local: tuple[Any, ...], changed: Collection[str] | None, ids: Ids) -> Any:
        if not rule.push or (changed is not None and not any(name in changed for name in rule.inputs)):
            return ABSENT
        values = [local[self._positions[name]] for name in rule.inputs]
        if any(value is ABSENT or value is UNRESOLVED for value in values):
            return ABSENT
        value = values if rule.transform.inputs is not None else values[0]
        if value is None:
            return _empty_external(rule)
        if isinstance(rule.transform, Lookup):
            return ids.get(rule.transform.resource_type, {}).get(value, UNRESOLVED)
        try:
            form = rule.transform.to_external(value)
        except ValueError as error:
            raise ConversionError(rule.index, rule.name, value, str(error)) from error
        return _empty_external(rule) if form is None else form

    def write(self, rule_values: Mapping[int, Any], current: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """External forms by rule index -> the provider's shape, holding those rules only.

        `current` is the record as it stands there. From it comes the rest of a list of which a rule writes one item
        (`emails[0].address`), for a provider that takes a list as a whole. Raises `ConversionError` where the record
        holds something else at the path, or where items before the written one would be missing.
        """
        shaped: dict[str, Any] = {}
        for index, form in rule_values.items():
            if form is not ABSENT and form is not UNRESOLVED:
                rule = self.rules[index]
                for path, value in self._emitted(rule, form):
                    try:
                        _keep_list(shaped, path, current)
                        set_path(shaped, path, value)
                    except PathError as error:
                        raise ConversionError(index, rule.name, value, f"cannot be written: {error}") from error
        for index in rule_values:
            _assert_no_gap(self.rules[index], shaped)
        return shaped

    @staticmethod
    def _emitted(rule: CompiledRule, form: Any) -> Iterator[tuple[str, Any]]:
        if not rule.transform.paths:
            raw = None if form is None else rule.transform.emit(form)
            return iter((path, raw) for path in rule.paths)
        raw = [None] * len(rule.paths) if form is None else rule.transform.emit(form)
        return zip(rule.paths, raw, strict=True)


def _keep_list(shaped: dict[str, Any], path: str, current: Mapping[str, Any] | None) -> None:
    held = None if current is None else list_above(path)
    if held is None or isinstance(get_path(shaped, held), list):
        return
    if isinstance(items := get_path(current, held), list):
        set_path(shaped, held, deepcopy(items))


def _assert_no_gap(rule: CompiledRule, shaped: Mapping[str, Any]) -> None:
    for path in rule.paths:
        if list_above(path) and (at := gap_before(shaped, path)) is not None:
            reason = f"cannot be written: there is no item before position {at} of the list"
            raise ConversionError(rule.index, rule.name, path, reason)


def _used(rule: CompiledRule) -> tuple[str, ...]:
    return (*((rule.internal,) if rule.pull else ()), *(rule.inputs if rule.push else ()))


def _empty_external(rule: CompiledRule) -> Any:
    if rule.default_external is None and rule.required_external:
        raise ConversionError(rule.index, rule.name, None, "is empty, but the provider's field is required")
    return rule.default_external


def fingerprint(values: tuple[Any, ...]) -> bytes:
    """16 bytes that stand for an external or a local form."""
    return hashlib.blake2b(orjson.dumps(values), digest_size=16).digest()
