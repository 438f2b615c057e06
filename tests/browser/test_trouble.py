"""What the console shows when things go wrong: an error, an alert, a conflict, a refused record."""

from __future__ import annotations

from datetime import timedelta

from integrations import health
from integrations.models import Alert, AlertRule, HealthSnapshot
from sync_engine.ports import ports
from tests.browser.desk import Desk
from tests.console.asking import refused


def trouble(desk: Desk) -> None:
    """Two integrations: one with a refused record, a conflict and an alert, one that was stopped by an error."""
    scene = desk.scene
    scene.asana.conflict_strategy = "MANUAL_REVIEW"
    scene.asana.save()
    gid = scene.there("Fix the roof")
    run = scene.sync().run
    scene.edit_there(gid, name="Fix the roof of the barn, before the winter comes and the hay gets wet again")
    scene.edit_here(desk.record("Fix the roof"), {"title": "Fix the roof of the house"})
    scene.here("Call the office")
    scene.twin.faults.add(refused())
    scene.sync()
    broken = scene.connect("Asana of the second branch, which has a rather long name")
    broken.credentials = {"token": "wrong"}
    broken.save()
    scene.sync(broken)
    rule = AlertRule.objects.create(
        organization=scene.organization, name="Many conflicts", metric="pendingConflicts", threshold=0
    )
    Alert.objects.create(
        integration=scene.asana, rule=rule, name=rule.name, severity="CRITICAL", metric=rule.metric, operator=">",
        threshold=0, value=1, opened_at=run.started_at, last_seen_at=run.started_at,
    )  # fmt: skip
    now = ports().clock.now()
    for hours, score in enumerate((60, 75, 90, 80, 100, 95)):
        health.check(scene.asana, now - timedelta(hours=hours))
        newest = HealthSnapshot.objects.latest("pk")
        HealthSnapshot.objects.filter(pk=newest.pk).update(score=score)


def test_the_dashboard_says_what_needs_a_person(desk: Desk) -> None:
    trouble(desk)
    desk.open("dashboard")
    desk.looks_right("dashboard-trouble")
    said = desk.said()
    assert "Many conflicts" in said
    assert "Enter new credentials" in said
    desk.page.locator("#content").get_by_role("button", name="Acknowledge").first.click()
    desk.page.wait_for_load_state()
    assert "dana is at it" in desk.said()


def test_pages_of_an_integration_in_trouble(desk: Desk) -> None:
    trouble(desk)
    desk.open("integration", desk.scene.asana.pk)
    desk.looks_right("integration-trouble")
    desk.open("integration_conflicts", desk.scene.asana.pk)
    desk.looks_right("integration_conflicts-trouble")
    desk.open("explain", "task", desk.record("Call the office"))
    assert "Not today" in desk.said()
    desk.looks_right("explain-refused")
    desk.open("runs")
    desk.page.locator("table.ls-table tbody tr").nth(1).get_by_role("link").click()
    desk.looks_right("run-failures")
