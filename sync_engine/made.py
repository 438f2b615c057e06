"""New local records: what is written of each newcomer, all of a page at once, and who cannot be written."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from django.db import connection, transaction

from integrations.mapping.sentinels import ABSENT, UNRESOLVED
from records import references, services
from records.catalog import Kind
from records.services import InvalidValues
from sync_engine.context import Context
from sync_engine.links import NewLink
from sync_engine.planted import planted
from sync_engine.shape import Shape

if TYPE_CHECKING:
    from sync_engine.first_contact import Newcomer

LOG = logging.getLogger(__name__)
Refused = list[tuple[str, str, str]]
"""(external id, kind, sentence)"""


@dataclass(slots=True)
class Made:
    """A new local record: its row and the JSON of both bases, made once."""

    newcomer: Newcomer
    row: tuple[Any, ...]
    local_base: str
    external_base: str
    open: bool
    """A reference is not resolved yet: the fingerprint must not match, so that it is looked at again."""

    def link(self, internal_id: str, provenance: str) -> NewLink:
        record = self.newcomer.record
        digest = b"" if self.open else self.newcomer.hash
        return NewLink(
            internal_id,
            record.id,
            self.local_base,
            self.external_base,
            digest,
            record.version,
            record.updated_at,
            provenance,
        )


def make(shape: Shape, one: Newcomer, local: tuple[Any, ...]) -> Made:
    row = shape.created_row(local)
    if UNRESOLVED not in local:
        local_base = shape.local_base_text(local)
        return Made(one, row, local_base, shape.external_base_text(one.values), False)
    held = {name for name, value in zip(shape.names, local, strict=True) if value is UNRESOLVED}
    if planted("lose_hold"):
        held = set()
    base = {name: value for name, value in zip(shape.names, local, strict=True) if value is not UNRESOLVED}
    base = {name: None if value is ABSENT else value for name, value in base.items()}
    external = shape.external_base(one.values)
    for name in held:
        for index in shape.rules_of[name]:
            external.pop(shape.keys[index], None)
    return Made(one, row, orjson.dumps(base).decode(), orjson.dumps(external).decode(), True)


def write(
    ctx: Context, shape: Shape, ids: Sequence[str], made: Sequence[Made], refused: Refused, now: datetime
) -> tuple[list[str], list[Made]]:
    """Writes the rows and returns what was written. A reference that leads nowhere takes its own record out, not the
    page with it; references are looked at one by one only where the whole was refused."""
    try:
        _copy(ctx, shape, ids, made, now)
        return list(ids), list(made)
    except InvalidValues as problem:
        rows = [dict(zip(shape.created_names, one.row, strict=True)) for one in made]
        reasons = dangling(shape, list(zip(ids, rows, strict=True)))
        if not reasons:
            raise
        LOG.warning("%d of %d new records are parked: %s", len(reasons), len(made), problem)
    pairs = list(zip(ids, made, strict=True))
    refused += [
        (one.newcomer.record.id, "invalid", reasons[internal]) for internal, one in pairs if internal in reasons
    ]
    good = [(internal, one) for internal, one in pairs if internal not in reasons]
    _copy(ctx, shape, [internal for internal, _ in good], [one for _, one in good], now)
    return [internal for internal, _ in good], [one for _, one in good]


def _copy(ctx: Context, shape: Shape, ids: Sequence[str], made: Sequence[Made], now: datetime) -> None:
    """All or nothing. Raises `InvalidValues`."""
    with transaction.atomic():
        services.bulk_create(
            shape.sync_type,
            str(ctx.integration.organization_id),
            shape.created_names,
            [(internal, one.row) for internal, one in zip(ids, made, strict=True)],
            origin=ctx.origin,
            now=now,
            announce=shape.announced,
        )


def dangling(shape: Shape, writes: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, str]:
    """Local id -> sentence, where a write names a record that is not here or would close a circle."""
    fields = shape.sync_type.field
    chosen = [(one, values) for one, values in writes if any(fields(name).kind is Kind.REFERENCE for name in values)]
    if not chosen:
        return {}
    with connection.cursor() as cursor:
        return references.problems_of(cursor, shape.sync_type, str(shape.integration.organization_id), chosen)
