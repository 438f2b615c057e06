"""The API is asked over HTTP by a steward of an organization that has its Asana twin."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from rest_framework.test import APIClient

from connectors.base.sandbox.server import Server
from records import tokens
from records.models import Membership, Organization
from sync_engine import tasks
from tests.engine.conftest import scene, server, twin, whole_runs
from tests.engine.scene import Scene

__all__ = ["scene", "server", "twin", "whole_runs"]


def steward(organization: Organization | None, name: str = "dana", role: str = "WEB_STEWARD") -> APIClient:
    """A client that speaks with the token of a user of that role."""
    user = User.objects.create_user(name)
    if role:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    if organization is not None:
        Membership.objects.create(user=user, organization=organization)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.issue(user)}")
    return client


@pytest.fixture(autouse=True)
def _no_calls_so_far() -> None:
    cache.clear()


@pytest.fixture
def client(scene: Scene) -> APIClient:
    return steward(scene.organization)


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks are carried out at once, with arguments that went through JSON."""

    def at_once(args: list[Any], retry: bool = True) -> Any:
        return tasks.sync.apply(args=json.loads(json.dumps(args)), throw=True)

    monkeypatch.setattr(tasks.sync, "apply_async", at_once)


@pytest.fixture
def new_integration(server: Server) -> dict[str, Any]:
    """R1's body of POST /api/admin/integrations, pointed at the twin."""
    return {
        "name": "Main Asana Workspace",
        "type": "ASANA",
        "baseUrl": server.url_of("asana"),
        "authType": "BEARER_TOKEN",
        "credentials": {"token": "sandbox-token"},
        "syncDirection": "BIDIRECTIONAL",
        "syncFrequency": "HOURLY",
        "dataTypes": ["TASKS", "MEMBERS"],
        "conflictStrategy": "LATEST_WINS",
    }
