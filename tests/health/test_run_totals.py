"""The database adds up what runs come to, whoever writes them and however often they are written."""

from __future__ import annotations

import pytest

from integrations.models import Integration, JobExecution, RunTotals
from tests.health.factories import BrokenRunFactory, IntegrationFactory, RunFactory

pytestmark = pytest.mark.django_db


def totals(one: Integration) -> tuple[int, int, int]:
    found = RunTotals.objects.get(integration=one)
    return found.total, found.good, found.records


def test_ended_runs_are_added_up_and_others_are_not() -> None:
    one = IntegrationFactory()
    RunFactory(integration=one, success_count=7)
    BrokenRunFactory(integration=one, success_count=2)
    for status in ("RUNNING", "PENDING", "CANCELLED", "AWAITING_APPROVAL"):
        RunFactory(integration=one, status=status, success_count=50)
    assert totals(one) == (2, 1, 9)


def test_a_run_counts_from_its_end_on_and_as_it_stands_now() -> None:
    one = IntegrationFactory()
    run = RunFactory(integration=one, status="RUNNING", success_count=3)
    assert not RunTotals.objects.filter(integration=one).exists()
    JobExecution.objects.filter(pk=run.pk).update(status="FAILED")
    assert totals(one) == (1, 0, 3)
    run.status, run.success_count = "COMPLETED", 4
    run.save()
    run.save()
    assert totals(one) == (1, 1, 4)


def test_many_runs_in_one_statement_are_added_up() -> None:
    one, other = IntegrationFactory(), IntegrationFactory()
    runs = RunFactory.build_batch(3, integration=one, success_count=1)
    JobExecution.objects.bulk_create([*runs, RunFactory.build(integration=other, success_count=5)])
    assert (totals(one), totals(other)) == ((3, 3, 3), (1, 1, 5))


def test_totals_go_with_their_integration() -> None:
    one = RunFactory().integration
    one.delete()
    assert not RunTotals.objects.exists()
