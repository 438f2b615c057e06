"""An external record as the engine looks at it: mapped and fingerprinted. Pure, so that the reading thread does it
while the database works."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from connectors.base.records import ExternalRecord
from integrations.mapping.compiled import fingerprint
from integrations.mapping.errors import ConversionError
from sync_engine.shape import Shape


class Draft(NamedTuple):
    """What a record would be here: its local tuple, the row that would be written, and what is wrong with it."""

    local: tuple[Any, ...]
    row: tuple[Any, ...]
    problems: list[str]


@dataclass(slots=True)
class Seen:
    """`values` is the external tuple, `hash` its fingerprint. A tombstone has neither, and neither has a record that
    the mapping cannot take in: `refusal` says why. `draft` is made ahead where the record is expected to be new."""

    record: ExternalRecord
    values: tuple[Any, ...]
    hash: bytes
    refusal: str = ""
    draft: Draft | None = None


Look = Callable[[ExternalRecord], Seen]


def looker(shape: Shape, *, new: bool = False) -> Look:
    """`new` = a first pass, which makes most records that it sees. Their drafts are made along with them, unless a
    reference must be looked up for that."""
    read = shape.mapping.read_external

    def look(record: ExternalRecord) -> Seen:
        if record.deleted:
            return Seen(record, (), b"")
        try:
            values = read(record.fields)
        except ConversionError as error:
            return Seen(record, (), b"", str(error))
        return Seen(record, values, fingerprint(values))

    return _drafting(shape, look) if new and not shape.mapping.lookups else look


def _drafting(shape: Shape, look: Look) -> Look:
    def look_and_draft(record: ExternalRecord) -> Seen:
        seen = look(record)
        if seen.hash:
            # Without a draft, whoever makes it a record here meets the same error and notes it.
            with suppress(ConversionError):
                seen.draft = draft(shape, shape.mapping.to_local(seen.values))
        return seen

    return look_and_draft


def draft(shape: Shape, local: tuple[Any, ...]) -> Draft:
    row = shape.created_row(local)
    return Draft(local, row, shape.validator(row))
