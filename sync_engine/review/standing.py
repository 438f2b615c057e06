"""The record of a case as both sides show it right now, and who edited what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson

from conflicts.models import ConflictResolution
from connectors.base.capabilities import Pulls
from connectors.base.connector import Connector
from connectors.base.errors import NotFound
from connectors.base.paths import compile_get
from connectors.base.records import ExternalRecord
from integrations.connect import connect
from integrations.mapping.sentinels import Sentinel
from records import selectors
from records.models import LocalChange
from sync_engine import build, links, lookups
from sync_engine.deciding.choices import Standing
from sync_engine.deciding.clocks import in_our_time
from sync_engine.links import Link
from sync_engine.ports import ports
from sync_engine.shape import Shape

LOOKED_BACK = 50
"""Local changes of one record that are looked through for the last editor of a field."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Who edited a side last, as far as that is known; `kind` is user, api, integration, ... or provider."""

    by: str = ""
    at: datetime | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class BothSides:
    """`record` None = gone there; `standing` None = a side is gone, so there is nothing to compare by field."""

    link: Link
    record: ExternalRecord | None
    local: Mapping[str, Any] | None
    standing: Standing | None
    external_edit: Edit = field(default_factory=Edit)
    page: str = ""
    """The record's address in the provider's own pages."""


class NotLinked(Exception):
    """The records of the case have nothing to do with each other any more."""

    def __init__(self) -> None:
        super().__init__("The records of this case are not linked any more. Sync, then look again.")


def shape_of(case: ConflictResolution, connector: Connector | None = None) -> Shape:
    """Raises `ConfigError` and `MappingError`."""
    connector = connector or connect(case.integration, clock=ports().clock, awaited=True)
    return build.shapes(case.integration, connector, resource_types=(case.resource_type,))[0]


def read(case: ConflictResolution, shape: Shape, *, lock: bool = False) -> BothSides:
    """Reads both sides; with `lock`, inside the caller's transaction, our side stays as read until its end.
    Raises `NotLinked` and the errors of connectors."""
    link = links.by_internal(shape, [case.resource_id], lock=lock).get(case.resource_id)
    if link is None or link.unlinked:
        raise NotLinked
    return _sides(shape, link, fetch(shape, link.external_id), _local(shape, [link.internal_id], lock))


def read_many(cases: Sequence[ConflictResolution], shape: Shape) -> dict[str, BothSides]:
    """Both sides of many cases by local id, the provider asked in batches; what is not linked is left out. Raises the
    errors of connectors."""
    assert isinstance(shape.connector, Pulls)
    linked = links.by_internal(shape, [case.resource_id for case in cases], lock=False)
    found = [link for link in linked.values() if not link.unlinked]
    local = _local(shape, [link.internal_id for link in found], lock=False)
    size = max(1, shape.connector.batch_size)
    records: dict[str, ExternalRecord | None] = {}
    for start in range(0, len(found), size):
        ids = [link.external_id for link in found[start : start + size]]
        records |= shape.connector.fetch_many(shape.resource, ids)
    return {link.internal_id: _sides(shape, link, _alive(records[link.external_id]), local) for link in found}


def _local(shape: Shape, ids: Sequence[str], lock: bool) -> dict[str, selectors.Snapshot]:
    return selectors.read(shape.sync_type, str(shape.integration.organization_id), ids, shape.names, lock=lock)


def _sides(
    shape: Shape, link: Link, record: ExternalRecord | None, snapshots: Mapping[str, selectors.Snapshot]
) -> BothSides:
    snapshot = snapshots.get(link.internal_id)
    values = None if snapshot is None or snapshot.deleted else tuple(snapshot.values)
    local = None if values is None else dict(zip(shape.names, values, strict=True))
    if record is None:
        return BothSides(link, None, local, None)
    standing = None if values is None else _standing(shape, values, record)
    return BothSides(link, record, local, standing, external_edit(shape, record), page(shape, record))


def fetch(shape: Shape, external_id: str) -> ExternalRecord | None:
    """None where the record is gone."""
    assert isinstance(shape.connector, Pulls)
    try:
        return _alive(shape.connector.fetch(shape.resource, external_id))
    except NotFound:
        return None


def _alive(record: ExternalRecord | None) -> ExternalRecord | None:
    return None if record is None or record.deleted else record


def _standing(shape: Shape, local: tuple[Any, ...], record: ExternalRecord) -> Standing:
    external = shape.mapping.read_external(record.fields)
    resolve = lookups.resolve(shape, [(record.fields, external)])
    return Standing(local, external, shape.mapping.to_local(external, resolve))


def external_edit(shape: Shape, record: ExternalRecord) -> Edit:
    """What the provider says of the last edit; many say when, few say who."""
    by = compile_get(shape.resource.edited_by)(record.fields) if shape.resource.edited_by else ""
    return Edit(str(by or ""), in_our_time(shape.connector, record.updated_at), "provider")


def page(shape: Shape, record: ExternalRecord) -> str:
    """An address that a browser may open, "" if the provider gives none."""
    found = compile_get(shape.resource.page)(record.fields) if shape.resource.page else None
    return found if isinstance(found, str) and found.startswith(("https://", "http://")) else ""


def local_edits(shape: Shape, internal_id: str, fields: Sequence[str]) -> dict[str, Edit]:
    """Per field, the last edit here by anybody but this integration, as far as the outbox still knows it."""
    rows = LocalChange.objects.filter(record_id=internal_id, resource_type=shape.type).order_by("-id")
    found: dict[str, Edit] = {}
    for row in rows[:LOOKED_BACK]:
        if (row.origin_kind, row.origin_id) == ("integration", str(shape.integration.pk)):
            continue
        edit = Edit(row.actor, row.created_at, row.origin_kind)
        for name in fields if row.fields is None else set(row.fields) & set(fields):
            found.setdefault(name, edit)
    return found


def latest(edits: Mapping[str, Edit]) -> Edit:
    """The newest of several edits."""
    return max(edits.values(), key=lambda one: one.at.timestamp() if one.at else 0.0, default=Edit())


def shown(case: ConflictResolution, shape: Shape, sides: BothSides) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both sides as a case keeps them: the contested fields in our form, or the whole record where one side
    deleted it."""
    if case.kind == ConflictResolution.Kind.FIELDS and sides.standing is not None:
        names = [name for name in case.conflicted_fields if name in shape.names]
        pulled = dict(zip(shape.names, sides.standing.pulled, strict=True))
        ours = dict(zip(shape.names, sides.standing.local, strict=True))
        return {name: ours[name] for name in names}, {name: plain(pulled[name]) for name in names}
    theirs = {} if sides.record is None else shape.external_base(shape.mapping.read_external(sides.record.fields))
    return dict(sides.local or {}), theirs


def plain(value: Any) -> Any:
    return None if isinstance(value, Sentinel) else value


def token_of(case: ConflictResolution, local: Mapping[str, Any], external: Mapping[str, Any]) -> str:
    """Names what a person saw: the case, and both sides of it. A decision on another state is refused."""
    seen = (str(case.pk), case.kind, sorted(local.items()), sorted(external.items()))
    return blake2b(orjson.dumps(seen, default=repr), digest_size=12).hexdigest()
