"""One simulated world: an organization, its desks, the people, and the engine that is driven through it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

from conflicts.models import ConflictResolution
from connectors.base.errors import ConnectorError
from connectors.base.sandbox.faults import Fault
from connectors.base.sandbox.ports import SeededIds
from integrations.enums import JobType
from integrations.models import JobExecution
from records.models import Organization
from sync_engine.inward import reader
from sync_engine.outward import outbox
from sync_engine.ports import bound
from sync_engine.review import decisions
from sync_engine.running import leases, relay, runs
from sync_engine.running.stint import Stint
from sync_engine.simulation import database
from sync_engine.simulation.chance import Dice, VirtualClock
from sync_engine.simulation.database import Crash
from sync_engine.simulation.desks import Desk
from sync_engine.simulation.ledger import Ledger
from sync_engine.simulation.people import People
from sync_engine.simulation.profile import FAULTS, Profile
from sync_engine.undo import rollback

T = TypeVar("T")
_BETWEEN_EFFECTS = ("sql", "look", "call", "answer")
"""Ticks at statements and calls; every other one is an effect boundary of the engine."""


class Broken(AssertionError):
    """A law does not hold. `law` is its name; the message says what was found."""

    def __init__(self, law: str, found: str) -> None:
        super().__init__(f"{law}: {found}")
        self.law = law


class World:
    """Everything of one seed. Use as a context manager: inside it the engine's ports are this world's.

    trace    what happened, line by line; the same seed gives the same lines
    counts   how often each step was taken, each fault fired, each law was checked
    """

    def __init__(self, seed: int, profile: Profile) -> None:
        self.seed, self.profile = seed, profile
        self.dice = Dice(seed)
        self.clock = VirtualClock()
        self.ids = SeededIds(seed)
        self.ledger = Ledger()
        self.trace: list[str] = []
        self.counts: Counter[str] = Counter()
        self.judged: Counter[int] = Counter()
        self.plans: list[tuple[Desk, str]] = []
        self.crash_in: int | None = None
        self.at_effects = False
        self.visits = 0
        self.visiting = False
        self.open_desks: list[Desk] = []
        self.dead = False
        self.ticks = 0
        self._stack = ExitStack()
        self.desks = [Desk(n, seed, self.clock, self.tick, self.note, profile.api_of(n)) for n in range(profile.desks)]
        self.people = People(self)

    def __enter__(self) -> World:
        database.wipe()
        self._stack.enter_context(
            bound(clock=self.clock, ids=self.ids, rng=Dice(self.seed + 1), effect=self.tick, threads=False)
        )
        self._stack.enter_context(small_batches(self.profile.page_size))
        self.organization = Organization.objects.create(
            id=self.ids.new(), name="Org", slug=f"org-{self.seed}", created_at=self.clock.now()
        )
        self.open()
        self.people.settle_in()
        for kind in self.profile.faults:
            self.spoil(kind)
        sides = [str(self.profile.api_of(desk.number) or "Asana") for desk in self.desks]
        self.counts[f"world {' and '.join(side.partition(',')[0] for side in sides)}"] += 1
        self.note(f"desks: {' and '.join(sides)}")
        rest = f"here {self.profile.on_local_delete}, there {self.profile.on_external_delete}"
        self.note(f"{self.profile.strategy}, deletes {rest}, faults {self.profile.faults}")
        return self

    def __exit__(self, *_: Any) -> None:
        self._stack.close()

    def open(self) -> None:
        """Connects what this organization works with."""
        for desk in self.desks:
            desk.open(self.organization, self.profile)

    def note(self, line: str) -> None:
        self.trace.append(f"{self.clock.monotonic():.0f} {line}")

    def spoil(self, kind: str, times: int | None = None) -> None:
        """Lets a fault strike at every desk from now on."""
        probability, params = FAULTS[kind]
        for desk in self.desks:
            desk.twin.faults.add(Fault(kind, times=times, probability=probability, params=params))

    # Ticks: places at which a worker may die and people may come in.

    def tick(self, place: str) -> None:
        """Called at every statement, call, answer and effect boundary of the engine; not at what visitors do."""
        if self.visiting:
            return
        if self.dead:
            raise Crash(place)
        self.ticks += 1
        if self.crash_in is not None and (not self.at_effects or place not in _BETWEEN_EFFECTS):
            self.crash_in -= 1
            if self.crash_in < 0:
                self.dead = True
                self.note(f"crash at {place}")
                raise Crash(place)
        if self.visits and place in ("look", "call", "answer") and self.dice.chance(0.25):
            self.visits -= 1
            self._visit(place)

    def _visit(self, place: str) -> None:
        self.visiting = True
        try:
            # Between a look and a write there, nobody edits there: without conditional writes nothing could tell.
            self.open_desks = [desk for desk in self.desks if place == "look" or desk.site.conditional]
            self.people.drop_in(there=bool(self.open_desks))
        finally:
            self.visiting = False

    def living(
        self, work: Callable[[], T], *, crash_in: int | None = None, at_effects: bool = False, visits: int = 0
    ) -> T | None:
        """Does `work` as a worker that may die after so many ticks (with `at_effects` only those at the engine's
        own boundaries count), while so many visits of people happen. None if it died."""
        self.crash_in, self.visits, self.dead, self.ticks = crash_in, visits, False, 0
        self.at_effects = at_effects
        before = [len(desk.written) for desk in self.desks]
        try:
            with database.watching(self.tick):
                return work()
        except Crash:
            self.counts["crashes"] += 1
            for desk, count in zip(self.desks, before, strict=True):
                desk.unconfirmed.update(task for task, _ in desk.written[count:])
            database.dropped()
            return None
        finally:
            self.crash_in, self.visits, self.dead = None, 0, False

    # The engine.

    def sync(
        self,
        desk: Desk,
        *,
        crash_in: int | None = None,
        at_effects: bool = False,
        visits: int = 0,
        **options: Any,
    ) -> runs.Result | None:
        """A run of one integration."""

        def work() -> runs.Result:
            connector = desk.connect()
            return runs.execute(desk.integration, runs.Options(**options), connector=connector)

        result = self.living(work, crash_in=crash_in, at_effects=at_effects, visits=visits)
        self.counts["runs"] += 1
        if result is not None:
            told = {name: count for name, count in sorted(result.counters.items()) if count}
            self.note(f"run of desk {desk.number} {sorted(options.items())}: {told} {result.error}")
        return result

    def decide(self, case: ConflictResolution, strategy: str, values: dict[str, Any], crash_in: int | None) -> None:
        """A person decides a case."""
        desk = self.desk_of(case.integration_id)

        def work() -> None:
            try:
                decisions.resolve(
                    case, strategy=strategy, values=values, resolved_by="person", connector=desk.connect()
                )
                self.note(f"decided {case.kind} {case.conflicted_fields} {strategy}")
                self.counts["decisions"] += 1
            except (decisions.ConflictMoved, leases.LeaseHeld, ConnectorError) as error:
                self.note(f"not decided: {type(error).__name__}")

        self.living(work, crash_in=crash_in)

    def roll_back(self, run: JobExecution, crash_in: int | None) -> None:
        """A person takes a run back."""
        desk = self.desk_of(run.integration_id)

        def work() -> None:
            try:
                _, done = rollback.roll_back(run, connector=desk.connect())
                self.note(f"rolled back: {[one.action for one in done]}")
                self.counts["rollbacks"] += 1
            except (rollback.CannotRollBack, leases.LeaseHeld, ConnectorError) as error:
                self.note(f"not rolled back: {type(error).__name__}")

        self.living(work, crash_in=crash_in)

    def reap(self) -> None:
        """The reaper marks what died, and what it resumes is run."""
        for run in runs.reap():
            desk = self.desk_of(run.integration_id)
            self.note("resumed a run")
            if run.job_type == JobType.ROLLBACK:
                self.go_on(run)
                continue
            restored = runs.Options.restored(run.options, job_type=run.job_type, cause=run.cause)
            JobExecution.objects.filter(pk=run.pk).update(status="CANCELLED")
            connector = desk.connect()
            self.living(lambda c=connector, d=desk, o=restored: runs.execute(d.integration, o, connector=c))  # type: ignore[misc]

    def go_on(self, undo: JobExecution) -> None:
        """A worker takes up the rollback that another one died at."""
        connector = self.desk_of(undo.integration_id).connect()
        if relay.claim(str(undo.pk), runs.owner()):
            undo.refresh_from_db()
            self.living(lambda: rollback.go_on(undo, connector=connector, stint=Stint()))

    def drain(self) -> None:
        self.living(outbox.distribute)

    def desk_of(self, integration_id: Any) -> Desk:
        return next(desk for desk in self.desks if desk.integration.pk == integration_id)

    def calm(self) -> None:
        """Faults end and time passes: leases run out, delays are over."""
        for desk in self.desks:
            desk.twin.faults.clear()
        self.clock.advance(7200)

    @property
    def mutating(self) -> int:
        return sum(desk.wire.mutating for desk in self.desks)


@contextmanager
def small_batches(size: int) -> Iterator[None]:
    """Pages are put together to few records only, so that checkpoints are met in small worlds."""
    before = reader.BATCH
    reader.BATCH = min(before, size)
    try:
        yield
    finally:
        reader.BATCH = before
