"""The two sides: people here, and people at a desk of a provider (a twin with its integration)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from connectors.base.http import HttpRequest, HttpResponse
from connectors.base.sandbox.faults import MUTATING
from connectors.base.sandbox.store import Change, Entry
from connectors.base.sandbox.transport import InProcessTransport
from connectors.base.sandbox.twin import Twin
from integrations.connect import connect
from integrations.models import Integration
from integrations.services import create_integration
from records.models import Organization
from sync_engine.simulation.chance import VirtualClock
from sync_engine.simulation.profile import Profile
from sync_engine.simulation.sites import Api, site


class Wire:
    """Carries calls to one twin; `tick` hears of each before it goes and after its answer."""

    def __init__(self, twin: Twin, prefix: str, tick: Callable[[str], None], trace: Callable[[str], None]) -> None:
        self._inner = InProcessTransport(twin)
        self._prefix, self._tick, self._trace = prefix, tick, trace
        self.mutating = 0

    def send(self, request: HttpRequest, *, timeout: float) -> HttpResponse:
        writes = request.method in MUTATING and not request.url.partition("?")[0].endswith("/batch")
        self._tick("call" if writes else "look")
        self.mutating += writes
        self._trace(f"{request.method} {request.url.partition('?')[0].partition(self._prefix)[2]}")
        response = self._inner.send(request, timeout=timeout)
        self._tick("answer")
        return response


class Desk:
    """One provider account. `written` = what the API user changed there, task by task; `unconfirmed` counts those
    of them whose worker died before it could write down what it had done."""

    def __init__(
        self,
        number: int,
        seed: int,
        clock: VirtualClock,
        tick: Callable[[str], None],
        trace: Callable[[str], None],
        api: Api | None = None,
    ) -> None:
        self.number = number
        self.site = site(api)
        self.clock = clock
        chance = seed * 10 + number
        self.twin: Any = self.site.twin(clock, chance)
        self.wire = Wire(self.twin, self.site.prefix, tick, trace)
        self.written: list[tuple[str, str]] = []
        self.unconfirmed: Counter[str] = Counter()
        self.twin.store.listeners.append(self._heard)
        self.integration: Integration

    def _heard(self, change: Change) -> None:
        if change.author == self.site.api_user and change.entry.collection == "tasks":
            self.written.append((change.entry.id, change.action))

    def open(self, organization: Organization, profile: Profile) -> None:
        """Connects the account to the organization."""
        self.page_size = profile.page_size
        self.integration = create_integration(
            organization,
            name=f"Desk {self.number}",
            type=self.site.connector.upper(),
            base_url=f"http://twin.example{self.site.prefix}",
            auth_type="BEARER_TOKEN",
            credentials={"token": "sandbox-token"},
            data_types=["TASKS", "MEMBERS"],
            mappings={"task": self.site.task_mapping(), "member": self.site.member_mapping()},
            settings=self.site.settings(profile.page_size),
            conflict_strategy=profile.strategy,
            merge_rules=dict(profile.merge_rules),
            on_external_delete=profile.on_external_delete,
            on_local_delete=profile.on_local_delete,
        )

    def connect(self) -> Any:
        """A connector as a worker builds it at the start of a run."""
        self.integration.refresh_from_db()
        connector: Any = connect(self.integration, clock=self.clock, transport=self.wire)
        return self.site.ready(connector, self.page_size)

    # What a person sees and does there.

    def live(self) -> list[Entry]:
        return self.twin.store.live("tasks")

    def trashed(self) -> list[Entry]:
        return [entry for entry in self.twin.store.all("tasks") if entry.deleted]

    def values(self, entry: Entry) -> dict[str, Any]:
        """Canonical field -> what stands there, in the provider's form; empty in one way only."""
        found = {name: entry.fields.get(key) for name, key in self.site.fields.items()}
        return {name: value if name == "status" else value or None for name, value in found.items()}

    def get(self, gid: str) -> Entry | None:
        return self.twin.store.get("tasks", gid)

    def typed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values in our form as a person types them there."""
        return {self.site.fields[name]: self.site.typed(name, value) for name, value in values.items()}

    def comment(self, entry: Entry) -> None:
        """Moves the stamp and nothing else."""
        self.twin.store.touch(entry, author="person")

    def restore(self, entry: Entry) -> None:
        self.site.restore(self.twin, entry)
