"""Bugs that the simulation found, shrunk to what a person can read."""

from __future__ import annotations

from conflicts.models import ConflictResolution
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


def test_a_tie_stays_a_persons_to_decide_after_a_pull_of_another_field(worlds: None) -> None:
    with World(1, Profile(there=1, here=0, steps={}, strategy="LATEST_WINS")) as world:
        desk = world.desks[0]
        world.sync(desk)
        world.people.edit_here(values={"description": "here"})
        world.people.edit_there(desk, values={"description": "there", "dueDate": "2026-06-01"})
        world.clock.advance(3600)
        world.sync(desk)
        calls = world.mutating
        world.sync(desk, full=True)
        laws.check(world)
        assert world.mutating == calls
        assert ConflictResolution.objects.get().status == "PENDING"


def test_an_edit_that_is_taken_back_leaves_the_field_to_the_other_side(worlds: None) -> None:
    with World(1, QUIET) as world:
        desk = world.desks[0]
        world.sync(desk)
        world.people.edit_here(values={"description": "here"})
        world.people.edit_there(desk, values={"description": "there"})
        world.people.edit_there(desk, values={"description": ""})
        laws.settle(world)
        laws.check(world)
        assert desk.live()[0].fields["notes"] == "here"
