"""What is counted, out of the rows that runs leave."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.health import check, check_all, gather, latest
from integrations.health.figures import Runs
from integrations.health.history import history, trend
from integrations.models import HealthSnapshot, Integration
from tests.engine.conftest import scene, server, twin, whole_runs
from tests.engine.scene import Scene
from tests.health.factories import NOW, BrokenRunFactory, ConflictFactory, IntegrationFactory, RunFactory, ago

__all__ = ["scene", "server", "twin", "whole_runs"]
pytestmark = pytest.mark.django_db


def test_runs_are_counted_by_their_age() -> None:
    one = IntegrationFactory()
    RunFactory(integration=one, error_count=4, counters={"api_calls": 10, "api_ms": 2000, "pushed": 20})
    RunFactory(integration=one, started_at=ago(hours=5), error_count=1)
    BrokenRunFactory(integration=one, started_at=ago(hours=25))
    BrokenRunFactory(integration=one, started_at=ago(minutes=1), status="CANCELLED")
    RunFactory(integration=one, started_at=ago(minutes=1), status="AWAITING_APPROVAL")
    found = gather([one], NOW)[one.pk]
    assert found.hour == Runs(total=1, failed=0, handled=120, refused=4, calls=10, call_ms=2000)
    assert found.day == Runs(total=2, failed=0, handled=220, refused=5, calls=20, call_ms=4000)


def test_the_time_of_answers_is_measured(scene: Scene) -> None:
    scene.there("a task")
    run = scene.sync().run
    run.refresh_from_db()
    assert run.counters["api_calls"] > 0
    found = gather([scene.asana], run.started_at + timedelta(minutes=1))[scene.asana.pk]
    assert found.day.response_ms == run.counters["api_ms"] / run.counters["api_calls"]
    assert 0 < found.day.response_ms < 30_000


def test_without_a_recent_run_the_last_one_counts() -> None:
    one = IntegrationFactory()
    RunFactory(integration=one, started_at=ago(days=9))
    BrokenRunFactory(integration=one, started_at=ago(days=3))
    found = gather([one], NOW)[one.pk]
    assert found.day == found.hour == Runs(total=1, failed=1)


def test_failures_are_counted_since_the_last_good_run() -> None:
    one, other = IntegrationFactory(), IntegrationFactory()
    for hours in (1, 2, 4):
        BrokenRunFactory(integration=one, started_at=ago(hours=hours))
    RunFactory(integration=one, started_at=ago(hours=3))
    BrokenRunFactory(integration=one, started_at=ago(minutes=1), status="CANCELLED")
    BrokenRunFactory(integration=other)
    found = gather([one, other], NOW)
    assert (found[one.pk].consecutive_failures, found[other.pk].consecutive_failures) == (2, 1)


def test_open_conflicts_and_live_runs_are_seen() -> None:
    one, other = IntegrationFactory(), IntegrationFactory()
    ConflictFactory.create_batch(3, integration=one)
    ConflictFactory(integration=one, status="RESOLVED")
    RunFactory(integration=one, status="RUNNING", lease_until=NOW + timedelta(seconds=60))
    RunFactory(integration=other, status="RUNNING", lease_until=NOW - timedelta(seconds=60))
    found = gather([one, other], NOW)
    assert (found[one.pk].pending_conflicts, found[other.pk].pending_conflicts) == (3, 0)
    assert (found[one.pk].running, found[other.pk].running) == (True, False)


def test_any_number_of_integrations_takes_the_same_queries() -> None:
    counts = []
    organization = RunFactory().integration.organization
    for number in (1, 12):
        while Integration.objects.count() < number:
            RunFactory(integration__organization=organization)
        with CaptureQueriesContext(connection) as queries:
            assert check_all(NOW) == number
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert HealthSnapshot.objects.filter(score=100).count() == 13


def test_the_disabled_are_left_alone_and_the_paused_are_not() -> None:
    IntegrationFactory(status="DISABLED")
    paused = IntegrationFactory(status="PAUSED")
    assert check_all(NOW) == 1
    assert HealthSnapshot.objects.get().integration == paused


def test_what_was_measured_is_shown_until_it_is_measured_again() -> None:
    one = RunFactory().integration
    check(one, NOW)
    BrokenRunFactory.create_batch(9, integration=one, started_at=ago(minutes=2))
    assert latest([one], NOW)[one.pk].score == 100
    assert check(one, NOW + timedelta(minutes=5)).score < 50
    assert latest([one], NOW)[one.pk].status == "UNHEALTHY"


def test_what_was_never_measured_is_measured_for_the_reader() -> None:
    one = RunFactory().integration
    assert latest([one], NOW)[one.pk].score == 100
    assert not HealthSnapshot.objects.exists()


def test_the_history_has_a_point_per_step() -> None:
    one = RunFactory(started_at=ago(hours=23)).integration
    for hours in (3, 2, 1):
        check(one, ago(hours=hours, minutes=1))
    check(one, ago(hours=1, minutes=5))
    BrokenRunFactory.create_batch(3, integration=one, started_at=ago(minutes=20))
    check(one, ago(minutes=10))
    check(one, ago(days=2))
    found = history(one, NOW, timedelta(hours=24), 24)
    assert [point.at for point in found] == [ago(hours=hours) for hours in (4, 3, 2, 1)]
    assert [point.success_rate for point in found] == [100, 100, 100, 25]
    assert (found[-1].error_rate, found[-1].response_time) == (100.0, 200)
    assert trend(found, "success_rate") == -75
    assert trend(found[:1], "success_rate") is None


def test_a_deleted_integration_takes_its_history_along() -> None:
    one = RunFactory().integration
    check(one, NOW)
    Integration.objects.filter(pk=one.pk).delete()
    assert not HealthSnapshot.objects.exists()
