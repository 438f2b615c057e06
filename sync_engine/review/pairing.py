"""A person's word on an ambiguous match: the record there is this one here, or it is new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from conflicts.models import ConflictResolution
from connectors.base.capabilities import Pushes
from connectors.base.records import ExternalRecord
from integrations.enums import ConflictStrategy
from integrations.mapping.compiled import fingerprint
from integrations.mapping.errors import ConversionError
from records import selectors
from sync_engine import links
from sync_engine.context import Context
from sync_engine.deciding.choices import Choice
from sync_engine.inward import first_contact, former, parking
from sync_engine.inward.mapped import Seen
from sync_engine.journal import Journal
from sync_engine.outward import local_deletes
from sync_engine.review import standing
from sync_engine.review.seen import CannotDecide
from sync_engine.shape import Shape


def carry_out(
    ctx: Context, shape: Shape, conflict: ConflictResolution, choice: Choice, _seen: str | None
) -> Mapping[str, Any]:
    """LOCAL_WINS links the record there with the one here that `values["recordId"]` names, or with the only
    candidate; what then differs is settled like at any first contact. EXTERNAL_WINS creates it here as a record of
    its own. Raises `CannotDecide`."""
    newcomer = _newcomer(shape, conflict)
    journal = ctx.journal(shape)
    if choice.strategy == ConflictStrategy.LOCAL_WINS:
        chosen = _named(conflict, choice)
        if former.known(shape, [newcomer.record.id]).get(newcomer.record.id) == chosen:
            _make_room(shape, chosen, ctx.now())
        _assert_free(shape, chosen)
        first_contact.link(ctx, shape, journal, [(newcomer, chosen)], ctx.now())
    else:
        chosen = _create(ctx, shape, journal, newcomer)
    former.forget(shape, [newcomer.record.id])
    parking.release(shape, [newcomer.record.id], side="EXTERNAL")
    ctx.commit(journal)
    conflict.resource_id = chosen
    return {"recordId": chosen}


def _newcomer(shape: Shape, conflict: ConflictResolution) -> Seen:
    record: ExternalRecord | None = standing.fetch(shape, conflict.external_id)
    label = shape.connector.label
    if record is None:
        raise CannotDecide(f"The record is gone at {label}: there is nothing to decide any more. Ignore this case.")
    if conflict.external_id in links.light(shape, [conflict.external_id]):
        raise CannotDecide("The record is linked by now: there is nothing to decide any more. Ignore this case.")
    try:
        values = shape.mapping.read_external(record.fields)
    except ConversionError as error:
        raise CannotDecide(f"The record cannot be read through the mapping: {error}") from error
    return Seen(record, values, fingerprint(values))


def _named(conflict: ConflictResolution, choice: Choice) -> str:
    candidates = list(conflict.local_data.get("candidates", []))
    chosen = choice.values.get("recordId") or (candidates[0] if len(candidates) == 1 else None)
    if chosen is None:
        raise CannotDecide(f"Name the record here as 'recordId' (candidates: {', '.join(candidates)}).")
    return str(chosen)


def _make_room(shape: Shape, internal_id: str, now: datetime) -> None:
    """The original is back: what was made in its place goes, unless somebody has edited it there since. Whatever it
    held stands here as well, so nothing is lost."""
    link = links.by_internal(shape, [internal_id]).get(internal_id)
    if link is None or not link.live:
        return
    copy = standing.fetch(shape, link.external_id)
    if copy is not None:
        if not local_deletes.unchanged_there(shape, link, copy):
            raise CannotDecide("The record made in its place was edited there since. Sync, then decide again.")
        assert isinstance(shape.connector, Pushes)
        shape.connector.delete(shape.resource, link.external_id, current=copy)
    former.remember(shape, link.external_id, internal_id, now)
    link.status, link.missing_since = links.DELETED, None
    links.update([link], now)


def _assert_free(shape: Shape, internal_id: str) -> None:
    organization = str(shape.integration.organization_id)
    try:
        found = selectors.read(shape.sync_type, organization, [internal_id], shape.names, lock=True)
    except ValueError:
        found = {}
    snapshot = found.get(internal_id)
    if snapshot is None or snapshot.deleted:
        raise CannotDecide(f"There is no {shape.sync_type.label.lower()} with the id '{internal_id}' here.")
    held = links.by_internal(shape, [internal_id]).get(internal_id)
    if held is not None and held.live:
        raise CannotDecide(
            f"The record here is already linked with '{held.external_id}' at {shape.connector.label}. "
            "Choose another one, or say that the record is new."
        )


def _create(ctx: Context, shape: Shape, journal: Journal, newcomer: Seen) -> str:
    """As if no record here had the same key, or had ever been linked with it."""
    former.forget(shape, [newcomer.record.id])
    first_contact.admit(ctx, replace(shape, match_keys=()), journal, [newcomer], ctx.now(), fresh=True)
    made = links.by_external(shape, [newcomer.record.id], lock=False).get(newcomer.record.id)
    if made is None:
        raise CannotDecide(parking.reason(shape, newcomer.record.id) or "The record cannot be created here now.")
    return made.internal_id
