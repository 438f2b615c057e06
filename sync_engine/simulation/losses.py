"""The law of no lost update: every value that a person wrote is accounted for at the end."""

from __future__ import annotations

from typing import Any

from conflicts.models import ConflictResolution
from integrations.models import FieldMapping, IntegrationMapping, SyncLog
from sync_engine.simulation.desks import Desk
from sync_engine.simulation.ledger import HERE, Written, same, tells
from sync_engine.simulation.world import Broken, World


def mapped(desk: Desk) -> set[str]:
    newest = FieldMapping.objects.filter(integration=desk.integration, resource_type="task").order_by("-version")[0]
    return {rule["internalField"] for rule in newest.document["externalToInternal"]}


def links(desk: Desk) -> list[IntegrationMapping]:
    return list(IntegrationMapping.objects.filter(integration=desk.integration, resource_type="task").order_by("id"))


def same_records(world: World) -> dict[tuple[int, str], str]:
    """(side, id) -> the record here that it is or was linked to."""
    found = {
        (HERE, record_id): record_id for deleted in (False, True) for record_id, _ in world.people.rows(deleted=deleted)
    }
    for desk in world.desks:
        pairs = SyncLog.objects.filter(integration=desk.integration, resource_type="task").exclude(resource_id=None)
        for internal_id, gid in pairs.values_list("resource_id", "external_id"):
            if gid:
                found[desk.number, gid] = str(internal_id)
        for link in links(desk):
            found[desk.number, link.external_id] = str(link.internal_id)
    return found


def loss_ledger(world: World) -> None:
    """Every value a person wrote is visible, was written over by somebody who could see it, or is kept by a
    recorded decision or an open case."""
    things = same_records(world)
    here = {**dict(world.people.rows(deleted=True)), **dict(world.people.rows())}
    gone = {record_id for record_id, _ in world.people.rows(deleted=True)}
    there: dict[str, list[dict[str, Any]]] = {}
    for desk in world.desks:
        for task in desk.live():
            thing = things.get((desk.number, task.id), f"{desk.number}:{task.id}")
            there.setdefault(thing, []).append(desk.values(task))
    for thing, entry in world.ledger.standing(things):
        visible = _visible(entry, here.get(thing) if thing not in gone else None, there.get(thing, []))
        if entry.side == HERE and thing in gone and not any(entry.name in mapped(desk) for desk in world.desks):
            visible = same(entry.name, here[thing][entry.name], entry.value)
        if not visible and not _kept(world, thing, entry) and not _let_go(world, thing, entry, gone):
            side = "here" if entry.side == HERE else f"at desk {entry.side}"
            raise Broken("no lost update", f"{entry.name} = {entry.value!r}, written {side} on {thing}, is lost")


def _visible(entry: Written, local: dict[str, Any] | None, there: list[dict[str, Any]]) -> bool:
    """On any side that can tell it."""
    held = [values[entry.name] for values in [*([local] if local is not None else []), *there]]
    return any(tells(entry.name, one, entry.value) and carries(entry.name, one, entry.value) for one in held)


def carries(name: str, held: Any, written: Any) -> bool:
    """The value itself, part of a concatenation, or as the provider's fault rewrote it."""
    if same(name, held, written):
        return True
    if name == "status" or not isinstance(held, str) or not isinstance(written, str):
        return False
    return written.upper() in held.upper()


def _kept(world: World, thing: str, entry: Written) -> bool:
    """In a case, open or decided, or in the log of a rollback, of a decision; what no mapping
    knows also in the log of the delete there."""
    cases = ConflictResolution.objects.filter(resource_type="task", resource_id=thing)
    for case in cases:
        for data in (case.local_data, case.external_data, case.resolved_data or {}, case.base_data):
            if _holds(world, data, entry):
                return True
    taken = SyncLog.objects.filter(resource_type="task", resource_id=thing)
    deleted = taken.filter(operation="DELETE", direction="LOCAL_TO_EXTERNAL")
    taken = taken.filter(run__job_type="ROLLBACK") | taken.filter(status="CONFLICT_RESOLVED")
    desks = world.desks if entry.side == HERE else [world.desks[entry.side]]
    if not any(entry.name in mapped(desk) for desk in desks):
        taken = taken | deleted
    for log in taken:
        for data in (log.before or {}, log.after or {}):
            if _holds(world, data, entry):
                return True
    return False


def _holds(world: World, data: dict[str, Any], entry: Written) -> bool:
    """Kept under our name of the field, or under a provider's."""
    keys = {entry.name, *(desk.site.fields[entry.name] for desk in world.desks)}
    return any(same(entry.name, data[key], entry.value) for key in keys if key in data)


def _let_go(world: World, thing: str, entry: Written, gone: set[str]) -> bool:
    """A record that was taken back as a whole by a rollback."""
    log = SyncLog.objects.filter(resource_id=thing if thing in gone else None, run__job_type="ROLLBACK")
    return thing in gone and log.filter(operation="DELETE").exists()
