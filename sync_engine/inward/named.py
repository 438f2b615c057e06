"""Newcomers that name their local partner themselves (`Pulls.names`), as an item does in its link column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors.base.capabilities import Pulls
from records import selectors
from records.catalog import Kind, SyncField
from records.values import problem_of
from sync_engine import links
from sync_engine.inward.apply import label
from sync_engine.inward.mapped import Seen
from sync_engine.shape import Shape

if TYPE_CHECKING:
    from sync_engine.inward.made import Refused

_ID = SyncField("id", "id", Kind.UUID)


def wanted(shape: Shape, newcomers: Sequence[Seen]) -> list[Seen]:
    """Those that may have a local partner at all."""
    connector = shape.connector
    assert isinstance(connector, Pulls)
    return [one for one in newcomers if connector.is_wanted(shape.resource, one.record)]


def pairs(
    shape: Shape, newcomers: Sequence[Seen], local: Mapping[str, tuple[Any, ...]], refused: Refused
) -> tuple[list[tuple[Seen, str]], list[Seen]]:
    """(newcomers with the id they name, newcomers that name nobody). One that names a record which is not there, or
    has a partner already, is refused: it is never made into a second record."""
    connector = shape.connector
    assert isinstance(connector, Pulls)
    named = {one.record.id: connector.names(shape.resource, one.record) for one in newcomers}
    ids = sorted({one for one in named.values() if one and not problem_of(_ID, one)})
    if not any(named.values()):
        return [], list(newcomers)
    there = selectors.read(shape.sync_type, str(shape.integration.organization_id), ids, ())
    linked = {key for key, link in links.by_internal(shape, ids).items() if link.live}
    matched: list[tuple[Seen, str]] = []
    for one in newcomers:
        if not (wants := named[one.record.id]):
            continue
        name = label(shape, local[one.record.id])
        if wants not in there or there[wants].deleted:
            refused.append((one.record.id, "invalid", f"'{name}' names a {_kind(shape)} that is not there: {wants}."))
        elif wants in linked:
            sentence = f"'{name}' names a {_kind(shape)} that has its partner already. Clear the link or delete one."
            refused.append((one.record.id, "ambiguous", sentence))
        else:
            linked.add(wants)
            matched.append((one, wants))
    return matched, [one for one in newcomers if not named[one.record.id]]


def _kind(shape: Shape) -> str:
    return shape.sync_type.label.lower()
