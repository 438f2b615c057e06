"""After a complete listing: what it did not show is missing, which is a first sign that it is gone."""

from __future__ import annotations

from array import array

from django.db import connection

from sync_engine import links
from sync_engine.context import Context
from sync_engine.shape import Shape

SWEEP = 20_000
"""Links of a sweep looked at together: few statements, and still only some megabytes."""


def newest_link(shape: Shape) -> int:
    """Links above this id are made during the pass that starts now; a sweep leaves them alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COALESCE(max(id), 0) FROM {links.TABLE} WHERE integration_id = %s AND resource_type = %s",
            [shape.integration.pk, shape.type],
        )
        return int(cursor.fetchone()[0])


def sweep(ctx: Context, shape: Shape, seen: array[int], newest: int) -> None:
    """After a complete listing: live links that it did not show are marked as missing. `newest` is the
    greatest id when the listing began."""
    shown = sorted(seen)
    position, last = 0, 0
    while rows := _live_links(shape, last, newest):
        last = rows[-1][0]
        absent: list[str] = []
        for link_id, external_id in rows:
            while position < len(shown) and shown[position] < link_id:
                position += 1
            if position >= len(shown) or shown[position] != link_id:
                absent.append(external_id)
        if absent and ctx.gate.writes:
            links.mark_missing(shape, absent, ctx.now())


def _live_links(shape: Shape, after: int, newest: int) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, external_id FROM {links.TABLE} WHERE integration_id = %s AND resource_type = %s "
            "AND id > %s AND id <= %s AND sync_status <> 'DELETED' ORDER BY id LIMIT %s",
            [shape.integration.pk, shape.type, after, newest, SWEEP],
        )
        return cursor.fetchall()
