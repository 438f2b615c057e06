"""The console, seen by a steward of one organization, by a stranger of another and by staff without a role."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from records.models import Membership
from sync_engine import tasks
from tests.engine.conftest import scene, server, twin, whole_runs
from tests.engine.scene import Scene
from tests.records.factories import OrganizationFactory

__all__ = ["scene", "server", "twin", "whole_runs"]


def person(name: str, organization: Any, *roles: str) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    Membership.objects.create(user=user, organization=organization)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def steward(scene: Scene) -> Client:
    return person("steward", scene.organization, "WEB_STEWARD")


@pytest.fixture
def stranger(scene: Scene) -> Client:
    return person("stranger", OrganizationFactory(), "BOARD_CHAIR")


@pytest.fixture
def clerk(scene: Scene) -> Client:
    return person("clerk", scene.organization)


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are carried out as soon as they are queued, with arguments that went through JSON."""

    def at_once(args: list[Any], retry: bool = True, **_: Any) -> Any:
        return tasks.sync.apply(args=json.loads(json.dumps(args)), throw=True)

    monkeypatch.setattr(tasks.sync, "apply_async", at_once)
