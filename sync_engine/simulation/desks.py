"""The two sides: people here, and people at a desk of a provider (a twin with its integration)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from connectors.asana.sandbox.twin import API_USER, PROJECT, WORKSPACE, AsanaTwin
from connectors.base.http import HttpRequest, HttpResponse
from connectors.base.sandbox.faults import MUTATING
from connectors.base.sandbox.ports import SeededIds, SeededRng
from connectors.base.sandbox.store import Change, Entry
from connectors.base.sandbox.transport import InProcessTransport
from integrations.connect import connect
from integrations.models import Integration
from integrations.services import create_integration, starter_mappings
from records.models import Organization
from sync_engine.simulation.chance import VirtualClock
from sync_engine.simulation.profile import Profile

MEMBERS: dict[str, Any] = {
    "resourceType": "MEMBER",
    "matchKeys": ["email"],
    "externalToInternal": [
        {"externalField": "gid", "internalField": "externalId", "transform": "string", "required": True},
        {"externalField": "name", "internalField": "name", "transform": "string", "required": True},
        {"externalField": "email", "internalField": "email", "transform": "string"},
    ],
}


class Wire:
    """Carries calls to one twin; `tick` hears of each before it goes and after its answer."""

    def __init__(self, twin: AsanaTwin, tick: Callable[[str], None], trace: Callable[[str], None]) -> None:
        self._inner = InProcessTransport(twin)
        self._tick, self._trace = tick, trace
        self.mutating = 0

    def send(self, request: HttpRequest, *, timeout: float) -> HttpResponse:
        writes = request.method in MUTATING and not request.url.partition("?")[0].endswith("/batch")
        self._tick("call" if writes else "look")
        self.mutating += writes
        self._trace(f"{request.method} {request.url.partition('?')[0].partition('/api/1.0')[2]}")
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
    ) -> None:
        self.number = number
        self.clock = clock
        chance = seed * 10 + number
        self.twin = AsanaTwin(clock=clock, ids=SeededIds(chance), rng=SeededRng(chance))
        self.wire = Wire(self.twin, tick, trace)
        self.written: list[tuple[str, str]] = []
        self.unconfirmed: Counter[str] = Counter()
        self.twin.store.listeners.append(self._heard)
        self.integration: Integration

    def _heard(self, change: Change) -> None:
        if change.author == API_USER and change.entry.collection == "tasks":
            self.written.append((change.entry.id, change.action))

    def open(self, organization: Organization, profile: Profile) -> None:
        """Connects the account to the organization."""
        self.page_size = profile.page_size
        self.integration = create_integration(
            organization,
            name=f"Desk {self.number}",
            type="ASANA",
            base_url="http://twin.example/asana/api/1.0",
            auth_type="BEARER_TOKEN",
            credentials={"token": "sandbox-token"},
            data_types=["TASKS", "MEMBERS"],
            mappings={"task": starter_mappings("asana")["task"], "member": MEMBERS},
            settings={"project": PROJECT, "workspace": WORKSPACE, "limits": []},
            conflict_strategy=profile.strategy,
            merge_rules=dict(profile.merge_rules),
            on_external_delete=profile.on_external_delete,
            on_local_delete=profile.on_local_delete,
        )

    def connect(self) -> Any:
        """A connector as a worker builds it at the start of a run."""
        self.integration.refresh_from_db()
        connector: Any = connect(self.integration, clock=self.clock, transport=self.wire)
        # As an OAuth app, which may set the marker by which a create with an unknown outcome is surely found.
        context = replace(connector.context, auth_type="OAUTH2", token=lambda _stale: "sandbox-token")
        connector = type(connector)(context)
        connector.resources = tuple(replace(one, page_size=self.page_size) for one in connector.resources)
        return connector

    # What a person sees and does there.

    def live(self) -> list[Entry]:
        return self.twin.store.live("tasks")

    def trashed(self) -> list[Entry]:
        return [entry for entry in self.twin.store.all("tasks") if entry.deleted]

    def get(self, gid: str) -> Entry | None:
        return self.twin.store.get("tasks", gid)

    def restore(self, entry: Entry) -> None:
        self.twin.store.restore(entry, author="person")
        self.twin.listings.forget()
