"""The console, seen by a steward of one organization and by a stranger of another."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from records.models import Membership
from tests.engine.conftest import scene, server, twin, whole_runs
from tests.engine.scene import Scene
from tests.records.factories import OrganizationFactory

__all__ = ["scene", "server", "twin", "whole_runs"]


def staff(name: str, organization: Any) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label__in=("integrations", "conflicts")))
    Membership.objects.create(user=user, organization=organization)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def steward(scene: Scene) -> Client:
    return staff("steward", scene.organization)


@pytest.fixture
def stranger(scene: Scene) -> Client:
    return staff("stranger", OrganizationFactory())


@pytest.fixture
def root(scene: Scene) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client
