"""The laws, checked on a world at rest: looked at from outside, by what stands on both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from conflicts.models import ConflictResolution
from integrations.models import (
    IntegrationMapping,
    Intent,
    JobExecution,
    ParkedRecord,
    PendingChange,
    SyncCursor,
    SyncLog,
)
from sync_engine.deletes import FLOOR, SHARE
from sync_engine.simulation import database
from sync_engine.simulation.desks import Desk
from sync_engine.simulation.ledger import FIELDS, agree
from sync_engine.simulation.losses import carries, links, loss_ledger, mapped, same_records
from sync_engine.simulation.world import Broken, World

ROUNDS = 10
"""A world at rest must be still after so many rounds of runs."""


def settle(world: World) -> int:
    """Faults end, time passes, every desk is synced until nothing moves. Returns the rounds it took."""
    world.calm()
    # A new strategy judges an open case when the record is read again.
    changed = world.counts["step change_policy"] > 0 or world.profile.strategy == "LATEST_WINS"
    world.reap()
    for number in range(1, ROUNDS + 1):
        before = (world.mutating, database.standing())
        for desk in world.desks:
            _sync(world, desk, full=number == 1 and (world.profile.needs_full or changed))
        world.clock.advance(700)
        if before == (world.mutating, database.standing()) and not _waiting():
            return number
    states = {str(one.internal_id): f"{one.sync_status} {one.reason}" for one in IntegrationMapping.objects.all()}
    waits = [
        f"{one}: {one.reason} {one.attempts} {states.get(str(one.internal_id))}" for one in PendingChange.objects.all()
    ]
    raise Broken("convergence", f"still busy after {ROUNDS} rounds; these wait: {waits}")


def _sync(world: World, desk: Desk, **options: Any) -> None:
    result = world.sync(desk, **options)
    assert result is not None
    if result.error:
        raise Broken("convergence", f"a run without faults failed: {result.error}")


def _waiting() -> int:
    return PendingChange.objects.filter(integration__status="ACTIVE").count()


def check(world: World) -> None:
    """All laws at rest. Raises `Broken` at the first that does not hold."""
    for name, law in LAWS.items():
        for desk in world.desks:
            law(world, desk)
        world.counts[f"law {name}"] += 1
    loss_ledger(world)
    world.counts["law no lost update"] += 1
    nothing_more(world)
    world.counts["law a further run writes nothing"] += 1


def nothing_more(world: World) -> None:
    """An incremental run and a full one find nothing to do."""
    for full in (False, True):
        before, calls, links = database.standing(), world.mutating, _links_as_text()
        for desk in world.desks:
            _sync(world, desk, full=full)
        if world.mutating != calls:
            raise Broken("a further run writes nothing", f"{world.mutating - calls} mutating calls, full={full}")
        if database.standing() != before:
            raise Broken(
                "a further run writes nothing", f"rows of records or links changed, full={full}: {_moved(links)}"
            )


def _links_as_text() -> set[str]:
    return {
        f"{one.resource_type} {one.sync_status} {one.reason} missing {one.missing_since} {one.local_base} "
        f"{one.external_base} rewrites {one.rewrites} hash {one.last_external_hash is not None} "
        f"synced {one.last_synced_at} {one.internal_id}"
        for one in IntegrationMapping.objects.all()
    }


def _moved(before: set[str]) -> str:
    after = _links_as_text()
    old, new = " ".join(sorted(before - after)).split(), " ".join(sorted(after - before)).split()
    if len(old) != len(new):
        return f"{old} became {new}"
    return "; ".join(f"{a} became {b}" for a, b in zip(old, new, strict=True) if a != b)


# Convergence


def agreement(world: World, desk: Desk) -> None:
    """Each live link: both records are there and every mapped field agrees, or somebody can see why not."""
    here = dict(world.people.rows())
    fields, rewritten = mapped(desk), "rewrite_values" in world.profile.faults
    for link in links(desk):
        local, entry = here.get(str(link.internal_id)), desk.get(link.external_id)
        if link.sync_status == "DELETED":
            _both_gone(world, desk, link, local, entry)
        elif local is None or entry is None:
            _one_gone(world, desk, link, local, entry)
        else:
            for name in FIELDS:
                if name in fields:
                    _field_agrees(desk, link, name, local[name], desk.values(entry)[name], rewritten)


def assignments_agree(world: World, desk: Desk) -> None:
    """A task is given to the same person on both sides, unless one of them is not known on the other side, or
    somebody can see why not."""
    members = IntegrationMapping.objects.filter(integration=desk.integration, resource_type="member")
    members = members.exclude(sync_status="DELETED")  # rolled back: nobody's link any more
    there = {str(one.internal_id): one.external_id for one in members}
    here = world.people.assigned()
    for link in links(desk):
        entry = desk.get(link.external_id)
        if link.sync_status in ("DELETED", "ERROR") or entry is None or str(link.internal_id) not in here:
            continue
        local, external = here[str(link.internal_id)], entry.fields.get("assignee")
        unknown = (local and local not in there) or (external and external not in there.values())
        case = _open_case(link)
        if unknown or (case is not None and "assignedToId" in case.conflicted_fields) or _rolled_back(desk, link):
            continue
        if there.get(local or "") != external:
            told = f"{local} ({there.get(local or '')}) here and {external} there; bases "
            told += f"{link.local_base.get('assignedToId')} and {link.external_base.get(desk.site.assignee)}"
            raise Broken("assignments agree", told)


def _rolled_back(desk: Desk, link: IntegrationMapping) -> bool:
    stamps = (link.provenance.get(name, {}) for name in ("assignedToId", desk.site.assignee))
    return any(stamp.get("by") == "ROLLBACK" for stamp in stamps)


def _open_case(link: IntegrationMapping, *kinds: str) -> ConflictResolution | None:
    cases = ConflictResolution.objects.filter(
        integration_id=link.integration_id, resource_type="task", resource_id=str(link.internal_id), status="PENDING"
    )
    return cases.filter(kind__in=kinds or ("FIELDS",)).first()


def _field_agrees(desk: Desk, link: IntegrationMapping, name: str, local: Any, external: Any, rewritten: bool) -> None:
    theirs = desk.site.fields[name]
    if link.sync_status == "ERROR" and link.reason:
        return
    case = _open_case(link)
    if case is not None and name in case.conflicted_fields:
        return
    told = f"{name} is {local!r} here and {external!r} there; bases {link.local_base.get(name)!r} and "
    told += f"{link.external_base.get(theirs)!r}, {link.sync_status}, {link.provenance.get(name)}"
    if (name, local) != (name, link.local_base.get(name)):
        raise Broken("convergence", f"{told}: not the base here")
    if agree(name, local, external):
        return
    if (rewritten and carries(name, external, local)) or link.provenance.get(name, {}).get("by") == "ROLLBACK":
        return
    if link.provenance.get(theirs, {}).get("by") == "ROLLBACK":
        return
    raise Broken("convergence", told)


def _both_gone(world: World, desk: Desk, link: IntegrationMapping, local: Any, entry: Any) -> None:
    if "UNLINK" in (world.profile.on_external_delete, world.profile.on_local_delete) or link.reason == "rolled back":
        return
    if local is not None or entry is not None:
        raise Broken("convergence", f"a closed link with a living record: here {local}, there {entry}")


def _one_gone(world: World, desk: Desk, link: IntegrationMapping, local: Any, entry: Any) -> None:
    if _open_case(link, "DELETED_EXTERNALLY", "DELETED_LOCALLY") is not None or _held_back(world, desk):
        return
    raise Broken("convergence", f"gone on one side only, here {local}, there {entry}, {link.sync_status}")


def _held_back(world: World, desk: Desk) -> bool:
    """The last run waits for somebody to approve deletes."""
    last = JobExecution.objects.filter(integration=desk.integration).order_by("-started_at", "-completed_at").first()
    return last is not None and last.status == "AWAITING_APPROVAL"


def everything_linked(world: World, desk: Desk) -> None:
    """Every living task is linked, or parked with a reason, or a card asks about it."""
    linked = IntegrationMapping.objects.filter(integration=desk.integration, resource_type="task")
    there, here = (set(linked.values_list(name, flat=True)) for name in ("external_id", "internal_id"))
    parked = set(ParkedRecord.objects.filter(integration=desk.integration).values_list("record_id", flat=True))
    asked = ConflictResolution.objects.filter(integration=desk.integration, kind="MAY_EXIST", status="PENDING")
    candidates = {gid for case in asked for gid in case.external_data.get("candidates", ())}
    for entry in desk.live():
        if entry.id not in there and entry.id not in parked | candidates:
            raise Broken(
                "no record is left out", f"{entry.id} {desk.values(entry)['title']!r} by {entry.author} has no link"
            )
    waiting = set(asked.values_list("resource_id", flat=True))
    for record_id, values in world.people.rows():
        if record_id not in {str(one) for one in here} | parked | waiting:
            raise Broken("no record is left out", f"{values['title']!r} here has no link")


# Duplicates, deletes, explanations


def no_duplicates(world: World, desk: Desk) -> None:
    """No more records than people made; a provider never holds two that we made for one."""
    rows = len(world.people.rows()) + len(world.people.rows(deleted=True))
    if rows > world.ledger.births:
        raise Broken("no duplicates", f"{rows} records here, {world.ledger.births} were made by people")
    made = Counter(gid for gid, action in desk.written if action == "added")
    linked = set(IntegrationMapping.objects.filter(integration=desk.integration).values_list("external_id", flat=True))
    known = linked | set(SyncLog.objects.filter(integration=desk.integration).values_list("external_id", flat=True))
    asked = ConflictResolution.objects.filter(integration=desk.integration, kind="MAY_EXIST")
    known |= {gid for case in asked for gid in case.external_data.get("candidates", ())}
    lost = [gid for gid in made if gid not in known]
    if lost and any(desk.get(gid) for gid in lost):
        raise Broken("no duplicates", f"{lost} were made by us and have no link")


def deletes_are_guarded(world: World, desk: Desk) -> None:
    """No run deleted more than it may unasked."""
    for run in JobExecution.objects.filter(integration=desk.integration).exclude(job_type="ROLLBACK"):
        deleted = SyncLog.objects.filter(run=run, operation="DELETE", status="SUCCESS", resource_type="task")
        for direction in ("EXTERNAL_TO_LOCAL", "LOCAL_TO_EXTERNAL"):
            count = deleted.filter(direction=direction).count()
            if count > max(FLOOR, SHARE * desk.twin.store.versions.get("tasks", 0)):
                raise Broken("deletes are guarded", f"{count} deletes in one run, {direction}")


def deletes_are_meant(world: World, desk: Desk) -> None:
    """Nothing is, or ever was, deleted here that nobody deleted anywhere, or took back by a rollback."""
    things = same_records(world)
    erased = {things.get((one.side, one.record)) for one in world.ledger.entries if one.erases}
    logs = SyncLog.objects.filter(operation="DELETE", status="SUCCESS", resource_type="task")
    undone = {str(one) for one in logs.filter(run__job_type="ROLLBACK").values_list("resource_id", flat=True)}
    deleted = {record_id for record_id, _ in world.people.rows(deleted=True)}
    deleted |= {str(one) for one in _deleted_by_us(desk).values_list("resource_id", flat=True)}
    if unmeant := deleted - erased - undone:
        raise Broken("deletes are meant", f"{sorted(unmeant)} was deleted here by nobody")


def _deleted_by_us(desk: Desk) -> QuerySet[SyncLog]:
    """The log of deletes here that the engine carried out, what has come back since included."""
    return SyncLog.objects.filter(
        integration=desk.integration,
        operation="DELETE",
        direction="EXTERNAL_TO_LOCAL",
        status="SUCCESS",
        resource_type="task",
    )


def always(world: World) -> None:
    """What must hold after every step, however soon it would heal."""
    for desk in world.desks:
        if (count := _deleted_by_us(desk).count()) != world.judged[desk.number]:
            deletes_are_meant(world, desk)
            world.judged[desk.number] = count
            world.counts["law deletes are meant"] += 1


def leases_are_free(world: World, desk: Desk) -> None:
    if held := SyncCursor.objects.filter(integration=desk.integration).exclude(lease_owner="").first():
        raise Broken("leases are free", f"{held.resource_type} is held by {held.lease_owner}")
    if Intent.objects.filter(integration=desk.integration, state="OPEN").exists():
        raise Broken("every outcome is settled", "an intent is still open")


def writes_are_explained(world: World, desk: Desk) -> None:
    """Every task that we changed there has a log row. Two things may be missing: what a worker wrote that died
    before its commit (several updates go out before they are recorded together), and answers that were lost."""
    logs = SyncLog.objects.filter(integration=desk.integration, direction="LOCAL_TO_EXTERNAL", resource_type="task")
    logged = Counter(logs.exclude(status="FAILED").values_list("external_id", flat=True))
    fired = desk.twin.faults.fired
    unknown = fired["lose_response"] + fired["truncated"] + fired["html"]
    written = [gid for gid, action in desk.written if action in ("added", "changed", "deleted")]
    missing = Counter[str | None](written) - logged - Counter[str | None](desk.unconfirmed)
    if missing.total() > unknown:
        raise Broken("every write is explained", f"{dict(missing)} without a log row, {unknown} unknown outcomes")


def nobody_is_guessed(world: World, desk: Desk) -> None:
    """A person there is never linked to one of two who share an address here."""
    from records.models import Member

    for link in IntegrationMapping.objects.filter(integration=desk.integration, resource_type="member"):
        member = Member.all_objects.get(pk=link.internal_id)
        twins = Member.all_objects.filter(email=member.email, created_at__lt=link.created_at).exclude(pk=member.pk)
        if member.email and member.created_at < link.created_at and twins.exists():
            raise Broken("nobody is guessed", f"{member.email} was linked, though {twins.count() + 1} share it")


LAWS: dict[str, Callable[[World, Desk], None]] = {
    "convergence": agreement,
    "assignments agree": assignments_agree,
    "no record is left out": everything_linked,
    "no duplicates": no_duplicates,
    "deletes are guarded": deletes_are_guarded,
    "deletes are meant": deletes_are_meant,
    "leases are free": leases_are_free,
    "every write is explained": writes_are_explained,
    "nobody is guessed": nobody_is_guessed,
}
