"""An organization goes with everything that belongs to it, and nothing of another goes along."""

from __future__ import annotations

import pytest

from integrations.models import Integration, PlanStep, SyncLog
from jobs_boards.models import Item, Job
from records.models import Organization
from sync_engine.upkeep.removal import remove_organization
from tests.engine.scene import Scene
from tests.jobs_boards.scene import Hub
from tests.records.factories import OrganizationFactory


@pytest.mark.django_db
def test_everything_of_an_organization_goes_and_nothing_else(scene: Scene) -> None:
    other = Hub(OrganizationFactory())
    other.job("Attic")
    other.settle()
    scene.there("a task")
    scene.sync(dry_run=True)
    scene.sync()
    remove_organization(str(scene.organization.pk))
    assert list(Organization.objects.all()) == [other.organization]
    assert (Job.objects.count(), Item.objects.count(), SyncLog.objects.count()) == (1, 1, 1)
    assert (Integration.objects.count(), PlanStep.objects.count()) == (1, 0)
