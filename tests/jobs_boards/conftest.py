"""An organization with its board, and who writes."""

from __future__ import annotations

import pytest

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
