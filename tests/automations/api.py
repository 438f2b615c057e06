"""Clients of the API, for rules and webhooks."""

from __future__ import annotations

from rest_framework.test import APIClient

from tests.api.conftest import steward
from tests.automations.scene import Scene
from tests.records.factories import OrganizationFactory


def of(scene: Scene) -> APIClient:
    """A steward of the scene's organization."""
    return steward(scene.organization)


def stranger() -> APIClient:
    """A steward of another one."""
    return steward(OrganizationFactory(), "stranger")
