"""After a complete listing: what it did not show is missing, which is a first sign that it is gone."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from django.db import connection

from sync_engine import links
from sync_engine.context import Context
from sync_engine.shape import Shape

SWEEP = 20_000
"""Links that a sweep looks at together: few statements, and still only some megabytes."""


def newest_link() -> int:
    """Links above this id are made during the pass that starts now; a sweep leaves them alone. The newest of the
    whole table, because nothing is needed to find it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(max(id), 0) FROM {links.TABLE}")
        return int(cursor.fetchone()[0])


def sweep(ctx: Context, shape: Shape, seen: array[int], newest: int) -> None:
    """After a complete listing: live links that it did not show are marked as missing. `newest` is the
    greatest id when the listing began."""
    after = 0
    for upto, shown in _stretches(seen, newest):
        while absent := _absent(shape, after, upto, shown):
            after = absent[-1][0]
            if ctx.gate.writes:
                links.mark_missing(shape, [external_id for _, external_id in absent], ctx.now())
        after = upto


def _stretches(seen: array[int], newest: int) -> Iterator[tuple[int, list[int]]]:
    """(an id, the links that were shown up to it), one after the other until the newest."""
    shown = sorted(link_id for link_id in seen if link_id <= newest)
    while len(shown) > SWEEP:
        yield shown[SWEEP - 1], shown[:SWEEP]
        del shown[:SWEEP]
    yield newest, shown


def _absent(shape: Shape, after: int, upto: int, shown: list[int]) -> list[tuple[int, str]]:
    """Only what is missing leaves the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, external_id FROM {links.TABLE} WHERE integration_id = %s AND resource_type = %s "
            "AND id > %s AND id <= %s AND sync_status <> 'DELETED' AND id <> ALL(%s::bigint[]) ORDER BY id LIMIT %s",
            [shape.integration.pk, shape.type, after, upto, "{" + ",".join(map(str, shown)) + "}", SWEEP],
        )
        return cursor.fetchall()
