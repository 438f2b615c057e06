"""Records there that were given up for lost and made anew, and then brought back by a person.

While the one made anew is linked, nobody but a person can say which of the two shall stay: a case asks. Where it is
gone, too, the original simply takes its place again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

from records import copying, selectors
from sync_engine import links
from sync_engine.context import Context
from sync_engine.inward import matching
from sync_engine.inward.apply import label
from sync_engine.inward.mapped import Seen
from sync_engine.inward.matching import Candidates
from sync_engine.shape import Shape

if TYPE_CHECKING:
    from sync_engine.inward.made import Refused

TABLE = "integrations_formerlink"


def remember(shape: Shape, external_id: str, internal_id: str, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} (integration_id, resource_type, external_id, internal_id, created_at) "
            "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (integration_id, resource_type, external_id) "
            "DO UPDATE SET internal_id = excluded.internal_id",
            [shape.integration.pk, shape.type, external_id, internal_id, now],
        )


def forget(shape: Shape, external_ids: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {TABLE} WHERE integration_id = %s AND resource_type = %s AND external_id = ANY(%s)",
            [shape.integration.pk, shape.type, list(external_ids)],
        )


def known(shape: Shape, external_ids: Sequence[str]) -> dict[str, str]:
    """External id -> the record here that was linked with it."""
    if not external_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT external_id, internal_id::text FROM {TABLE} WHERE integration_id = %s AND resource_type = %s "
            "AND external_id = ANY(%s::text[])",
            [shape.integration.pk, shape.type, copying.array_text(external_ids)],
        )
        return dict(cursor.fetchall())


def sort(
    ctx: Context,
    shape: Shape,
    newcomers: Sequence[Seen],
    local: Mapping[str, tuple[Any, ...]],
    refused: Refused,
    now: datetime,
) -> tuple[list[tuple[Seen, str]], list[Seen]]:
    """(originals that take their place again, newcomers that are none). An original whose place is taken is a case."""
    back = known(shape, [one.record.id for one in newcomers])
    if not back:
        return [], list(newcomers)
    ids = sorted(set(back.values()))
    held = links.by_internal(shape, ids, lock=False)
    here = selectors.read(shape.sync_type, str(shape.integration.organization_id), ids, ())
    again: list[tuple[Seen, str]] = []
    asked: list[tuple[Seen, Candidates]] = []
    rest: list[Seen] = []
    for one in newcomers:
        internal = back.get(one.record.id)
        if internal is None or internal not in here or here[internal].deleted:
            rest.append(one)
        elif internal in held and held[internal].live:
            asked.append((one, Candidates(taken=[internal])))
        else:
            again.append((one, internal))
    sentences = [_sentence(shape, label(shape, local[one.record.id])) for one, _ in asked]
    refused += matching.refuse(ctx, shape, asked, local, now, sentences)
    return again, rest


def _sentence(shape: Shape, name: str) -> str:
    there = shape.connector.label
    return (
        f"'{name}' was deleted at {there} and made there again; now somebody has brought the original back. "
        "Say whether the original takes its place again, or is a record of its own."
    )
