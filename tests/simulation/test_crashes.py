"""Crash enumeration: one scenario, a crash at each of its effects in turn; then the laws."""

from __future__ import annotations

import pytest

from sync_engine.simulation import laws
from sync_engine.simulation.profile import Profile
from sync_engine.simulation.world import World

PROFILE = Profile(there=2, here=2, steps={})


def prepare(world: World) -> None:
    """Both sides have news of every kind: create, update, delete, conflict."""
    desk = world.desks[0]
    world.sync(desk)
    rows = world.people.rows()
    there = [entry.id for entry in desk.live()]
    world.clock.advance(60)
    world.people.edit_here(rows[0], {"title": "both here"})
    world.people.edit_there(desk, _partner(world, rows[0][0]), {"title": "both there"})
    world.people.edit_here(rows[1], {"description": "new here"})
    world.people.delete_here(rows[2])
    world.people.delete_there(desk, next(gid for gid in there if gid not in _partners(world, rows[:3])))
    world.people.create_here()
    world.people.create_there(desk)
    world.clock.advance(60)


def _partner(world: World, record_id: str) -> str:
    from integrations.models import IntegrationMapping

    return IntegrationMapping.objects.get(internal_id=record_id).external_id


def _partners(world: World, rows: list[tuple[str, object]]) -> set[str]:
    return {_partner(world, record_id) for record_id, _ in rows}


def crashed_at(point: int | None, seed: int = 1) -> int:
    """Plays the scenario, dying after `point` ticks. Returns how many ticks the run has."""
    with World(seed, PROFILE) as world:
        prepare(world)
        world.sync(world.desks[0], crash_in=point)
        ticks = world.ticks
        laws.settle(world)
        laws.check(world)
    return ticks


@pytest.mark.parametrize("part", range(4))
def test_a_crash_at_any_point_is_survived(worlds: None, part: int) -> None:
    ticks = crashed_at(None)
    assert ticks > 40
    for point in range(part, ticks, 4):
        crashed_at(point)


def test_a_crash_during_the_first_sync_is_survived(worlds: None) -> None:
    with World(2, PROFILE) as world:
        world.sync(world.desks[0])
        ticks = world.ticks
    for point in range(0, ticks, 2):
        with World(2, PROFILE) as world:
            world.sync(world.desks[0], crash_in=point)
            laws.settle(world)
            laws.check(world)
