"""Integrations that call nobody, and what they left behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import factory
from factory.django import DjangoModelFactory

from conflicts.models import ConflictResolution
from integrations.models import Integration, JobExecution
from tests.records.factories import OrganizationFactory

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


class IntegrationFactory(DjangoModelFactory[Integration]):
    """Hourly, made a week ago, synced a moment ago."""

    class Meta:
        model = Integration
        skip_postgeneration_save = True

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Integration {n}")
    type = "ASANA"
    base_url = "http://127.0.0.1:9"
    auth_type = "BEARER_TOKEN"
    last_success_at = NOW - timedelta(minutes=5)

    @factory.post_generation
    def made(self, create: bool, extracted: datetime | None, **_: object) -> None:
        """`created_at` is set by the database row's own rule, so it is moved afterwards."""
        Integration.objects.filter(pk=self.pk).update(created_at=extracted or ago(days=7))  # type: ignore[attr-defined]
        self.refresh_from_db()  # type: ignore[attr-defined]


class RunFactory(DjangoModelFactory[JobExecution]):
    """A run of 100 records that went through half an hour ago, 10 calls of 200 ms each."""

    class Meta:
        model = JobExecution

    integration = factory.SubFactory(IntegrationFactory)
    job_type = "SCHEDULED_SYNC"
    status = "COMPLETED"
    started_at = NOW - timedelta(minutes=30)
    completed_at = factory.LazyAttribute(lambda run: run.started_at + timedelta(milliseconds=run.duration_ms or 0))
    duration_ms = 3000
    total_records = 100
    success_count = 100
    counters = factory.LazyFunction(lambda: {"api_calls": 10, "api_ms": 2000})


class BrokenRunFactory(RunFactory):
    """A run that broke off before anything was read."""

    status = "FAILED"
    total_records = 0
    success_count = 0
    error_message = "The provider answered 500."
    counters = factory.LazyFunction(lambda: {"api_calls": 0, "api_ms": 0})


class ConflictFactory(DjangoModelFactory[ConflictResolution]):
    class Meta:
        model = ConflictResolution

    integration = factory.SubFactory(IntegrationFactory)
    resource_type = "task"
    resource_id = factory.Sequence(str)
    conflicted_fields = factory.LazyFunction(lambda: ["title"])
    created_at = NOW - timedelta(minutes=10)
    updated_at = NOW - timedelta(minutes=10)
