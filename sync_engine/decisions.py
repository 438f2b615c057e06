"""A person's decision on a conflict, carried out on our side and queued for the other.

The case names what was seen; if a side has moved since, nothing is written and the new state is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from conflicts.models import ConflictResolution
from connectors.base.capabilities import Pulls
from connectors.base.connector import Connector
from connectors.base.errors import NotFound
from integrations.connect import connect
from integrations.enums import ConflictStrategy
from records import selectors, services
from sync_engine import build, deletes, intents, leases, links, lookups, parking, queues
from sync_engine.context import Context
from sync_engine.gate import OpenGate
from sync_engine.journal import INWARD, RESOLVED, UPDATE, Entry
from sync_engine.links import Link
from sync_engine.ports import ports
from sync_engine.runs import owner
from sync_engine.shape import Shape

Status, Kind = ConflictResolution.Status, ConflictResolution.Kind


class ConflictMoved(Exception):
    """A side has changed since the case was last looked at; `conflict` holds the new state."""

    def __init__(self, conflict: ConflictResolution) -> None:
        super().__init__("One side has changed since you looked. Look at the new values and decide again.")
        self.conflict = conflict


class UndecidedCandidate(ValueError):
    """Several records may be the one: the decision must name it as `externalId`."""

    def __init__(self, candidates: Sequence[str]) -> None:
        known = ", ".join(candidates) or "none was found"
        super().__init__(f"Name the record at the provider as 'externalId' (candidates: {known}).")


class AlreadyDecided(Exception):
    """The case is not open any more."""


def resolve(
    conflict: ConflictResolution,
    *,
    strategy: str,
    values: Mapping[str, Any] | None = None,
    resolved_by: str = "",
    push: bool = True,
    connector: Connector | None = None,
) -> ConflictResolution:
    """Decides an open case.

    strategy  LOCAL_WINS keeps ours, EXTERNAL_WINS takes theirs, CUSTOM_MERGE takes `values` (field to value in
              local form; a field left out keeps ours). For a create without an answer: LOCAL_WINS creates it
              again, EXTERNAL_WINS links the record that `values["externalId"]` names
    push      False = what differs from the provider stays different until somebody edits it again

    Raises `AlreadyDecided`, `ConflictMoved`, and `leases.LeaseHeld` while a run is at this very type.
    """
    if conflict.status != Status.PENDING:
        raise AlreadyDecided("This conflict was already decided. Open its history to see how.")
    integration = conflict.integration
    connector = connector or connect(integration, clock=ports().clock)
    shape = build.shapes(integration, connector, resource_types=(conflict.resource_type,))[0]
    ctx = Context(integration, None, f"decision by {resolved_by or 'a person'}", OpenGate())
    name = f"{owner()}:decision:{conflict.pk}"
    leases.take(shape, name)
    try:
        with transaction.atomic():
            if conflict.kind == Kind.FIELDS:
                _fields(ctx, shape, conflict, strategy, dict(values or {}), push)
            elif conflict.kind == Kind.MAY_EXIST:
                _may_exist(ctx, shape, conflict, strategy, dict(values or {}))
            else:
                _whole(ctx, shape, conflict, strategy)
            _close(conflict, strategy, values, resolved_by, ctx.now())
    except ConflictMoved:
        # What stands now is kept, so that the next decision is compared with what its maker saw.
        conflict.save(update_fields=["local_data", "external_data"])
        raise
    finally:
        leases.release(shape, name)
    return conflict


def _close(
    conflict: ConflictResolution, strategy: str, values: Mapping[str, Any] | None, resolved_by: str, now: datetime
) -> None:
    conflict.status, conflict.resolution_strategy = Status.RESOLVED, strategy
    conflict.resolved_by, conflict.resolved_at, conflict.updated_at = resolved_by, now, now
    chosen = {ConflictStrategy.LOCAL_WINS: conflict.local_data, ConflictStrategy.EXTERNAL_WINS: conflict.external_data}
    conflict.resolved_data = chosen.get(ConflictStrategy(strategy)) or dict(values or {})
    conflict.save()


def _fields(
    ctx: Context, shape: Shape, conflict: ConflictResolution, strategy: str, values: dict[str, Any], push: bool
) -> None:
    link = links.by_internal(shape, [conflict.resource_id])[conflict.resource_id]
    external, local = _both_sides(ctx, shape, conflict, link)
    resolve_ = lookups.resolve(shape, [(external.fields, shape.mapping.read_external(external.fields))])
    seen = shape.mapping.read_external(external.fields)
    pulled = dict(zip(shape.names, shape.mapping.to_local(seen, resolve_), strict=True))
    _assert_unmoved(conflict, local, pulled)
    write: dict[str, Any] = {}
    for name in conflict.conflicted_fields:
        chosen = _chosen(strategy, name, local[name], pulled[name], values)
        if chosen != local[name]:
            write[name] = chosen
        # Agreed on theirs; if something else was chosen, it now counts as an edit made here.
        link.local_base[name] = pulled[name] if push else chosen
        for index in shape.rules_of[name]:
            link.external_base[shape.keys[index]] = seen[index]
        link.provenance[name] = {"by": "PERSON", "at": ctx.now().isoformat(), "rule": f"decided: {strategy}"}
    _write(ctx, shape, link, local, write)


def _chosen(strategy: str, name: str, local: Any, external: Any, values: Mapping[str, Any]) -> Any:
    if strategy == ConflictStrategy.EXTERNAL_WINS:
        return external
    if strategy == ConflictStrategy.LOCAL_WINS:
        return local
    return values.get(name, local)


def _both_sides(ctx: Context, shape: Shape, conflict: ConflictResolution, link: Link) -> tuple[Any, dict[str, Any]]:
    assert isinstance(shape.connector, Pulls)
    try:
        external = shape.connector.fetch(shape.resource, link.external_id)
    except NotFound as error:
        raise ConflictMoved(conflict) from error
    organization = str(ctx.integration.organization_id)
    snapshots = selectors.read(shape.sync_type, organization, [link.internal_id], shape.names, lock=True)
    snapshot = snapshots.get(link.internal_id)
    if snapshot is None or snapshot.deleted:
        raise ConflictMoved(conflict)
    return external, dict(zip(shape.names, snapshot.values, strict=True))


def _assert_unmoved(conflict: ConflictResolution, local: Mapping[str, Any], pulled: Mapping[str, Any]) -> None:
    """The values a person saw must be the values that stand."""
    names = conflict.conflicted_fields
    now_local = {name: local[name] for name in names}
    now_external = {name: pulled[name] for name in names}
    if now_local == conflict.local_data and now_external == conflict.external_data:
        return
    conflict.local_data, conflict.external_data = now_local, now_external
    raise ConflictMoved(conflict)


def _write(ctx: Context, shape: Shape, link: Link, local: Mapping[str, Any], write: dict[str, Any]) -> None:
    now = ctx.now()
    journal = ctx.journal(shape)
    organization = str(ctx.integration.organization_id)
    if write:
        services.bulk_update(shape.sync_type, organization, [(link.internal_id, write)], origin=ctx.origin, now=now)
    link.status, link.reason, link.external_hash = links.SYNCED, "", None
    links.update([link], now)
    queues.enqueue_pending(shape, [link.internal_id], now)
    before = {name: local[name] for name in write}
    journal.add(Entry(UPDATE, INWARD, link.internal_id, link.external_id, RESOLVED, before, write))
    ctx.commit(journal)


def _may_exist(ctx: Context, shape: Shape, conflict: ConflictResolution, strategy: str, values: dict[str, Any]) -> None:
    """A create without an answer: link the record that it made (`values["externalId"]`, or the only
    candidate), or create it again (LOCAL_WINS)."""
    from integrations.models import Intent

    intent = Intent.objects.get(integration=ctx.integration, resource_type=shape.type, internal_id=conflict.resource_id)
    if strategy == ConflictStrategy.LOCAL_WINS:
        intents.close(shape, [conflict.resource_id])
        queues.enqueue_pending(shape, [conflict.resource_id], ctx.now())
        return
    candidates = conflict.external_data.get("candidates", [])
    chosen = values.get("externalId") or (candidates[0] if len(candidates) == 1 else None)
    if chosen is None:
        raise UndecidedCandidate(candidates)
    assert isinstance(shape.connector, Pulls)
    intents.adopt(ctx, shape, intent, shape.connector.fetch(shape.resource, str(chosen)))
    parking.release(shape, [str(chosen)], side="EXTERNAL")


def _whole(ctx: Context, shape: Shape, conflict: ConflictResolution, strategy: str) -> None:
    """A delete against an edit, decided as a whole: keep the record, or let it go, on both sides."""
    link = links.by_internal(shape, [conflict.resource_id])[conflict.resource_id]
    journal, now = ctx.journal(shape), ctx.now()
    link.status, link.reason = links.SYNCED, ""
    keeps_local = strategy == ConflictStrategy.LOCAL_WINS
    if conflict.kind == Kind.DELETED_EXTERNALLY and not keeps_local:
        _assert_unedited(shape, conflict, link)
    if conflict.kind == Kind.DELETED_EXTERNALLY:
        if keeps_local:
            deletes.recreate(ctx, shape, link, now)
        else:
            deletes.remove_local(ctx, shape, journal, [link], now)
    elif keeps_local:
        _agree_with_theirs(shape, link, now)
        queues.enqueue_pending(shape, [link.internal_id], now)
    else:
        assert isinstance(shape.connector, Pulls)
        record = shape.connector.fetch(shape.resource, link.external_id)
        values = shape.mapping.read_external(record.fields)
        deletes.restore_local(ctx, shape, journal, [(link, record, values)], now)
    ctx.commit(journal)


def _assert_unedited(shape: Shape, conflict: ConflictResolution, link: Link) -> None:
    """What is let go must be what the person saw. Raises `ConflictMoved`."""
    organization = str(shape.integration.organization_id)
    snapshot = selectors.read(shape.sync_type, organization, [link.internal_id], shape.names, lock=True).get(
        link.internal_id
    )
    if snapshot is None or snapshot.deleted:
        return
    values = dict(zip(shape.names, snapshot.values, strict=True))
    seen = conflict.local_data or link.local_base
    if any(seen.get(name, value) != value for name, value in values.items()):
        conflict.local_data = values
        raise ConflictMoved(conflict)


def _agree_with_theirs(shape: Shape, link: Link, now: datetime) -> None:
    """Their edit was seen and let go: the delete may go out over it."""
    assert isinstance(shape.connector, Pulls)
    record = shape.connector.fetch(shape.resource, link.external_id)
    link.external_base = shape.external_base(shape.mapping.read_external(record.fields))
    links.update([link], now)
