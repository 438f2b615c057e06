"""People: they edit, create, delete and restore on either side, and the ledger remembers what they wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import connection

from integrations.models import IntegrationMapping
from records import catalog, selectors, services
from records.origins import Origin
from sync_engine.outward import outbox
from sync_engine.simulation.desks import Desk
from sync_engine.simulation.ledger import FIELDS, HERE

if TYPE_CHECKING:
    from sync_engine.simulation.world import World

PERSON = Origin("user", "dana", "Dana")
TASK, MEMBER = catalog.get("task"), catalog.get("member")
STATUSES = ("TODO", "IN_PROGRESS", "BLOCKED", "COMPLETED")
DATES = ("2026-05-01", "2026-06-01", "2026-07-01")


class People:
    """Acts for everybody in a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._serial = 0

    def settle_in(self) -> None:
        """What is there before the first sync."""
        for _ in range(self._world.profile.there):
            self.create_there(self._world.desks[0])
        for _ in range(self._world.profile.here):
            self.create_here()
        self._world.clock.advance(100)

    def drop_in(self, *, there: bool) -> None:
        """Somebody acts while a worker is at it, here or (`there`) at one of the world's open desks. Local edits need a
        moment without a transaction."""
        acts: list[Callable[[], Any]] = [self.create_there]
        if there:
            desk = self._world.dice.choice(self._world.open_desks)
            acts += [lambda: self.edit_there(desk), lambda: self.edit_there(desk), lambda: self.delete_there(desk)]
        if not connection.in_atomic_block:
            acts += [self.edit_here, self.edit_here, self.edit_here, self.create_here, self.delete_here]
            acts += [self.edit_and_drain, self.edit_and_drain]
        self._world.dice.choice(acts)()

    def edit_and_drain(self) -> None:
        """An edit that another worker queues at once, while this one may be at the same record."""
        self.edit_here()
        outbox.distribute()

    # Values

    def value(self, name: str) -> Any:
        """A value in local form; statuses and dates are few."""
        dice = self._world.dice
        if name == "status":
            return dice.choice(STATUSES)
        if name == "dueDate":
            return None if dice.chance(0.15) else dice.choice(DATES)
        if dice.chance(self._world.profile.unique):
            self._serial += 1
            return f"{name[0]}{self._serial}"
        return dice.choice(("apple", "birch", "cedar") if name == "title" else ("", "blue", "red"))

    def values(self) -> dict[str, Any]:
        chosen = self._world.dice.subset(FIELDS, 0.4) or (self._world.dice.choice(FIELDS),)
        return {name: self.value(name) for name in chosen}

    # Here

    def rows(self, *, deleted: bool = False) -> list[tuple[str, dict[str, Any]]]:
        """(id, values) of the records here, in the order of their ids."""
        found = selectors.iterate(TASK, str(self._world.organization.pk), FIELDS, limit=1000)
        return [(row.id, dict(zip(FIELDS, row.values, strict=True))) for row in found if row.deleted is deleted]

    def assigned(self) -> dict[str, str | None]:
        """Living record here -> who it is given to."""
        found = selectors.iterate(TASK, str(self._world.organization.pk), ("assignedToId",), limit=1000)
        return {row.id: row.values[0] for row in found if not row.deleted}

    def create_here(self) -> str:
        values = {"title": self.value("title"), **self.values()}
        return self.make_here(values)

    def make_here(self, values: dict[str, Any]) -> str:
        world, record_id = self._world, self._world.ids.new()
        organization = str(world.organization.pk)
        services.create(TASK, organization, values, PERSON, record_id=record_id, now=world.clock.now())
        world.ledger.births += 1
        world.note(f"here: new {values}")
        for name, value in values.items():
            world.ledger.wrote(HERE, record_id, name, None, value, first=True)
        return record_id

    def edit_here(self, row: tuple[str, dict[str, Any]] | None = None, values: dict[str, Any] | None = None) -> None:
        rows = self.rows()
        if not rows:
            return
        record_id, seen = row or self._world.dice.choice(rows)
        values = values or self.values()
        self._write_here(record_id, values)
        self._world.note(f"here: {seen['title']} becomes {values}")
        for name, value in values.items():
            self._world.ledger.wrote(HERE, record_id, name, seen[name], value)

    def _write_here(self, record_id: str, values: dict[str, Any]) -> None:
        organization = str(self._world.organization.pk)
        services.update(TASK, organization, record_id, values, PERSON, now=self._world.clock.now())

    def delete_here(self, row: tuple[str, dict[str, Any]] | None = None) -> None:
        rows = self.rows()
        if not rows:
            return
        record_id, seen = row or self._world.dice.choice(rows)
        services.delete(TASK, str(self._world.organization.pk), record_id, PERSON, now=self._world.clock.now())
        self._world.note(f"here: {seen['title']} deleted")
        self._world.ledger.erased(HERE, record_id, seen)

    def restore_here(self) -> None:
        rows = self.rows(deleted=True)
        if rows:
            record_id, seen = self._world.dice.choice(rows)
            services.restore(TASK, str(self._world.organization.pk), record_id, PERSON, now=self._world.clock.now())
            self._world.note(f"here: {seen['title']} restored")

    # There

    def create_there(self, desk: Desk | None = None, values: dict[str, Any] | None = None) -> str:
        world = self._world
        desk = desk or world.dice.choice(world.desks)
        values = values or {"title": self.value("title"), **self.values()}
        fields = {**desk.site.blank(), **desk.typed(values)}
        gid = desk.twin.hand_create("tasks", fields).id
        world.ledger.births += 1
        world.note(f"desk {desk.number}: new {fields}")
        for name in values:
            world.ledger.wrote(desk.number, gid, name, None, fields[desk.site.fields[name]], first=True)
        return gid

    def edit_there(
        self, desk: Desk | None = None, gid: str | None = None, values: dict[str, Any] | None = None
    ) -> None:
        world = self._world
        desk = desk or world.dice.choice(world.desks)
        live = desk.live()
        if not live:
            return
        entry = desk.twin.found("tasks", gid) if gid else world.dice.choice(live)
        values = values or self.values()
        fields, seen = desk.typed(values), desk.values(entry)
        desk.twin.hand_update("tasks", entry.id, fields)
        world.note(f"desk {desk.number}: {entry.id} becomes {fields}")
        for name in values:
            world.ledger.wrote(desk.number, entry.id, name, seen[name], fields[desk.site.fields[name]])

    def delete_there(self, desk: Desk | None = None, gid: str | None = None) -> None:
        world = self._world
        desk = desk or world.dice.choice(world.desks)
        live = desk.live()
        if not live:
            return
        entry = desk.twin.found("tasks", gid) if gid else world.dice.choice(live)
        world.ledger.erased(desk.number, entry.id, desk.values(entry))
        desk.twin.hand_delete("tasks", entry.id)
        world.note(f"desk {desk.number}: {entry.id} deleted")

    def restore_there(self) -> None:
        desk = self._world.dice.choice(self._world.desks)
        if trashed := desk.trashed():
            entry = self._world.dice.choice(trashed)
            desk.restore(entry)
            # Restored here before, it was made anew there: whoever restores the old one, too, makes a second.
            linked = IntegrationMapping.objects.filter(integration=desk.integration, external_id=entry.id)
            self._world.ledger.births += not linked.exists()
            self._world.note(f"desk {desk.number}: {entry.id} restored")

    def comment_there(self) -> None:
        desk = self._world.dice.choice(self._world.desks)
        if live := desk.live():
            desk.comment(self._world.dice.choice(live))

    # Who works there

    def person_joins(self) -> None:
        """Somebody joins on one side, on both, or twice here under one address; some who are on one side join the
        other later."""
        world = self._world
        if world.ledger.joined and world.dice.chance(0.3):
            self._joins_there(1 + world.dice.below(world.ledger.joined))
            return
        world.ledger.joined += 1
        email = f"p{world.ledger.joined}@example.com"
        here = world.dice.weighted([(0, 2.0), (1, 3.0), (2, 1.5)])
        for _ in range(here):
            services.create(
                MEMBER,
                str(world.organization.pk),
                {"name": f"Person {world.ledger.joined}", "email": email},
                PERSON,
                record_id=world.ids.new(),
                now=world.clock.now(),
            )
        world.note(f"{email} joins, {here} times here")
        if world.dice.chance(0.6) or not here:
            self._joins_there(world.ledger.joined)

    def _joins_there(self, number: int) -> None:
        desk, email = self._world.dice.choice(self._world.desks), f"p{number}@example.com"
        if all(user.fields["email"] != email for user in desk.twin.store.live(desk.site.people)):
            desk.twin.hand_create(desk.site.people, {"name": f"Person {number}", "email": email})
            self._world.note(f"desk {desk.number}: {email} joins")

    def assign(self) -> None:
        """A task is given to somebody, on either side."""
        world = self._world
        desk = world.dice.choice(world.desks)
        if world.dice.chance(0.5):
            found = selectors.iterate(MEMBER, str(world.organization.pk), ("name",), limit=1000)
            members, rows = [one for one in found if not one.deleted], self.rows()
            if members and rows:
                self._write_here(world.dice.choice(rows)[0], {"assignedToId": world.dice.choice(members).id})
                world.note("here: assigned")
        elif (live := desk.live()) and (users := desk.twin.store.live(desk.site.people)):
            user = world.dice.choice(users)
            desk.twin.hand_update("tasks", world.dice.choice(live).id, {"assignee": user.id})
            world.note("there: assigned")
