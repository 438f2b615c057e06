"""What happens in the demo: first sync by plan, edits on both sides, another sync, and the proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from conflicts.models import ConflictResolution
from connectors.base.capabilities import Pulls
from integrations.connect import connect
from integrations.mapping.sentinels import ABSENT
from integrations.models import Integration, IntegrationMapping, PlanStep, SyncLog
from jobs_boards.services import update_item
from records import catalog, selectors, services
from records.models import Organization
from records.origins import Origin
from sync_engine import build
from sync_engine.demo.hand import Hand
from sync_engine.demo.jobs import COUNT
from sync_engine.ports import ports
from sync_engine.running.runs import Options, Result, execute

COLUMNS = ("created", "pulled", "pushed", "merged", "conflicts", "deleted", "skipped", "api_calls", "seconds")
ANN = Origin("user", "demo", "ann")


@dataclass
class Story:
    """The demo as it goes. `say` prints a line; `rows` is the table; `faults` what the proof found wrong."""

    organization: Organization
    integrations: dict[str, Integration]
    hand: Hand
    contacts: Hand
    say: Callable[[str], None]
    rows: list[tuple[str, Counter[str]]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def organization_id(self) -> str:
        return str(self.organization.pk)

    def first_sync(self) -> None:
        """As a plan, then exactly that plan."""
        for integration in self.integrations.values():
            plan = self._run(f"{integration.name}: plan", integration, Options(dry_run=True))
            steps = Counter(PlanStep.objects.filter(run=plan.run).values_list("resource_type", "action"))
            listed = ", ".join(f"{count} x {action} {kind}" for (kind, action), count in sorted(steps.items()))
            self.say(f"  The plan: {listed}.")
            applied = self._run(f"{integration.name}: first sync", integration, Options(plan=str(plan.run.pk)))
            if applied.counters["stale"]:
                self.faults.append(f"{applied.counters['stale']} planned steps were not applied.")

    def edit_both_sides(self) -> None:
        """A person here and a person there, at the same time."""
        linked = self._links("task")
        self.say("  30 tasks here, 30 others there, 10 the same field, 5 different fields, 3 deletes on each side.")
        self.say("  3 jobs get another address here, and another name on their board.")
        for internal_id, external_id in linked[:30]:
            self._edit_here(internal_id, title=f"Here: task {external_id[-4:]}")
        for _, external_id in linked[30:60]:
            self.hand.edit("tasks", external_id, name=f"There: task {external_id[-4:]}")
        for internal_id, external_id in linked[60:70]:
            self._edit_here(internal_id, title="Decided here")
            self.hand.edit("tasks", external_id, name="Decided there")
        for internal_id, external_id in linked[70:75]:
            self._edit_here(internal_id, title="New title from here")
            self.hand.edit("tasks", external_id, notes="New notes from there")
        for internal_id, external_id in self._links("job", "jobs")[:3]:
            services.update(catalog.get("job"), self.organization_id, internal_id, {"addressLine1": "1 Quay"}, ANN)
            update_item(self.organization_id, external_id, {}, ANN, name=f"Renamed on the board {external_id[-4:]}")
        for internal_id, _ in linked[75:78]:
            services.delete(catalog.get("task"), self.organization_id, internal_id, ANN)
        for _, external_id in linked[78:81]:
            self.hand.delete("tasks", external_id)

    def _edit_here(self, internal_id: str, **values: Any) -> None:
        services.update(catalog.get("task"), self.organization_id, internal_id, values, ANN)

    def _links(self, kind: str, key: str = "asana") -> list[tuple[str, str]]:
        rows = IntegrationMapping.objects.filter(integration=self.integrations[key], resource_type=kind)
        return [
            (str(internal), external)
            for internal, external in rows.order_by("id").values_list("internal_id", "external_id")
        ]

    def sync_again(self, title: str) -> None:
        for integration in self.integrations.values():
            self._run(f"{integration.name}: {title}", integration, Options())

    def prove_quiet(self) -> None:
        """A third sync makes no write, on either side."""
        calls, logs = self.hand.writes(), SyncLog.objects.count()
        self.sync_again("third sync")
        written, logged = self.hand.writes() - calls, SyncLog.objects.count() - logs
        if written or logged:
            self.faults.append(f"The third sync wrote: {written} calls, {logged} log rows.")

    def prove_agreement(self) -> None:
        """Reads both sides, field by field, past the engine."""
        open_cases = set(
            ConflictResolution.objects.filter(
                integration__organization=self.organization, status="PENDING"
            ).values_list("resource_id", flat=True)
        )
        self._expect("open conflicts", len(open_cases), 10)
        self._agree("asana", "task", self.hand.all("tasks"), open_cases, 994)
        self._agree("asana", "member", self.hand.all("users"), set(), 40)
        self._agree("contacts", "contact", self.contacts.all("contacts"), set(), 200)
        self._agree("jobs", "job", self._items(), set(), COUNT)

    def _agree(self, key: str, kind: str, there: dict[str, Any], skipped: set[str], expected: int) -> None:
        integration = self.integrations[key]
        shape = build.shapes(integration, connect(integration, clock=ports().clock), resource_types=(kind,))[0]
        pairs = dict(self._pairs(integration, kind))
        here = selectors.read(shape.sync_type, self.organization_id, list(pairs), shape.names)
        alive = {internal_id: one for internal_id, one in here.items() if not one.deleted}
        self._expect(f"{kind} records here", len(alive), expected)
        self._expect(f"{kind} records there", len(there), expected)
        resolve = {"member": {external: internal for internal, external in self._pairs(integration, "member")}}
        differing = [
            internal_id
            for internal_id, one in alive.items()
            if internal_id not in skipped
            and not _same(self._translated(shape, there, pairs[internal_id], resolve), one.values)
        ]
        self._expect(f"{kind} records that differ", len(differing), 0)

    @staticmethod
    def _translated(shape: Any, there: dict[str, Any], external_id: str, resolve: Any) -> Any:
        fields = there.get(external_id)
        return None if fields is None else shape.mapping.to_local(shape.mapping.read_external(fields), resolve)

    @staticmethod
    def _pairs(integration: Integration, kind: str) -> list[tuple[str, str]]:
        rows = IntegrationMapping.objects.filter(integration=integration, resource_type=kind)
        return [(str(internal), external) for internal, external in rows.values_list("internal_id", "external_id")]

    def _items(self) -> dict[str, Any]:
        """The items of the board, as the connector shows them."""
        connector = connect(self.integrations["jobs"], clock=ports().clock)
        assert isinstance(connector, Pulls)
        pages = connector.pages(connector.resource("job"))
        return {record.id: dict(record.fields) for page in pages for record in page.records}

    def _expect(self, what: str, found: int, expected: int) -> None:
        self.say(f"  {what}: {found}")
        if found != expected:
            self.faults.append(f"{what}: {found}, expected {expected}.")

    def _run(self, title: str, integration: Integration, options: Options) -> Result:
        integration.refresh_from_db()
        result = execute(integration, options)
        counted = Counter(result.counters)
        self.rows.append((title, counted))
        counted["seconds"] = result.run.duration_ms or 0
        if result.failed or result.approvals:
            self.faults.append(f"{title}: {result.error or result.failures or result.approvals}")
        return result

    def table(self) -> str:
        """One line per run."""
        width = max(len(title) for title, _ in self.rows)
        lines = [" " * width + "".join(f"{name.replace('_', ' '):>11}" for name in COLUMNS)]
        for title, counted in self.rows:
            cells = [f"{counted['seconds'] / 1000:.2f}" if n == "seconds" else str(counted[n]) for n in COLUMNS]
            lines.append(title.ljust(width) + "".join(f"{cell:>11}" for cell in cells))
        return "\n".join(lines)


def _same(there: Sequence[Any] | None, here: Sequence[Any]) -> bool:
    """Equal wherever the mapping lets a value in; what only goes out has no value there to compare."""
    return there is not None and all(one is ABSENT or one == other for one, other in zip(there, here, strict=True))
