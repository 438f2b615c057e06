"""What can happen next in a hub. Each step draws its details from the world's dice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from automations.simulation.world import HubWorld
from sync_engine import build, queues
from sync_engine.simulation import steps as engine


def take(world: HubWorld) -> None:
    """One step, drawn by the weights of the world's profile."""
    name = world.dice.weighted(list(world.profile.steps.items()))
    world.note(f"-- {name}")
    world.counts[f"step {name}"] += 1
    act = _STEPS.get(name)
    if act is not None:
        act(world)
    else:
        getattr(world.people, name)()


def _work(world: HubWorld, **how: Any) -> None:
    """Some worker takes its turn."""
    desk = world.dice.choice(world.both)
    turns: tuple[Callable[[], Any], ...] = (
        lambda: world.sync(desk, **how),
        lambda: world.push(**how),
        lambda: world.hear(**how),
        lambda: world.read_rules(**how),
        lambda: world.act(**how),
    )
    world.dice.choice(turns)()


def webhooks(world: HubWorld) -> None:
    """News of Asana arrive late, twice, shuffled or not at all."""
    known = [entry.id for entry in world.asana.twin.store.all("tasks")]
    named = [world.dice.choice(known) for _ in range(1 + world.dice.below(3))] if known else []
    (shape,) = build.shapes(world.asana.integration, world.asana.connect(), resource_types=("item",))
    queues.enqueue_rereads(shape, named, "webhook", world.clock.now())


_STEPS: dict[str, Callable[[HubWorld], Any]] = {
    "sync": lambda world: world.sync(world.dice.choice(world.both)),
    "sync_full": lambda world: world.sync(world.dice.choice(world.both), full=True),
    "push": HubWorld.push,
    "hear": HubWorld.hear,
    "read_rules": HubWorld.read_rules,
    "act": HubWorld.act,
    "busy": lambda world: _work(world, visits=1 + world.dice.below(4)),
    "crashing": lambda world: _work(world, crash_in=world.dice.below(world.dice.choice((20, 60, 150)))),
    "webhooks": webhooks,
    "wait": engine.wait,
    "decide": engine.decide,
    "switch": HubWorld.switch,
    "reap": HubWorld.reap,
}
