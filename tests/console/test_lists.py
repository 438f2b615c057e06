"""The list of integrations and the dashboard: what they show, to whom."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from console.words import LABELS
from integrations.enums import AuthenticationType, IntegrationStatus
from integrations.models import Alert, AlertRule, Integration, JobExecution
from records.models import Membership, Organization
from tests.console.asking import opened, pressed
from tests.engine.scene import Scene
from tests.records.factories import OrganizationFactory


def test_filters_narrow_the_list(scene: Scene, steward: Client) -> None:
    scene.connect("Boards of Bergen")
    Integration.objects.filter(name="Asana").update(status=IntegrationStatus.PAUSED)
    assert "Boards of Bergen" in opened(steward, "integrations", search="bergen")
    assert "Boards of Bergen" not in opened(steward, "integrations", status="PAUSED")
    assert "No integration fits these filters" in opened(steward, "integrations", search="nothing like it")


def test_the_dashboard_counts_what_ran_and_leads_to_what_failed(scene: Scene, steward: Client) -> None:
    scene.there("a")
    scene.sync()
    scene.asana.refresh_from_db()
    scene.asana.credentials = {"token": "wrong"}
    scene.asana.save()
    scene.sync()
    page = opened(steward, "dashboard")
    assert "Success, 24 hours 50 %" in page
    assert "Failed, 24 hours 1" in page
    assert "Create here, task" in page


def test_a_plan_that_waits_is_offered(scene: Scene, steward: Client) -> None:
    scene.there("a")
    scene.sync(dry_run=True)
    page = opened(steward, "dashboard")
    assert "Waiting for approval Preview, Asana waits for you" in page
    assert "Look and approve" in page


def test_a_run_under_way_can_be_cancelled_from_the_dashboard(scene: Scene, steward: Client) -> None:
    run = scene.sync().run
    JobExecution.objects.filter(pk=run.pk).update(status="RUNNING", lease_until="2999-01-01T00:00Z", lease_owner="x")
    assert "Cancel" in opened(steward, "dashboard")
    assert "It stops at its next write" in pressed(steward, "cancel_run", run.pk)


def test_who_belongs_to_several_organizations_chooses_one_and_it_stays(scene: Scene, steward: Client) -> None:
    other: Organization = OrganizationFactory(name="Zebra Works")
    Membership.objects.create(user_id=int(steward.session["_auth_user_id"]), organization=other)
    Integration.objects.create(
        organization=other, name="Of the zebras", type="ASANA", base_url="https://example.org",
        auth_type=AuthenticationType.BEARER_TOKEN,
    )  # fmt: skip
    assert "Of the zebras" not in opened(steward, "dashboard")
    assert "Of the zebras" in opened(steward, "dashboard", organization=str(other.pk))
    assert "Of the zebras" in opened(steward, "dashboard")


def test_an_alert_is_shown_and_acknowledged(scene: Scene, steward: Client, stranger: Client) -> None:
    run = scene.sync().run
    rule = AlertRule.objects.create(
        organization=scene.organization, name="Too many conflicts", metric="pendingConflicts", threshold=10
    )
    alert = Alert.objects.create(
        integration=scene.asana, rule=rule, name=rule.name, severity="CRITICAL", metric=rule.metric, operator=">",
        threshold=10, value=12, opened_at=run.started_at, last_seen_at=run.started_at,
    )  # fmt: skip
    assert "Too many conflicts." in opened(steward, "dashboard")
    assert stranger.post(reverse("console:acknowledge_alert", args=[alert.pk])).status_code == 404
    assert "Acknowledged" in pressed(steward, "acknowledge_alert", alert.pk)
    assert "steward is at it" in opened(steward, "dashboard")
    Alert.objects.update(status=Alert.Status.RESOLVED)
    assert "nothing to acknowledge" in pressed(steward, "acknowledge_alert", alert.pk)


def test_a_status_is_called_by_the_word_of_its_own_row(scene: Scene, steward: Client) -> None:
    Integration.objects.update(status=IntegrationStatus.ERROR)
    page = opened(steward, "integrations")
    assert "Error" in page
    assert "Parked with a reason" not in page
    assert (LABELS["FAILED"], LABELS["PENDING"]) == ("Failed", "Pending")
