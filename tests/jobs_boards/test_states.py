"""The nine states come with every organization, further ones come by being used, and every change is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from jobs_boards.models import Job, JobStateChange, JobStatus
from jobs_boards.statuses import SEEDS
from records import catalog, services
from records.models import Organization
from records.origins import Origin
from tests.jobs_boards.conftest import PERSON
from tests.jobs_boards.factories import JobFactory
from tests.records.factories import OrganizationFactory


def changes(job: Job) -> list[tuple[str, str]]:
    return [(one.previous_status, one.new_status) for one in JobStateChange.objects.filter(job=job).order_by("id")]


def test_an_organization_begins_with_the_nine_states(organization: Organization) -> None:
    found = JobStatus.objects.filter(organization=organization).order_by("position")
    assert [one.name for one in found] == [seed.name for seed in SEEDS]
    assert [one.name for one in found if one.is_closed] == ["Closed Job"]
    assert JobFactory(organization=organization).status == "Requires Crew Lead"


def test_a_state_that_is_used_is_filed(organization: Organization) -> None:
    JobFactory(organization=organization, status="Waiting for parts")
    JobFactory(organization=organization, status="waiting for parts")
    last = JobStatus.objects.filter(organization=organization).order_by("-position").first()
    assert last is not None
    assert (last.name, last.position) == ("Waiting for parts", len(SEEDS) + 1)
    assert JobStatus.objects.filter(organization=OrganizationFactory()).count() == len(SEEDS)


def test_every_way_of_writing_leaves_its_state_change(organization: Organization) -> None:
    job, job_type, pk = JobFactory(organization=organization), catalog.get("job"), str(organization.pk)
    job.status = "Plans In Progress"
    job.save()
    services.bulk_update(job_type, pk, [(str(job.pk), {"status": "Pending Review"})], origin=PERSON, now=timezone.now())
    Job.objects.filter(pk=job.pk).update(status="Closed Job")
    services.update(job_type, pk, str(job.pk), {"title": "Other"}, PERSON)
    assert changes(job) == [
        ("Requires Crew Lead", "Plans In Progress"),
        ("Plans In Progress", "Pending Review"),
        ("Pending Review", "Closed Job"),
    ]


def test_a_state_change_says_who_made_it(
    organization: Organization, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUSH_IN_REAL_TIME = False
    monkeypatch.setattr(transaction, "on_commit", lambda told, *_, **__: told())
    job = JobFactory(organization=organization)
    robot = Origin("integration", "7", "Attic Tech")
    for origin, status in ((PERSON, "Plans In Progress"), (robot, "Pending Review")):
        services.update(catalog.get("job"), str(organization.pk), str(job.pk), {"status": status}, origin)
    found = JobStateChange.objects.filter(job=job).order_by("id")
    assert [(one.origin_kind, one.actor) for one in found] == [("user", "Dana"), ("integration", "Attic Tech")]


def test_a_name_stands_once(organization: Organization) -> None:
    with pytest.raises(services.InvalidValues, match="is taken"):
        services.create(catalog.get("job_status"), str(organization.pk), {"name": "closed job"}, PERSON)
