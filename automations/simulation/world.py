"""One simulated hub: an organization with a board, its jobs on it, its items at Asana, and rules."""

from __future__ import annotations

from typing import Any, cast

from django.db import connection

from automations import acting, reading, services
from automations.models import Rule
from automations.simulation.desks import AsanaDesk, BoardDesk
from automations.simulation.ledger import Ledger
from automations.simulation.people import HubPeople
from automations.simulation.profile import HubProfile
from automations.simulation.rules import DOCUMENTS
from jobs_boards import selectors
from jobs_boards.columns import Spec
from jobs_boards.services import active_jobs_board
from sync_engine.running import schedule
from sync_engine.simulation.desks import Desk
from sync_engine.simulation.world import World
from sync_engine.webhooks import hearing


class HubWorld(World):
    """`asana` and `jobs` are its two integrations, `board` is what lies between them."""

    people: HubPeople  # type: ignore[assignment]
    ledger: Ledger  # type: ignore[assignment]
    profile: HubProfile

    def __init__(self, seed: int, profile: HubProfile) -> None:
        super().__init__(seed, profile)
        self.ledger = Ledger()
        self.people = HubPeople(self)
        self.asana = AsanaDesk(0, seed, self.clock, self.tick, self.note)
        self.jobs = BoardDesk(1, self.clock)
        self.desks = [self.asana]
        self.both: tuple[Desk, ...] = (self.asana, cast("Desk", self.jobs))

    def open(self) -> None:
        self.board = active_jobs_board(self.organization)
        self.asana.open_for(self.board, self.profile)
        self.jobs.open_for(self.board, self.profile)
        for name in self.profile.rules:
            services.create_rule(self.organization, name=name, document=DOCUMENTS[name], max_per_minute=0)
        self.note(f"rules: {', '.join(self.profile.rules)}")

    @property
    def specs(self) -> list[Spec]:
        return selectors.columns_of(self.board.pk)

    def desk_of(self, integration_id: Any) -> Desk:
        return next(desk for desk in self.both if desk.integration.pk == integration_id)

    def tick(self, place: str) -> None:
        """People also come in between two steps of the engine: a board makes no calls at which they could."""
        super().tick(place)
        inside = place in ("sql", "look", "call", "answer") or connection.in_atomic_block
        if self.visits and not inside and self.dice.chance(0.1):
            self.visits -= 1
            self.people.drop_in(there=False)

    # Workers

    def read_rules(self, **how: Any) -> int:
        return self.living(reading.read, **how) or 0

    def act(self, **how: Any) -> int:
        return self.living(acting.act, **how) or 0

    def push(self, **how: Any) -> int:
        """What the drain does: every integration with something due pushes it."""
        due = self._among(self.living(schedule.integrations_with_pending))
        for desk in due:
            self.sync(desk, direction="push", **how)
        return len(due)

    def hear(self, **how: Any) -> int:
        """What a webhook, or an item that changed, wakes."""
        due = self._among(self.living(hearing.integrations_to_hear))
        for desk in due:
            pk, connector = str(desk.integration.pk), desk.connect()
            self.living(lambda pk=pk, to=connector: hearing.hear(pk, connector=to), **how)  # type: ignore[misc]
        return len(due)

    def _among(self, due: list[str] | None) -> list[Desk]:
        """In the order of the desks: ids are not the same in every course of a seed."""
        return [desk for desk in self.both if str(desk.integration.pk) in (due or ())]

    def switch(self) -> None:
        """Somebody switches a rule off, or on again."""
        rule = self.dice.choice(list(Rule.objects.filter(organization=self.organization).order_by("name")))
        services.change_rule(rule, enabled=not rule.enabled)
        self.note(f"rule '{rule.name}' is {'on' if rule.enabled else 'off'}")
