"""Links in bulk: looked up, inserted and moved set-based, without model instances.

The hot path reads back only the 16-byte hash of a link; bases are read for changed records alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

import orjson
from django.db import connection

from integrations.enums import MappingStatus
from records import copying
from sync_engine.shape import Shape

ROLLED_BACK, UNLINKED = "rolled back", "unlinked"
"""Reasons of a closed link whose two records are kept apart on purpose: the first until somebody edits one of
them, the second for good."""
TABLE = "integrations_integrationmapping"
SYNCED, CONFLICT, ERROR, DELETED = (
    MappingStatus.SYNCED.value,
    MappingStatus.CONFLICT.value,
    MappingStatus.ERROR.value,
    MappingStatus.DELETED.value,
)


class Light(NamedTuple):
    """What the hot path needs of a link."""

    id: int
    hash: bytes | None
    quiet: bool
    """Live and not missed: an equal hash means that there is nothing to look at."""


@dataclass(slots=True)
class Link:
    """A link as read, with both bases; written back as it stands by `update`."""

    id: int
    internal_id: str
    external_id: str
    status: str
    local_base: dict[str, Any]
    external_base: dict[str, Any]
    external_hash: bytes | None
    version: str | None
    external_updated_at: datetime | None
    missing_since: datetime | None
    provenance: dict[str, Any]
    reason: str = ""
    rewrites: dict[str, int] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        return self.status != DELETED

    @property
    def unlinked(self) -> bool:
        """The two records have nothing to do with each other any more."""
        return self.status == DELETED and self.reason == UNLINKED


_COLUMNS = (
    "id, internal_id::text, external_id, sync_status, local_base, external_base, last_external_hash, "
    "external_version, external_updated_at, missing_since, provenance, reason, rewrites"
)


_LIGHT = f"""
SELECT link.* FROM unnest(%s::text[]) AS wanted(id) CROSS JOIN LATERAL (
    SELECT external_id, id, last_external_hash,
        (sync_status <> 'DELETED' OR reason IN ('rolled back', 'unlinked')) AND missing_since IS NULL
    FROM {TABLE} WHERE integration_id = %s AND resource_type = %s AND external_id = wanted.id LIMIT 1
) AS link
"""
"""One descent into the index per record, whatever the planner believes: in the middle of a first import the
table has no statistics yet, and `= ANY` then reads every link of the integration for every batch."""


def light(shape: Shape, external_ids: Sequence[str]) -> dict[str, Light]:
    """External id -> id and hash, for a batch."""
    with connection.cursor() as cursor:
        cursor.execute(_LIGHT, [copying.array_text(external_ids), shape.integration.pk, shape.type])
        return {row[0]: Light(row[1], row[2], row[3]) for row in cursor.fetchall()}


def by_external(shape: Shape, external_ids: Sequence[str], *, lock: bool = True) -> dict[str, Link]:
    return {link.external_id: link for link in _full(shape, "external_id", "text", list(external_ids), lock)}


def by_internal(shape: Shape, internal_ids: Sequence[str], *, lock: bool = True) -> dict[str, Link]:
    return {link.internal_id: link for link in _full(shape, "internal_id", "uuid", list(internal_ids), lock)}


def by_id(ids: Sequence[int]) -> dict[int, Link]:
    """Locked. Asked by the id alone, so that no planner thinks of reading every link of the integration."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM {TABLE} WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [list(ids)])
        return {row[0]: _link(row) for row in cursor.fetchall()}


def _full(shape: Shape, column: str, kind: str, values: list[Any], lock: bool) -> list[Link]:
    """Found one by one as in `light`, then locked in the order of their ids."""
    if not values:
        return []
    owner: list[Any] = [shape.integration.pk, shape.type]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM {TABLE} WHERE id = ANY(ARRAY(SELECT link.id FROM unnest(%s::{kind}[]) "
            f"AS wanted(id) CROSS JOIN LATERAL (SELECT id FROM {TABLE} WHERE integration_id = %s "
            f"AND resource_type = %s AND {column} = wanted.id LIMIT 1) AS link)) "
            f"AND integration_id = %s AND resource_type = %s ORDER BY id {'FOR UPDATE' if lock else ''}",
            [values, *owner, *owner],
        )
        return [_link(row) for row in cursor.fetchall()]


def _link(row: Sequence[Any]) -> Link:
    (link_id, internal, external, status, local, theirs, digest, version, updated, missing, origin, why, rewrites) = row
    loads = orjson.loads
    return Link(
        link_id,
        internal,
        external,
        status,
        loads(local),
        loads(theirs),
        digest,
        version,
        updated,
        missing,
        loads(origin),
        why,
        loads(rewrites),
    )


@dataclass(slots=True)
class NewLink:
    """`local_base`, `external_base` and `provenance` are JSON text, made once and shared with the log."""

    internal_id: str
    external_id: str
    local_base: str
    external_base: str
    external_hash: bytes
    version: str | None
    external_updated_at: datetime | None
    provenance: str


_INSERTED = (
    *("internal_id", "external_id", "local_base", "external_base", "last_external_hash", "external_version"),
    *("external_updated_at", "provenance"),
    *("integration_id", "resource_type", "sync_status", "reason", "rewrites", "last_synced_at", "created_at"),
)


def insert(shape: Shape, rows: Iterable[NewLink], now: datetime) -> None:
    """COPY; the unique constraints on both ends refuse a second link. Rows may be made while they are taken."""
    stamp = now.isoformat()
    constants = [str(shape.integration.pk), shape.type, SYNCED, "", "{}", stamp, stamp]
    chunks = (copying.lines(_columns(chunk), constants) for chunk in copying.chunked(rows))
    if (first := next(chunks, None)) is None:
        return
    with connection.cursor() as cursor:
        copying.copy_rows(cursor, TABLE, _INSERTED, chain([first], chunks))


def _columns(rows: Sequence[NewLink]) -> list[list[str]]:
    return [
        [row.internal_id for row in rows],
        copying.escaped([row.external_id for row in rows]),
        copying.escaped([row.local_base for row in rows]),
        copying.escaped([row.external_base for row in rows]),
        ["\\\\x" + row.external_hash.hex() for row in rows],
        copying.escaped([row.version for row in rows]),
        copying.escaped([_iso(row.external_updated_at) for row in rows]),
        copying.escaped([row.provenance for row in rows]),
    ]


_UPDATE = f"""
UPDATE {TABLE} AS link SET
    sync_status = new.status, local_base = new.local_base, external_base = new.external_base,
    last_external_hash = decode(new.hash, 'hex'), external_version = new.version,
    external_updated_at = new.updated_at, missing_since = new.missing_since, provenance = new.provenance,
    reason = new.reason, rewrites = new.rewrites, external_id = new.external_id, last_synced_at = %s
FROM jsonb_to_recordset(%s::jsonb) AS new(id bigint, external_id text, status text, local_base jsonb,
    external_base jsonb, hash text, version text, updated_at timestamptz, missing_since timestamptz,
    provenance jsonb, reason text, rewrites jsonb)
WHERE link.id = new.id AND link.id = ANY(%s)
"""


def update(links: Sequence[Link], now: datetime) -> None:
    """Writes the links as they stand. They travel as one JSON text, which is much cheaper than typed arrays."""
    if not links:
        return
    rows = orjson.dumps([_stored(link) for link in links]).decode()
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [now, rows, [link.id for link in links]])


