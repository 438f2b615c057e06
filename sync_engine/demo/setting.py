"""The demo's organization, its person, and its integrations."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction

from integrations.models import Integration
from integrations.services import create_integration
from records.models import Membership, Organization
from sync_engine.demo.jobs import stage_jobs
from sync_engine.upkeep.removal import remove_organization

SLUG = "harbour-fitters-demo"
LOGIN, PASSWORD = "demo", "demo"
TOKEN = "sandbox-token"


def stage(sandbox_url: str) -> tuple[Organization, dict[str, Integration]]:
    """A fresh organization: Asana and a generic REST integration, both pointing at the twins, and jobs on a board."""
    _clear()
    with transaction.atomic():
        organization = Organization.objects.create(name="Harbour Fitters (demo)", slug=SLUG)
        _person(organization)
        asana = create_integration(
            organization,
            name="Asana",
            type="ASANA",
            base_url=f"{sandbox_url}/asana/api/1.0",
            auth_type="BEARER_TOKEN",
            credentials={"token": TOKEN},
            data_types=["TASKS", "MEMBERS"],
            settings={"project": _first_project(sandbox_url)},
            conflict_strategy="MANUAL_REVIEW",
            sync_frequency="EVERY_15MIN",
        )
        contacts = create_integration(
            organization,
            name="Contacts (REST)",
            type="GENERIC_REST",
            base_url=f"{sandbox_url}/generic_rest",
            auth_type="BEARER_TOKEN",
            credentials={"token": TOKEN},
            data_types=["CONTACTS"],
            settings={"config": _preset()},
            conflict_strategy="LATEST_WINS",
            sync_frequency="EVERY_15MIN",
        )
        jobs = stage_jobs(organization)
    return organization, {"asana": asana, "contacts": contacts, "jobs": jobs}


def _preset() -> dict[str, Any]:
    from connectors.generic_rest.presets import preset

    config: dict[str, Any] = preset("plain")
    config["resources"] = {"contact": config["resources"]["contact"]}
    return config


def _first_project(sandbox_url: str) -> str:
    from sync_engine.demo.hand import Hand

    return next(iter(Hand(sandbox_url, "asana").all("projects")))


def _person(organization: Organization) -> None:
    users = get_user_model()
    user, _ = users.objects.get_or_create(username=LOGIN, defaults={"is_staff": True, "is_superuser": True})
    user.set_password(PASSWORD)
    user.save()
    steward, _ = Group.objects.get_or_create(name="WEB_STEWARD")
    user.groups.add(steward)
    Membership.objects.create(user=user, organization=organization)


def _clear() -> None:
    """Removes what an earlier demo left, and nothing else: rows of its own organization, its schedule."""
    from django_celery_beat.models import PeriodicTask

    PeriodicTask.objects.filter(name__startswith="Demo: ").delete()
    old = Organization.objects.filter(slug=SLUG).first()
    if old is not None:
        remove_organization(str(old.pk))
