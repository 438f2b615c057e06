"""What can happen next in a world. Each step draws its details from the world's dice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conflicts.models import ConflictResolution
from integrations.models import JobExecution, PlanStep, SyncLog
from integrations.services import save_mapping
from sync_engine import build, queues
from sync_engine.running import leases
from sync_engine.simulation import database, laws
from sync_engine.simulation.desks import Desk
from sync_engine.simulation.profile import POLICIES, STRATEGIES
from sync_engine.simulation.world import Broken, World


def take(world: World) -> str:
    """Takes one step, drawn by the weights of the world's profile. Returns its name."""
    name = world.dice.weighted(list(world.profile.steps.items()))
    perform(world, name)
    return name


def perform(world: World, name: str) -> None:
    """Takes the step of that name."""
    world.note(f"-- {name}")
    world.counts[f"step {name}"] += 1
    act = _STEPS.get(name)
    if act is not None:
        act(world)
    else:
        getattr(world.people, name)()
    laws.always(world)


def _desk(world: World) -> Desk:
    return world.dice.choice(world.desks)


def _dies(world: World, probability: float = 0.15) -> int | None:
    return world.dice.below(40) if "crashing_sync" in world.profile.steps and world.dice.chance(probability) else None


def busy_sync(world: World) -> None:
    """People go on working while the run is at it."""
    world.sync(_desk(world), visits=1 + world.dice.below(4))


def crashing_sync(world: World) -> None:
    """At any statement or call; or at one of the engine's own boundaries, which are few: there two steps that
    belong together would be torn."""
    at_effects = world.dice.chance(0.4)
    ticks = world.dice.choice((6, 12) if at_effects else (20, 60, 150))
    world.sync(
        _desk(world),
        crash_in=world.dice.below(ticks),
        at_effects=at_effects,
        visits=world.dice.below(2),
        full=world.dice.chance(0.2),
    )


def wait(world: World) -> None:
    world.clock.advance(world.dice.choice((1, 5, 30, 120, 3600, 90_000)))


def webhooks(world: World) -> None:
    """News arrive late, twice, shuffled or not at all: each names a task that may or may not have changed."""
    desk = _desk(world)
    known = [entry.id for entry in desk.twin.store.all("tasks")]
    named = [world.dice.choice(known) for _ in range(world.dice.below(4))] if known else []
    shape = build.shapes(desk.integration, desk.connect(), resource_types=("task",))[0]
    queues.enqueue_rereads(shape, named, "webhook", world.clock.now())
    world.note(f"webhooks name {named}")


def decide(world: World) -> None:
    cases = list(ConflictResolution.objects.filter(status="PENDING").order_by("created_at", "kind", "external_id"))
    cases = [case for case in cases if case.kind in ("FIELDS", "DELETED_EXTERNALLY", "DELETED_LOCALLY")]
    if not cases:
        return
    case = world.dice.choice(cases)
    strategy = world.dice.choice(("LOCAL_WINS", "EXTERNAL_WINS", "CUSTOM_MERGE"))
    if case.kind != "FIELDS" and strategy == "CUSTOM_MERGE":
        strategy = "LOCAL_WINS"
    values = {"title": "merged"} if strategy == "CUSTOM_MERGE" and "title" in case.conflicted_fields else {}
    world.decide(case, strategy, values, _dies(world))


def plan(world: World) -> None:
    """A dry run: not one mutating call, not one row of records or links."""
    desk = _desk(world)
    calls, rows = world.mutating, database.standing()
    result = world.sync(desk, dry_run=True, full=world.dice.chance(0.3))
    if world.mutating != calls or database.standing() != rows:
        raise Broken("a plan writes nothing", f"{world.mutating - calls} mutating calls, or rows that changed")
    world.counts["law a plan writes nothing"] += 1
    if result is not None and not result.error:
        world.plans.append((desk, str(result.run.pk)))


def apply_plan(world: World) -> None:
    """What is applied was planned."""
    if not world.plans:
        return
    desk, plan_id = world.plans.pop()
    result = world.sync(desk, plan=plan_id, full=world.dice.chance(0.3))
    if result is None:
        return
    applied = PlanStep.objects.filter(run__id=plan_id, state="APPLIED")
    planned = {*applied.values_list("resource_type", "internal_id")}
    planned |= {*applied.values_list("resource_type", "external_id")}
    for log in SyncLog.objects.filter(run=result.run, status="SUCCESS"):
        if result.counters["settled"] and (log.operation, log.direction) == ("CREATE", "LOCAL_TO_EXTERNAL"):
            continue  # an earlier run's create, whose outcome was found by this one
        if not {(log.resource_type, str(log.resource_id)), (log.resource_type, log.external_id)} & planned:
            raise Broken("a plan is what happens", f"{log.operation} {log.direction} {log.after} was not planned")
    world.counts["law a plan is what happens"] += 1


def roll_back(world: World) -> None:
    undone = JobExecution.objects.filter(job_type="ROLLBACK").values("rolls_back")
    runs = JobExecution.objects.exclude(job_type="ROLLBACK").filter(status="COMPLETED").exclude(pk__in=undone)
    done = list(runs.order_by("started_at", "completed_at", "pk")[:50])
    if done:
        world.roll_back(world.dice.choice(done[-3:]), _dies(world))


def change_policy(world: World) -> None:
    desk = _desk(world)
    desk.integration.refresh_from_db()
    desk.integration.conflict_strategy = world.dice.choice(STRATEGIES)
    desk.integration.on_external_delete = world.dice.choice(POLICIES[:2])
    desk.integration.save()
    world.note(f"desk {desk.number}: {desk.integration.conflict_strategy} {desk.integration.on_external_delete}")


def change_mapping(world: World) -> None:
    """The starter mapping, with or without the description."""
    desk = _desk(world)
    document: dict[str, Any] = desk.site.task_mapping()
    if world.dice.chance(0.5):
        for rules in ("externalToInternal", "internalToExternal"):
            document[rules] = [rule for rule in document[rules] if rule["internalField"] != "description"]
    save_mapping(desk.integration, "task", document)
    world.note(f"desk {desk.number}: mapping of {len(document['externalToInternal'])} rules")


def two_workers(world: World) -> None:
    """While another worker holds the lease, a run says so and writes nothing."""
    desk = _desk(world)
    shape = build.shapes(desk.integration, desk.connect(), resource_types=("task",))[0]
    try:
        leases.take(shape, "another worker")
    except leases.LeaseHeld:
        return
    calls = world.mutating
    result = world.sync(desk, resource_types=("task",))
    leases.release(shape, "another worker")
    if result is None or not result.error or world.mutating != calls:
        raise Broken("one worker at a time", "a run went on beside another worker")


_STEPS: dict[str, Callable[[World], Any]] = {
    "sync": lambda world: world.sync(_desk(world)),
    "sync_full": lambda world: world.sync(_desk(world), full=True),
    "sync_tasks": lambda world: world.sync(_desk(world), resource_types=("task",)),
    "sync_pull": lambda world: world.sync(_desk(world), direction="pull"),
    "sync_push": lambda world: world.sync(_desk(world), direction="push"),
    "busy_sync": busy_sync,
    "crashing_sync": crashing_sync,
    "drain": lambda world: world.drain(),
    "wait": wait,
    "webhooks": webhooks,
    "decide": decide,
    "plan": plan,
    "apply_plan": apply_plan,
    "roll_back": roll_back,
    "change_policy": change_policy,
    "change_mapping": change_mapping,
    "reap": lambda world: world.reap(),
    "two_workers": two_workers,
}
