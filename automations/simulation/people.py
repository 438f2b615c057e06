"""People of a hub: they edit, make and delete jobs, items and tasks, and the ledger remembers what they wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from django.db import connection

from automations.simulation.ledger import CLOSED, ITEM, JOB, NAMES, OPEN, TASK
from jobs_boards import selectors as boards
from jobs_boards.models import Item, Job
from jobs_boards.services import create_item, update_item
from records import catalog, services
from records.models import LocalChange
from records.origins import Origin

if TYPE_CHECKING:
    from automations.simulation.world import HubWorld

PERSON = Origin("user", "dana", "Dana")
STATUSES = (OPEN, CLOSED, "Pre-Production")
DATES = ("2026-05-01", "2026-06-01", "2026-07-01")
COLUMNS = ("status", "address", "number")
"""Words of an item that are columns of its board; its name is not."""


class HubPeople:
    """Acts for everybody in a hub."""

    def __init__(self, world: HubWorld) -> None:
        self._world = world
        self._serial = 0
        self._read_to = 0

    def settle_in(self) -> None:
        for _ in range(self._world.profile.here):
            self.create_job()
        for _ in range(self._world.profile.there):
            self.create_task()
        self._world.clock.advance(100)

    def drop_in(self, *, there: bool) -> None:
        """Somebody acts while a worker is at it. What is written here needs a moment without a transaction."""
        acts: list[Callable[[], Any]] = [self.create_task]
        if there:
            acts += [self.edit_task, self.edit_task, self.delete_task]
        if not connection.in_atomic_block:
            acts += [self.edit_job, self.edit_job, self.edit_item, self.edit_item, self.create_job]
        self._world.dice.choice(acts)()

    # Values

    def values(self, side: str) -> dict[str, Any]:
        """New values by word, in the form of the side."""
        words = [word for word in NAMES[side] if word != "number"]  # the rules' own
        chosen = self._world.dice.subset(words, 0.4) or (self._world.dice.choice(words),)
        return {word: self._value(side, word) for word in chosen}

    def _value(self, side: str, word: str) -> Any:
        dice = self._world.dice
        if word == "status":
            return dice.chance(0.5) if side == TASK else dice.choice(STATUSES)
        if word == "due":
            return None if dice.chance(0.15) else dice.choice(DATES)
        self._serial += 1
        return f"{word[0]}{self._serial}"

    # What stands on each side, by word

    def jobs(self, *, deleted: bool = False) -> dict[str, dict[str, Any]]:
        found = Job.all_objects.filter(organization=self._world.organization, deleted_at__isnull=not deleted)
        return {
            str(job.pk): {"title": job.title, "status": job.status, "address": job.address_line1, "number": job.number}
            for job in found.order_by("created_at", "id")
        }

    def items(self, *, deleted: bool = False) -> dict[str, dict[str, Any]]:
        found = Item.all_objects.filter(board=self._world.board, deleted_at__isnull=not deleted)
        return {str(item.pk): self._item(item) for item in found.order_by("created_at", "id")}

    def _item(self, item: Item) -> dict[str, Any]:
        held = boards.values_of(item, self._world.specs)
        due = item.date and item.date.isoformat()
        return {"title": item.name, "due": due, **{word: held[word] or "" for word in COLUMNS}}

    def tasks(self) -> dict[str, dict[str, Any]]:
        return {
            entry.id: {word: entry.fields[name] for word, name in NAMES[TASK].items()}
            for entry in self._world.asana.live()
        }

    # Jobs

    def create_job(self) -> None:
        record_id = self._world.ids.new()
        values = {**self.values(JOB), "title": self._value(JOB, "title")}
        services.create(catalog.get("job"), self._pk, _named(JOB, values), PERSON, record_id=record_id, now=self._now)
        self._made(JOB, record_id, values)

    def edit_job(self) -> None:
        if chosen := self._chosen(self.jobs()):
            record_id, seen = chosen
            values = self.values(JOB)
            services.update(catalog.get("job"), self._pk, record_id, _named(JOB, values), PERSON, now=self._now)
            self._wrote(JOB, record_id, seen, values)

    def delete_job(self) -> None:
        if chosen := self._chosen(self.jobs()):
            self._erase("job", JOB, *chosen)

    def restore_job(self) -> None:
        if chosen := self._chosen(self.jobs(deleted=True)):
            services.restore(catalog.get("job"), self._pk, chosen[0], PERSON, now=self._now)
            self._world.note(f"job {chosen[1]['title']} restored")

    # Items

    def create_item(self) -> None:
        record_id = self._world.ids.new()
        values = {**self.values(ITEM), "title": self._value(ITEM, "title")}
        columns = {"due" if word == "due" else word: value for word, value in values.items() if word != "title"}
        create_item(self._world.board, values["title"], columns, PERSON, item_id=record_id, now=self._now)
        self._made(ITEM, record_id, values)

    def edit_item(self) -> None:
        if chosen := self._chosen(self.items()):
            record_id, seen = chosen
            values = self.values(ITEM)
            columns = {word: value for word, value in values.items() if word != "title"}
            update_item(self._pk, record_id, columns, PERSON, name=values.get("title"), now=self._now)
            self._wrote(ITEM, record_id, seen, values)

    def delete_item(self) -> None:
        if chosen := self._chosen(self.items()):
            self._erase("item", ITEM, *chosen)

    # Tasks

    def create_task(self) -> None:
        values = {**self.values(TASK), "title": self._value(TASK, "title")}
        gid = self._world.asana.twin.hand_create("tasks", _named(TASK, values)).id
        self._made(TASK, gid, values)

    def edit_task(self) -> None:
        if chosen := self._chosen(self.tasks()):
            gid, seen = chosen
            values = self.values(TASK)
            self._world.asana.twin.hand_update("tasks", gid, _named(TASK, values))
            self._wrote(TASK, gid, seen, values)

    def delete_task(self) -> None:
        if chosen := self._chosen(self.tasks()):
            gid, seen = chosen
            self.rules_wrote()
            self._world.asana.twin.hand_delete("tasks", gid)
            self._world.ledger.erased(TASK, gid, seen)
            self._world.note(f"task {seen['title']} deleted")

    # The ledger

    def rules_wrote(self) -> None:
        """Takes into the ledger what rules have written since it was asked last."""
        changes = LocalChange.objects.filter(
            organization_id=self._world.organization.pk, origin_kind="automation", pk__gt=self._read_to
        )
        for change in changes.order_by("pk"):
            self._read_to = change.pk
            before, after = (change.details or {}).get("before", {}), (change.details or {}).get("after", {})
            self._world.ledger.wrote(
                change.resource_type,
                str(change.record_id),
                {word: (before.get(name), value) for word, name, value in _known(change.resource_type, after)},
                by_rule=True,
            )
            self._world.note(f"rule '{change.actor}': {change.resource_type} becomes {after}")

    def _made(self, side: str, record: str, values: dict[str, Any]) -> None:
        self.rules_wrote()
        self._world.ledger.births[side] += 1
        self._world.ledger.wrote(side, record, {word: (None, value) for word, value in values.items()})
        self._world.note(f"{side} {values['title']} made: {values}")

    def _wrote(self, side: str, record: str, seen: dict[str, Any], values: dict[str, Any]) -> None:
        self.rules_wrote()
        self._world.ledger.wrote(side, record, {word: (seen[word], value) for word, value in values.items()})
        self._world.note(f"{side} {seen['title']} becomes {values}")

    def _erase(self, kind: str, side: str, record: str, seen: dict[str, Any]) -> None:
        self.rules_wrote()
        services.delete(catalog.get(kind), self._pk, record, PERSON, now=self._now)
        self._world.ledger.erased(side, record, seen)
        self._world.note(f"{side} {seen['title']} deleted")

    def _chosen(self, rows: dict[str, dict[str, Any]]) -> tuple[str, dict[str, Any]] | None:
        return self._world.dice.choice(list(rows.items())) if rows else None

    @property
    def _pk(self) -> str:
        return str(self._world.organization.pk)

    @property
    def _now(self) -> Any:
        return self._world.clock.now()


def _named(side: str, values: dict[str, Any]) -> dict[str, Any]:
    return {NAMES[side][word]: value for word, value in values.items()}


def _known(side: str, after: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for word, name in NAMES[side].items():
        if name in after:
            yield word, name, after[name]
