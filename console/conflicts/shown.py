"""How plain values read: choices by their label, references by the record's name, times in the viewer's zone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from console.conflicts.diff import Piece, pieces
from records import catalog
from records.catalog import Kind, SyncField, SyncType
from records.labels import labels


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as a person reads it, in marked stretches. `empty` = there is no value."""

    text: str
    empty: bool = False
    marked: list[Piece] = field(default_factory=list)


@dataclass
class Words:
    """Knows the words of one type's values. `names` are the labels of records that values refer to, by type."""

    sync_type: SyncType
    names: dict[str, dict[str, str]] = field(default_factory=dict)

    def label(self, name: str) -> str:
        """A field as a person calls it."""
        if not self.sync_type.has_field(name):
            return name
        label = str(self.sync_type.model_field(self.sync_type.field(name)).verbose_name)
        return label[:1].upper() + label[1:]

    def text(self, name: str, value: Any) -> str:
        """A value of a field; "" where it is empty."""
        if value is None or value == "" or value == []:
            return ""
        if not self.sync_type.has_field(name):
            return _json(value)
        return self._known(self.sync_type.field(name), value)

    def _known(self, one: SyncField, value: Any) -> str:
        if one.kind is Kind.REFERENCE:
            return self.names.get(one.reference or "", {}).get(str(value), str(value))
        if one.kind is Kind.CHOICE:
            chosen: dict[Any, Any] = dict(self.sync_type.model_field(one).flatchoices)
            return str(chosen.get(value, value))
        return _READS.get(one.kind, _json)(value)

    def shown(self, name: str, value: Any) -> Shown:
        """`value`, nothing marked."""
        return self.marked(name, value, value)

    def marked(self, name: str, value: Any, other: Any) -> Shown:
        """`value`, marked where it differs from `other`."""
        text = self.text(name, value)
        if not text:
            return Shown(_("empty"), True)
        return Shown(text, False, pieces(text, self.text(name, other)))


def _json(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=isinstance(value, Mapping), default=str)


def _day(value: Any) -> str:
    try:
        return date_format(date.fromisoformat(value), "DATE_FORMAT")
    except (TypeError, ValueError):
        return _json(value)


def _moment(value: Any) -> str:
    try:
        local = timezone.localtime(datetime.fromisoformat(value))
    except (TypeError, ValueError):
        return _json(value)
    return f"{date_format(local, 'DATE_FORMAT')} {local:%H:%M:%S} {local.tzname() or ''}".rstrip()


_READS = {
    Kind.DATE: _day,
    Kind.DATETIME: _moment,
    Kind.BOOLEAN: lambda value: _("yes") if value is True else _("no"),
    Kind.TAGS: lambda value: ", ".join(map(str, value)) if isinstance(value, list) else _json(value),
}


def words_for(resource_type: str, organization_id: str, data: Iterable[Mapping[str, Any]]) -> Words:
    """Words of a type, with the names of all records that `data` (field to value each) refer to."""
    sync_type = catalog.get(resource_type)
    wanted: dict[str, set[str]] = {}
    for values in data:
        for name, value in values.items():
            if not sync_type.has_field(name) or not isinstance(value, str):
                continue
            one = sync_type.field(name)
            if one.kind is Kind.REFERENCE and one.reference:
                wanted.setdefault(one.reference, set()).add(value)
    names = {key: _names(key, organization_id, ids) for key, ids in wanted.items()}
    return Words(sync_type, names)


def _names(key: str, organization_id: str, ids: set[str]) -> dict[str, str]:
    return labels(catalog.get(key), organization_id, sorted(ids))
