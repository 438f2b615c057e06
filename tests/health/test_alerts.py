"""R1's alert rules: what opens an alert, who is told and how often, what ends it."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.alerts.defaults import DEFAULTS
from integrations.alerts.services import NotOpen, acknowledge
from integrations.health import check, check_all
from integrations.models import Alert, AlertRule, Integration, JobExecution, Notification
from integrations.tasks import check_one
from sync_engine.upkeep.pruning import prune
from tests.health.conftest import Clock, person
from tests.health.factories import BrokenRunFactory, ConflictFactory, IntegrationFactory, RunFactory, ago

pytestmark = pytest.mark.django_db
DOWN, STOPPED, LAG, CONFLICTS, ERRORS = (
    "Integration Down",
    "Integration Stopped",
    "Sync Lag",
    "Many Pending Conflicts",
    "High Error Rate",
)


@pytest.fixture
def integration() -> Integration:
    made: Integration = IntegrationFactory(name="Main Asana Workspace")
    return made


@pytest.fixture
def dana(integration: Integration) -> Any:
    return person(integration.organization, "dana")


def unresolved() -> list[str]:
    return sorted(Alert.objects.exclude(status="RESOLVED").values_list("name", flat=True))


def fail(integration: Integration, times: int, at: Any = None) -> None:
    BrokenRunFactory.create_batch(times, integration=integration, started_at=at or ago(minutes=2))


def test_every_organization_has_the_rules_of_r1(integration: Integration) -> None:
    found = AlertRule.objects.filter(organization=integration.organization)
    shown = {
        one.name: (
            one.metric,
            one.operator,
            one.threshold,
            one.window_minutes,
            one.frequency,
            one.severity,
            one.cooldown,
        )
        for one in found
    }
    assert shown[ERRORS] == ("errorRate", ">", 10, 60, "", "WARNING", 60)
    assert shown[DOWN] == ("consecutiveFailures", ">=", 3, None, "", "CRITICAL", 30)
    assert shown[LAG] == ("lastSyncAge", ">", 120, None, "HOURLY", "WARNING", 120)
    assert shown[CONFLICTS] == ("pendingConflicts", ">", 10, None, "", "INFO", 180)
    channels = {one.name: one.channels for one in found}
    assert channels[ERRORS] == ["email", "dashboard"]
    assert channels[DOWN] == ["email", "slack", "dashboard"]
    assert channels[LAG] == channels[CONFLICTS] == ["dashboard"]
    assert len(found) == len(DEFAULTS) == 5


def test_where_all_is_well_there_is_no_alert(integration: Integration, clock: Clock) -> None:
    RunFactory(integration=integration)
    check_all(clock.now())
    assert not Alert.objects.exists()


@pytest.mark.parametrize(("failures", "alerts"), [(2, []), (3, [DOWN])])
def test_three_failures_in_a_row_are_an_integration_that_is_down(
    integration: Integration, clock: Clock, failures: int, alerts: list[str]
) -> None:
    AlertRule.objects.exclude(name=DOWN).update(enabled=False)
    fail(integration, failures)
    check_all(clock.now())
    assert unresolved() == alerts


@pytest.mark.parametrize(("refused", "alerts"), [(10, []), (11, [ERRORS])])
def test_more_than_a_tenth_of_errors(integration: Integration, clock: Clock, refused: int, alerts: list[str]) -> None:
    RunFactory(integration=integration, total_records=99, error_count=refused)
    check_all(clock.now())
    assert unresolved() == alerts


@pytest.mark.parametrize(
    ("minutes", "frequency", "alerts"), [(120, "HOURLY", []), (121, "HOURLY", [LAG]), (999, "DAILY", [])]
)
def test_an_hourly_integration_that_lags(
    integration: Integration, clock: Clock, minutes: int, frequency: str, alerts: list[str]
) -> None:
    Integration.objects.update(last_success_at=ago(minutes=minutes), sync_frequency=frequency)
    check_all(clock.now())
    assert unresolved() == alerts


@pytest.mark.parametrize(("number", "alerts"), [(10, []), (11, [CONFLICTS])])
def test_many_conflicts(integration: Integration, clock: Clock, number: int, alerts: list[str]) -> None:
    ConflictFactory.create_batch(number, integration=integration)
    check_all(clock.now())
    assert unresolved() == alerts


def test_a_refusal_that_no_retry_mends_is_told_at_the_first_failure(
    integration: Integration, dana: Any, clock: Clock
) -> None:
    Integration.objects.update(status="ERROR")
    fail(integration, 1)
    check_all(clock.now())
    assert STOPPED in unresolved()
    assert Notification.objects.filter(alert__name=STOPPED, recipient="dana@example.org").count() == 1


def test_an_alert_resolves_when_its_condition_ends(integration: Integration, dana: Any, clock: Clock) -> None:
    fail(integration, 3)
    check_all(clock.now())
    assert unresolved() == [ERRORS, DOWN]
    RunFactory.create_batch(9, integration=integration, started_at=clock.now())
    check_all(clock.pass_by(minutes=5))
    assert DOWN not in unresolved()
    alert = Alert.objects.get(name=DOWN)
    assert (alert.status, alert.resolved_at, alert.value) == ("RESOLVED", clock.now(), 0)
    told = alert.notifications.order_by("id").values_list("subject", flat=True)
    assert list(told) == [
        "[Lockstep] Integration Alert: Main Asana Workspace - CRITICAL",
        "[Lockstep] Integration Alert: Main Asana Workspace - CRITICAL - resolved",
    ]


def test_it_is_told_again_after_the_cooldown_and_not_before(integration: Integration, dana: Any, clock: Clock) -> None:
    fail(integration, 3)
    told = []
    for _ in range(14):  # 0 to 65 minutes; cooldown 30
        check_all(clock.now())
        told.append(Notification.objects.filter(alert__name=DOWN).count())
        clock.pass_by(minutes=5)
    assert told == [1] * 6 + [2] * 6 + [3] * 2
    assert Alert.objects.filter(name=DOWN).count() == 1


def test_an_alert_that_comes_and_goes_is_told_once_per_cooldown(
    integration: Integration, dana: Any, clock: Clock
) -> None:
    AlertRule.objects.exclude(name=DOWN).update(enabled=False)
    for _ in range(3):
        fail(integration, 3, at=clock.now())
        check_all(clock.pass_by(minutes=2))
        RunFactory(integration=integration, started_at=clock.now())
        check_all(clock.pass_by(minutes=2))
    assert Alert.objects.filter(status="RESOLVED").count() == 3
    subjects = list(Notification.objects.order_by("id").values_list("subject", flat=True))
    assert [subject.endswith("resolved") for subject in subjects] == [False, True]


def test_an_acknowledged_alert_is_quiet_and_resolves_all_the_same(
    integration: Integration, dana: Any, clock: Clock
) -> None:
    fail(integration, 3)
    check_all(clock.now())
    alert = acknowledge(Alert.objects.get(name=DOWN), "dana", clock.now())
    assert (alert.status, alert.acknowledged_by) == ("ACKNOWLEDGED", "dana")
    check_all(clock.pass_by(hours=2))
    assert alert.notifications.count() == 1
    RunFactory(integration=integration, started_at=clock.now())
    check_all(clock.pass_by(minutes=5))
    alert.refresh_from_db()
    assert alert.status == "RESOLVED"
    with pytest.raises(NotOpen):
        acknowledge(alert, "dana", clock.now())


@pytest.mark.parametrize("change", [{"status": "PAUSED"}, {"sync_frequency": "MANUAL"}])
def test_what_is_not_expected_to_sync_does_not_lag(
    integration: Integration, clock: Clock, change: dict[str, str]
) -> None:
    Integration.objects.update(last_success_at=ago(days=1))
    check_all(clock.now())
    assert unresolved() == [LAG]
    Integration.objects.update(**change)
    check_all(clock.pass_by(minutes=5))
    assert unresolved() == []


@pytest.mark.parametrize("end", ["switched off", "deleted"])
def test_a_rule_that_is_gone_leaves_no_alert_open(integration: Integration, clock: Clock, end: str) -> None:
    ConflictFactory.create_batch(11, integration=integration)
    check_all(clock.now())
    rules = AlertRule.objects.filter(name=CONFLICTS)
    rules.update(enabled=False) if end == "switched off" else rules.delete()
    check_all(clock.pass_by(minutes=5))
    assert unresolved() == []
    assert Alert.objects.get().name == CONFLICTS


def test_while_a_sync_is_under_way_a_lag_neither_opens_nor_ends(integration: Integration, clock: Clock) -> None:
    Integration.objects.update(last_success_at=ago(days=1))
    RunFactory(integration=integration, status="RUNNING", lease_until=None)
    check_all(clock.now())
    assert unresolved() == []
    JobExecution.objects.update(status="CANCELLED")
    check_all(clock.now())
    assert unresolved() == [LAG]
    JobExecution.objects.update(status="RUNNING")
    check_all(clock.now())
    assert unresolved() == [LAG]


def test_a_changed_rule_counts_from_the_next_look(integration: Integration, clock: Clock) -> None:
    ConflictFactory.create_batch(2, integration=integration)
    AlertRule.objects.filter(name=CONFLICTS).update(threshold=1, severity="CRITICAL", name="Some Conflicts")
    check(integration, clock.now())
    alert = Alert.objects.get()
    assert (alert.name, alert.severity, alert.threshold, alert.value) == ("Some Conflicts", "CRITICAL", 1, 2)


def test_rules_of_ones_own_look_at_other_metrics(integration: Integration, clock: Clock) -> None:
    RunFactory(integration=integration)
    for metric, operator, threshold, hit in (
        ("responseTime", ">", 199, True),
        ("responseTime", ">", 200, False),
        ("healthScore", "<", 100, False),
        ("healthScore", "<=", 100, True),
        ("successRate", "<", 100, False),
    ):
        AlertRule.objects.create(
            organization=integration.organization,
            name=f"{metric} {operator} {threshold} {hit}",
            metric=metric,
            operator=operator,
            threshold=threshold,
            channels=["dashboard"],
        )
    check(integration, clock.now())
    assert {alert.name.split()[-1] for alert in Alert.objects.all()} == {"True"}
    assert Alert.objects.count() == 2


def test_only_those_in_charge_are_told(integration: Integration, clock: Clock) -> None:
    mine = integration.organization
    person(mine, "steward")
    person(mine, "chair", role="BOARD_CHAIR")
    person(mine, "member", role="")
    person(mine, "gone", is_active=False)
    person(IntegrationFactory().organization, "stranger")
    Integration.objects.filter(pk=integration.pk).update(status="ERROR")
    check_all(clock.now())
    told = Notification.objects.filter(channel="email").values_list("recipient", flat=True)
    assert sorted(told) == ["chair@example.org", "steward@example.org"]


def test_what_is_for_the_dashboard_alone_sends_nothing(integration: Integration, dana: Any, clock: Clock) -> None:
    ConflictFactory.create_batch(11, integration=integration)
    check_all(clock.now())
    assert unresolved() == [CONFLICTS]
    assert not Notification.objects.exists()


def test_old_alerts_go_with_their_messages_and_open_ones_stay(
    integration: Integration, dana: Any, clock: Clock
) -> None:
    fail(integration, 3)
    check_all(clock.now())
    RunFactory.create_batch(99, integration=integration, started_at=clock.now())
    ConflictFactory.create_batch(11, integration=integration)
    check_all(clock.pass_by(minutes=5))
    Notification.objects.filter(alert__name=DOWN).update(status="SENT")
    gone = prune(clock.pass_by(days=90))
    assert (gone["resolved alerts"], gone["messages"], gone["health snapshots"]) == (1, 2, 2)
    assert DOWN not in Alert.objects.values_list("name", flat=True)
    assert CONFLICTS in unresolved()


def test_a_worker_hears_at_once_of_an_integration_that_was_stopped(
    integration: Integration, dana: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUSH_IN_REAL_TIME = True
    monkeypatch.setattr(check_one, "apply_async", lambda args, retry: check_one(*args))
    integration.status = "PAUSED"
    integration.save()
    assert not Alert.objects.exists()
    integration.status = "ERROR"
    integration.save()
    assert STOPPED in unresolved()
    assert Notification.objects.filter(alert__name=STOPPED).count() == 1
