"""What can sync: the types, their fields, and where these stand in the database.

Any app files its own model from its `AppConfig.ready()`:

    catalog.register(SyncType("boat", Boat, "Boat", "BOATS", fields=(SyncField("name", "name", Kind.TEXT),)))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models import DecimalField, Field

from .origins import Origin

if TYPE_CHECKING:
    from .models import SyncedRecord


class Kind(StrEnum):
    """The kind of a field says how its plain value looks; see `values`."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    UUID = "uuid"
    TAGS = "tags"
    JSON = "json"
    CHOICE = "choice"
    REFERENCE = "reference"


@dataclass(frozen=True)
class SyncField:
    """One synced field.

    name        canonical name, camelCase
    column      column of the model's table (`assignee_id`)
    reference   key of the type a REFERENCE points to
    choices     allowed values of a CHOICE; taken from the model when empty
    required    None is refused; always so where the column cannot hold an empty value
    max_length  characters; taken from the model when None
    whole_digits, decimal_places   of a DECIMAL; taken from the model
    lowest, highest   of an INTEGER; taken from the model's column
    writable    False = may be read by a mapping, not written by one
    """

    name: str
    column: str
    kind: Kind
    reference: str | None = None
    choices: tuple[str, ...] = ()
    required: bool = False
    max_length: int | None = None
    writable: bool = True
    whole_digits: int | None = None
    decimal_places: int | None = None
    lowest: int = -(2**31)
    highest: int = 2**31 - 1


@dataclass(frozen=True)
class SyncType:
    """A type of record that can sync.

    key         canonical resource type (`task`); `resource_type` is R1's name for it (`TASK`)
    data_type   R1's DataType, under which a person switches it on (`TASKS`)
    match_keys  fields by which a first sync finds a record's twin
    defaults    plain values of a new record for fields that nobody gave; the model's own apply otherwise
    aliases     other accepted field names, to the canonical one
    clean       brings an instance in order before a single write and returns what is wrong, in sentences; bulk
                writes, whose values another tool has accepted already, pass it by
    mirrors     (connector key, its resource): records of this type are the external side of that connector, so a
                change of one is news for its integrations, like a webhook
    home        the reference to what holds the record, an item's board: an integration with a starter mapping keeps
                the records of one home ("" = there is none)
    """

    key: str
    model: type[SyncedRecord]
    label: str
    data_type: str
    fields: tuple[SyncField, ...]
    match_keys: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    clean: Callable[[Any, Origin], list[str]] | None = None
    mirrors: tuple[tuple[str, str], ...] = ()
    home: str = ""

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def resource_type(self) -> str:
        return self.key.upper()

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def field_names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields)

    @cached_property
    def _by_name(self) -> dict[str, SyncField]:
        found = {each.name: each for each in self.fields}
        return found | {alias: found[name] for alias, name in self.aliases.items()}

    @cached_property
    def _model_fields(self) -> dict[str, Field[Any, Any]]:
        return {str(each.column): each for each in self.model._meta.concrete_fields}

    def field(self, name: str) -> SyncField:
        """The field of a canonical name or an alias. Raises KeyError with a sentence."""
        try:
            return self._by_name[name]
        except KeyError:
            raise KeyError(f"{self.label} has no field '{name}'. Known: {', '.join(self.field_names)}") from None

    def has_field(self, name: str) -> bool:
        return name in self._by_name

    def model_field(self, field: SyncField) -> Field[Any, Any]:
        """The model field behind a synced field."""
        return self._model_fields[field.column]

    def has_default(self, field: SyncField) -> bool:
        return field.name in self.defaults or self.model_field(field).has_default()


_types: dict[str, SyncType] = {}
_types_by_model: dict[type[Any], SyncType] = {}


def register(sync_type: SyncType) -> SyncType:
    """Files a type, completed with what its model knows. Raises ImproperlyConfigured on a double key, an
    unknown column, or a match key that is no field."""
    if sync_type.key in _types:
        raise ImproperlyConfigured(f"The sync type '{sync_type.key}' is registered twice.")
    _check_names(sync_type)
    complete = replace(sync_type, fields=tuple(_completed(sync_type, each) for each in sync_type.fields))
    _types[complete.key] = complete
    _types_by_model[complete.model] = complete
    return complete


def unregister(key: str) -> None:
    """Takes a type out again."""
    del _types_by_model[_types.pop(key).model]


def get(key: str) -> SyncType:
    """By key or by R1's name (`task`, `TASK`). Raises KeyError with a sentence."""
    try:
        return _types[key.lower()]
    except KeyError:
        raise KeyError(f"There is no sync type '{key}'. Known: {', '.join(sorted(_types))}") from None


def of_model(model: type[Any]) -> SyncType | None:
    """The type that a model is catalogued as."""
    return _types_by_model.get(model)


def all_types() -> tuple[SyncType, ...]:
    """In the order of registration: what is referred to comes first."""
    return tuple(_types.values())


def _check_names(sync_type: SyncType) -> None:
    columns = {each.column for each in sync_type.model._meta.concrete_fields}
    _refuse(sync_type, "columns", {each.column for each in sync_type.fields} - columns)
    named = {*sync_type.match_keys, *sync_type.defaults, *sync_type.aliases.values(), *filter(None, (sync_type.home,))}
    _refuse(sync_type, "fields", named - {each.name for each in sync_type.fields})


def _refuse(sync_type: SyncType, what: str, unknown: Iterable[str]) -> None:
    if names := ", ".join(sorted(unknown)):
        raise ImproperlyConfigured(f"The sync type '{sync_type.key}' names unknown {what}: {names}.")


def _completed(sync_type: SyncType, each: SyncField) -> SyncField:
    model_field = sync_type.model_field(each)
    choices = each.choices or tuple(str(value) for value, _ in model_field.flatchoices)
    return replace(
        each,
        choices=choices if each.kind is Kind.CHOICE else (),
        max_length=each.max_length or model_field.max_length,
        required=each.required or not _may_be_empty(each.kind, model_field),
        **_digits(model_field),
        **_range(each.kind, model_field),
    )


def _digits(model_field: Field[Any, Any]) -> dict[str, Any]:
    if not isinstance(model_field, DecimalField) or model_field.max_digits is None:
        return {}
    places = model_field.decimal_places or 0
    return {"whole_digits": model_field.max_digits - places, "decimal_places": places}


def _range(kind: Kind, model_field: Field[Any, Any]) -> dict[str, Any]:
    """What the column can hold: a PositiveIntegerField refuses what lies below zero, and it does so for the whole
    statement, so that values are checked before."""
    ranges = BaseDatabaseOperations.integer_field_ranges
    found = ranges.get(model_field.get_internal_type()) if kind is Kind.INTEGER else None
    return {"lowest": found[0], "highest": found[1]} if found else {}


def _may_be_empty(kind: Kind, model_field: Field[Any, Any]) -> bool:
    return model_field.null or kind in (Kind.TEXT, Kind.TAGS) or (kind is Kind.CHOICE and model_field.blank)
