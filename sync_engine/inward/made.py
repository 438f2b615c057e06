"""New local records: what is written of each newcomer, all of a page at once, and who cannot be written."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

import orjson
from django.db import connection, transaction

from integrations.mapping.sentinels import ABSENT, UNRESOLVED
from records import references, services
from records.catalog import Kind
from records.services import InvalidValues
from sync_engine.context import Context
from sync_engine.inward.mapped import Seen
from sync_engine.links import NewLink
from sync_engine.planted import planted
from sync_engine.shape import Shape

LOG = logging.getLogger(__name__)
Refused = list[tuple[str, str, str]]
"""(external id, kind, sentence)"""


class Bases(NamedTuple):
    """The JSON of both bases. `open` = a reference is not resolved yet: the fingerprint must not match, so that the
    record is looked at again."""

    local: str
    external: str
    open: bool


@dataclass
class Made:
    """A new local record: its local tuple and the row that is written."""

    shape: Shape
    newcomer: Seen
    local: tuple[Any, ...]
    row: tuple[Any, ...]

    @cached_property
    def bases(self) -> Bases:
        """Made when the link is written, and shared with the log."""
        return _bases(self.shape, self.newcomer, self.local)

    def link(self, internal_id: str, provenance: str) -> NewLink:
        record, bases = self.newcomer.record, self.bases
        return NewLink(
            internal_id,
            record.id,
            bases.local,
            bases.external,
            b"" if bases.open else self.newcomer.hash,
            record.version,
            record.updated_at,
            provenance,
        )


def _bases(shape: Shape, one: Seen, local: tuple[Any, ...]) -> Bases:
    if UNRESOLVED not in local:
        return Bases(shape.local_base_text(local), shape.external_base_text(one.values), False)
    held = {name for name, value in zip(shape.names, local, strict=True) if value is UNRESOLVED}
    if planted("lose_hold"):
        held = set()
    base = {name: value for name, value in zip(shape.names, local, strict=True) if value is not UNRESOLVED}
    base = {name: None if value is ABSENT else value for name, value in base.items()}
    external = shape.external_base(one.values)
    for name in held:
        for index in shape.rules_of[name]:
            external.pop(shape.keys[index], None)
    return Bases(orjson.dumps(base).decode(), orjson.dumps(external).decode(), True)


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
