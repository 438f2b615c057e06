"""Bugs that the simulation found, shrunk to what a person can read."""

from __future__ import annotations

from sync_engine.simulation import laws
from sync_engine.simulation.profile import Profile
from sync_engine.simulation.world import World

QUIET = Profile(there=1, here=0, steps={})


def test_a_run_that_only_reads_leaves_edits_here_to_be_pushed(worlds: None) -> None:
    with World(1, QUIET) as world:
        desk = world.desks[0]
        world.sync(desk)
        world.people.edit_here(values={"dueDate": "2026-07-01"})
        world.people.edit_there(desk, values={"title": "new there"})
        world.sync(desk, direction="pull")
        laws.settle(world)
        laws.check(world)
        assert desk.live()[0].fields["due_on"] == "2026-07-01"


def test_an_unlinked_record_stays_deleted_here(worlds: None) -> None:
    with World(1, Profile(there=1, here=0, steps={}, on_local_delete="UNLINK")) as world:
        desk = world.desks[0]
        world.sync(desk)
        world.people.delete_here()
        world.sync(desk)
        world.sync(desk, full=True)
        assert (world.people.rows(), len(desk.live())) == ([], 1)
