"""R4: one call that syncs whatever provider, and what each can do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.base.capabilities import Notifies, Triggers
from connectors.base.connector import Connector
from connectors.base.records import Account
from connectors.base.registry import registry
from integrations.enums import IntegrationStatus
from integrations.models import Integration
from sync_engine.dispatcher import SyncOptions, dispatch_sync, get_sync_capabilities
from tests.engine.scene import Scene


class Pager(Notifies, Connector):
    """Messages alone."""

    key = "pager"
    label = "Pager"

    def test(self) -> Account:
        return Account("1", "")

    def notify(self, recipient: str, text: str, *, key: str) -> str:
        return key


class Flow(Triggers, Connector):
    """Workflows alone."""

    key = "flow_tool"
    label = "Flow"
    told: list[Any] = []  # noqa: RUF012 - what was triggered, emptied by the fixture

    def test(self) -> Account:
        return Account("1", "")

    def trigger(self, event: str, payload: Any, *, key: str) -> None:
        self.told.append((event, payload["itemIds"]))


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_classes", {**registry._classes, "pager": Pager, "flow_tool": Flow})
    Flow.told.clear()


@pytest.fixture
def asked(scene: Scene) -> SyncOptions:
    return SyncOptions(str(scene.organization.pk), "asana")


def test_both_ways(scene: Scene, asked: SyncOptions) -> None:
    scene.there("there")
    scene.here("here")
    result = dispatch_sync(asked)
    assert (result.success, result.synced, result.failed, result.errors) == (True, 2, 0, [])
    assert scene.titles_here() == scene.names_there() == ["here", "there"]
    assert result.details["Asana"]["created"] == 1


def test_pull_only(scene: Scene, asked: SyncOptions) -> None:
    scene.there("there")
    scene.here("here")
    assert dispatch_sync(replace(asked, direction="pull")).synced == 1
    assert scene.names_there() == ["there"]


def test_a_dry_run_says_what_would_be_synced(scene: Scene, asked: SyncOptions) -> None:
    scene.there("there")
    result = dispatch_sync(replace(asked, dry_run=True))
    assert (result.success, result.synced, result.details["Asana"]["planned"]) == (True, 0, 1)
    assert scene.titles_here() == []


def test_items_alone(scene: Scene, asked: SyncOptions) -> None:
    chosen = scene.here("chosen")
    scene.here("other")
    scene.sync(direction="pull")
    assert dispatch_sync(replace(asked, item_ids=(chosen,))).synced == 1
    assert scene.names_there() == ["chosen"]


def test_several_integrations_of_one_provider_are_combined(scene: Scene, asked: SyncOptions) -> None:
    scene.connect("Broken", credentials={"token": "wrong"})
    scene.there("there")
    result = dispatch_sync(asked)
    assert (result.success, result.synced) == (False, 1)
    assert "new credentials" in result.errors[0]
    assert sorted(result.details) == ["Asana", "Broken"]


def test_a_paused_integration_is_an_error(scene: Scene, asked: SyncOptions) -> None:
    Integration.objects.update(status=IntegrationStatus.PAUSED)
    assert dispatch_sync(asked).errors == ["'Asana' is paused. Resume it to sync."]


def test_another_organization_is_not_touched(scene: Scene, asked: SyncOptions) -> None:
    scene.there("there")
    nobody = "00000000-0000-0000-0000-000000000000"
    result = dispatch_sync(replace(asked, organization_id=nobody))
    assert (result.success, result.errors) == (False, ["Asana is not connected. Add an integration with it first."])
    assert scene.titles_here() == []


def test_an_unknown_provider() -> None:
    result = dispatch_sync(SyncOptions("", "pigeon-post"))
    assert result.success is False
    assert result.errors[0].startswith("Sync not implemented for integration: pigeon-post. There are: asana, ")


def test_messages_have_no_sync(others: None) -> None:
    result = dispatch_sync(SyncOptions("", "pager"))
    assert (result.success, result.synced) == (True, 0)
    assert "real-time" in result.details["message"]
    assert get_sync_capabilities("pager").can_sync is False
    assert get_sync_capabilities("pager").sync_types == ()


def test_a_workflow_tool_is_told(others: None, scene: Scene) -> None:
    Integration.objects.update(type="FLOW_TOOL", name="Flow")
    result = dispatch_sync(SyncOptions(scene.organization.pk, "flow-tool", item_ids=("7",)))
    assert (result.success, result.synced) == (True, 1)
    assert Flow.told == [("sync.requested", ["7"])]
    assert get_sync_capabilities("flow-tool").sync_types == ("webhooks",)


def test_what_cannot_be_read_is_not_pulled(others: None) -> None:
    assert dispatch_sync(SyncOptions("", "flow_tool", direction="pull")).errors == [
        "Flow cannot be read, only written. Choose the direction push."
    ]


@pytest.mark.parametrize("spelling", ["asana", "ASANA", "generic-rest", "GENERIC_REST"])
def test_capabilities_come_from_the_classes(spelling: str) -> None:
    found = get_sync_capabilities(spelling)
    assert (found.can_sync, found.supports_direction) == (True, True)
    assert "tasks" in found.sync_types
    assert found.description


def test_an_unknown_provider_can_nothing() -> None:
    found = get_sync_capabilities("pigeon-post")
    assert (found.can_sync, found.sync_types) == (False, ())
    assert "not implemented" in found.description
