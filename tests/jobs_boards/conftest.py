"""An organization with its board, and who writes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from jobs_boards import services
from jobs_boards.models import Board
from records.models import Organization
from records.origins import Origin
from tests.records.factories import OrganizationFactory

PERSON = Origin("user", "1", "Dana")


@pytest.fixture
def organization(db: None) -> Organization:
    return OrganizationFactory()


@pytest.fixture
def board(organization: Organization) -> Board:
    return services.active_jobs_board(organization, origin=PERSON)


@pytest.fixture
def whole_runs(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs inside the test's own transaction; what waits for a commit is told at once."""
    settings.ALLOW_PRIVATE_HOSTS, settings.PUSH_IN_REAL_TIME = True, False
    monkeypatch.setattr(transaction, "on_commit", lambda told, *_, **__: told())


@pytest.fixture
def hub(whole_runs: None, organization: Organization) -> Any:
    from tests.jobs_boards.scene import Hub

    return Hub(organization)