def _stored(link: Link) -> dict[str, Any]:
    return {
        "id": link.id,
        "external_id": link.external_id,
        "status": link.status,
        "local_base": link.local_base,
        "external_base": link.external_base,
        "hash": None if link.external_hash is None else bytes(link.external_hash).hex(),
        "version": link.version,
        "updated_at": link.external_updated_at,
        "missing_since": link.missing_since,
        "provenance": link.provenance,
        "reason": link.reason,
        "rewrites": link.rewrites,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def as_json(value: Mapping[str, Any]) -> str:
    return orjson.dumps(value).decode()


def resolve(shape: Shape, resource_type: str, external_ids: Sequence[str]) -> dict[str, str]:
    """External id -> local id of another type in the same integration."""
    return _pairs("external_id", "internal_id", "text", shape, resource_type, list(external_ids))


def resolve_local(shape: Shape, resource_type: str, internal_ids: Sequence[str]) -> dict[str, str]:
    """Local id -> external id of another type in the same integration."""
    return _pairs("internal_id", "external_id", "uuid", shape, resource_type, list(internal_ids))


def _pairs(column: str, partner: str, kind: str, shape: Shape, resource_type: str, values: list[str]) -> dict[str, str]:
    if not values:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT link.* FROM unnest(%s::{kind}[]) AS wanted(id) CROSS JOIN LATERAL "
            f"(SELECT {column}::text, {partner}::text FROM {TABLE} WHERE integration_id = %s AND resource_type = %s "
            f"AND {column} = wanted.id AND sync_status <> 'DELETED' LIMIT 1) AS link",
            [values, shape.integration.pk, resource_type],
        )
        return dict(cursor.fetchall())


def mark_missing(shape: Shape, external_ids: Sequence[str], now: datetime) -> int:
    """First evidence that records are gone at the provider. Nothing is deleted on it."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET missing_since = %s WHERE integration_id = %s AND resource_type = %s "
            "AND external_id = ANY(%s) AND missing_since IS NULL AND sync_status <> 'DELETED'",
            [now, shape.integration.pk, shape.type, list(external_ids)],
        )
        return int(cursor.rowcount)


def found_again(shape: Shape, internal_ids: Sequence[str]) -> None:
    """A direct read showed them: no longer under suspicion."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET missing_since = NULL WHERE integration_id = %s AND resource_type = %s "
            "AND internal_id = ANY(%s::uuid[]) AND missing_since IS NOT NULL",
            [shape.integration.pk, shape.type, list(internal_ids)],
        )


def missing(shape: Shape, limit: int) -> list[Link]:
    """Live links under suspicion, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM {TABLE} WHERE integration_id = %s AND resource_type = %s "
            "AND missing_since IS NOT NULL AND sync_status <> 'DELETED' ORDER BY id LIMIT %s",
            [shape.integration.pk, shape.type, limit],
        )
        return [_link(row) for row in cursor.fetchall()]


def bury(shape: Shape, internal_ids: Sequence[str]) -> None:
    """Takes away what is left of closed links of local records that are to be linked anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {TABLE} WHERE integration_id = %s AND resource_type = %s AND internal_id = ANY(%s::uuid[]) "
            "AND sync_status = 'DELETED'",
            [shape.integration.pk, shape.type, list(internal_ids)],
        )


def count_live(shape: Shape) -> int:
    """How many records are linked; for the delete guard."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {TABLE} WHERE integration_id = %s AND resource_type = %s "
            "AND sync_status <> 'DELETED'",
            [shape.integration.pk, shape.type],
        )
        return int(cursor.fetchone()[0])
