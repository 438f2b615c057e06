"""A connector on its twin, as the contract suite exercises it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from connectors.base import registry
from connectors.base.context import Context
from connectors.base.records import ExternalRecord
from connectors.base.resource import Resource
from connectors.base.sandbox.contract import Contract, contract_of
from connectors.base.sandbox.faults import Fault
from connectors.base.sandbox.server import Server
from connectors.base.sandbox.twin import Twin

from .clock import EagerClock

CONTRACTS = {each.key: found for each in registry.all_connectors() if (found := contract_of(each.key))}


def those(capability: type) -> Any:
    """Runs a test for every connector with that capability and a twin."""
    keys = [key for key in CONTRACTS if issubclass(registry.get(key), capability)]
    return pytest.mark.parametrize("bench", keys, indirect=True)


@dataclass
class Bench:
    """One connector, its twin in a clean state, and what its contract says."""

    key: str
    contract: Contract
    twin: Twin
    server: Server
    clock: EagerClock

    def connect(self, credentials: Mapping[str, Any] | None = None, page_size: int = 100) -> Any:
        given = self.contract.credentials if credentials is None else credentials
        settings = self.contract.settings(page_size)
        context = Context(self.server.url_of(self.key), settings, given, self.clock, allow_private=True)
        return registry.get(self.key)(context)

    def resource(self, connector: Any) -> Resource:
        found: Resource = connector.resource(self.contract.resource)
        return found

    def seed(self, count: int) -> list[str]:
        """Ids of records that a person made."""
        made = [self.twin.hand_create(self.contract.collection, self.contract.person(n)).id for n in range(count)]
        self.tick()
        return made

    def tick(self) -> None:
        """So much time that stamps differ."""
        self.clock.sleep(2 * self.twin.resolution.total_seconds() + 0.01)

    def fault(self, kind: str, times: int | None = None, **params: Any) -> None:
        self.twin.faults.add(Fault(kind, ("", ""), times, params=params))

    def listed(self, connector: Any, page_size: int = 100, **options: Any) -> list[list[str]]:
        """Ids, page by page."""
        resource = replace(self.resource(connector), page_size=page_size)
        return [[record.id for record in page.records] for page in connector.pages(resource, **options)]

    def ids(self, connector: Any, page_size: int = 100, **options: Any) -> list[str]:
        return [each for page in self.listed(connector, page_size, **options) for each in page]

    def made(self, connector: Any) -> ExternalRecord:
        """The record that the contract's create makes, under the key `contract-1`."""
        record: ExternalRecord = connector.create(self.resource(connector), self.contract.new, key="contract-1")
        return record


def shown(record: ExternalRecord, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the record holds under the names of `fields`."""
    return {name: record.fields.get(name) for name in fields}
