"""Everything a run must know of one resource type of one integration, made once per run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

from connectors.base.capabilities import Pushes
from connectors.base.connector import Connector
from connectors.base.records import ExternalRecord
from connectors.base.resource import Resource
from integrations.mapping.compiler import CompiledMapping
from integrations.mapping.sentinels import ABSENT, UNRESOLVED
from integrations.models import Integration
from records.catalog import SyncType
from records.validation import validator
from records.values import default_of, is_empty


@dataclass(frozen=True)
class Shape:
    """One resource type of one integration: connector resource, local type and the compiled mapping.

    A *field* is a canonical field of the mapping; it is fed by one or more *rules*. Bases are kept by
    field name on the local side and by `keys` (the external path of each rule) on the external side.
    """

    integration: Integration
    connector: Connector
    resource: Resource
    sync_type: SyncType
    mapping: CompiledMapping
    mapping_version: int
    pulls: bool
    pushes: bool
    inward: bool = True
    """The integration lets values in: whatever this run does, a change there is never noted as seen unread."""
    outward: bool = True
    """The integration lets values out: a run that only reads leaves them for one that writes."""
    match_keys: tuple[str, ...] = ()
    announced: bool = True
    """Somebody else wants to hear of records that this integration writes here."""
    looked_up: bool = True
    """Some other type of this integration refers to this one."""
    rules_of: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def type(self) -> str:
        return self.sync_type.key

    @property
    def names(self) -> tuple[str, ...]:
        """Compared fields, in the order of local tuples."""
        return self.mapping.local_names

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """One key per rule for the external base: its path, made unique where two rules read one path."""
        paths = [rule.external for rule in self.mapping.rules]
        return tuple(
            path if paths.count(path) == 1 else f"{path} > {rule.internal}"
            for path, rule in zip(paths, self.mapping.rules, strict=True)
        )

    def external_base(self, external: Sequence[Any]) -> dict[str, Any]:
        return dict(zip(self.keys, external, strict=True))

    @cached_property
    def local_base_text(self) -> Callable[[Sequence[Any]], str]:
        """Local tuple -> JSON of the local base; ABSENT values stand for the default of a new record."""
        names, absent = self.names, {}
        for name in names:
            absent[name] = self.sync_type.defaults.get(name)

        def text(values: Sequence[Any]) -> str:
            base = dict(zip(names, values, strict=True))
            if ABSENT in values:
                base = {name: absent[name] if value is ABSENT else value for name, value in base.items()}
            return orjson.dumps(base).decode()

        return text

    def external_base_text(self, values: Sequence[Any]) -> str:
        return orjson.dumps(dict(zip(self.keys, values, strict=True))).decode()

    @cached_property
    def created_names(self) -> tuple[str, ...]:
        """Fields that a pulled record brings along."""
        return tuple(name for name in self.names if any(self.mapping.rules[i].pull for i in self.rules_of[name]))

    @cached_property
    def created_row(self) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
        """Local tuple -> values of `created_names`; an unresolved reference stays empty for now, an empty value takes
        its default where the field may not be empty."""
        filled = self._filled
        positions = [self.names.index(name) for name in self.created_names]
        whole = positions == list(range(len(self.names)))

        def row(values: Sequence[Any]) -> tuple[Any, ...]:
            chosen = values if whole else [values[position] for position in positions]
            if UNRESOLVED in chosen:
                chosen = [None if value is UNRESOLVED else value for value in chosen]
            for position, default in filled:
                if is_empty(chosen[position]):
                    chosen = [*chosen[:position], default, *chosen[position + 1 :]]
            return tuple(chosen)

        return row

    @cached_property
    def _filled(self) -> tuple[tuple[int, Any], ...]:
        """(position in `created_names`, default) of the fields that may not be empty and have a default."""
        fields = [self.sync_type.field(name) for name in self.created_names]
        return tuple(
            (position, default_of(self.sync_type, field))
            for position, field in enumerate(fields)
            if field.required and self.sync_type.has_default(field)
        )

    def takes_default(self, local: Sequence[Any]) -> bool:
        """Does a new record hold a default where the provider has nothing?"""
        return any(is_empty(local[self.names.index(self.created_names[position])]) for position, _ in self._filled)

    @cached_property
    def validator(self) -> Callable[[tuple[Any, ...]], list[str]]:
        """Values of `created_names` -> what is wrong with them, in sentences."""
        return validator(self.sync_type, self.created_names)

    def problems(self, write: Mapping[str, Any]) -> list[str]:
        """What is wrong with a local write, in sentences."""
        names = tuple(write)
        return validator(self.sync_type, names)(tuple(write.values()))

    @cached_property
    def gives(self) -> bool:
        """Some field goes out that nobody but us can set (an id, a time of creation): a record that comes from there
        must be told of it."""
        return self.pushes and any(
            rule.push and any(not self.sync_type.field(name).writable for name in rule.inputs)
            for rule in self.mapping.rules
        )

    def written(self, values: Mapping[int, Any], current: ExternalRecord) -> dict[str, Any]:
        """What an update hands to the connector. Raises `ConversionError`."""
        whole_lists = isinstance(self.connector, Pushes) and self.connector.replaces_lists
        return self.mapping.write(values, current.fields if whole_lists else None)

    @property
    def can_push(self) -> bool:
        """Whether a run in the right direction could push this type at all."""
        return self.outward and any(rule.push for rule in self.mapping.rules)

    def field_pulls(self, name: str) -> bool:
        return self.inward and any(self.mapping.rules[index].pull for index in self.rules_of[name])

    def field_pushes(self, name: str) -> bool:
        return self.outward and any(self.mapping.rules[index].push for index in self.rules_of[name])


def rules_by_field(mapping: CompiledMapping) -> dict[str, tuple[int, ...]]:
    """Field name to the indexes of the rules that feed it or are fed by it."""
    found: dict[str, list[int]] = {name: [] for name in mapping.local_names}
    for index, rule in enumerate(mapping.rules):
        for name in dict.fromkeys((rule.internal, *(rule.inputs if rule.push else ()))):
            if name in found:
                found[name].append(index)
    return {name: tuple(indexes) for name, indexes in found.items()}
