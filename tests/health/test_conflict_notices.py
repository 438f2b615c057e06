"""Those in charge are told of conflicts, of any number of them in one message (R1's flow 4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conflicts.models import ConflictResolution
from conflicts.notices import tell_opened
from integrations.alerts.words import Topic
from integrations.models import Integration, Notification
from integrations.notify.delivery import deliver_due
from integrations.notify.optout import Subscription, end
from tests.engine.conftest import scene, server, twin, whole_runs
from tests.engine.scene import Scene
from tests.health.conftest import Clock, Slack, person
from tests.health.factories import NOW, ConflictFactory, IntegrationFactory
from tests.records.factories import TaskFactory

__all__ = ["scene", "server", "twin", "whole_runs"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def integration(settings: Any) -> Integration:
    settings.WEBHOOK_BASE_URL = "https://lockstep.example.org"
    made: Integration = IntegrationFactory(name="Main Asana Workspace")
    person(made.organization, "dana")
    return made


def conflicts(integration: Integration, number: int = 1, at: Any = NOW, **fields: Any) -> list[ConflictResolution]:
    return ConflictFactory.create_batch(number, integration=integration, created_at=at, updated_at=at, **fields)


def test_one_conflict_is_named_with_a_link(integration: Integration, clock: Clock) -> None:
    task = TaskFactory(organization=integration.organization, title="Order <paint>")
    (case,) = conflicts(integration, resource_id=str(task.pk), conflicted_fields=["status", "title"])
    assert tell_opened(clock.pass_by(minutes=1)) == 1
    mail = Notification.objects.get()
    assert mail.subject == "[Lockstep] Sync conflict detected in Task 'Order <paint>'"
    assert "- Task 'Order <paint>' (Main Asana Workspace): status, title" in mail.text
    place = f"https://lockstep.example.org/dashboard/admin/integrations/conflicts/{case.pk}"
    assert f"Decide: {place}\n" in mail.text
    assert f'href="{place}"' in mail.html
    assert "&lt;paint&gt;" in mail.html
    assert (mail.topic, mail.recipient) == (Topic.CONFLICTS, "dana@example.org")


def test_five_hundred_conflicts_are_one_message(integration: Integration, slack: Slack, clock: Clock) -> None:
    other = IntegrationFactory(organization=integration.organization, name="Shop & Co")
    conflicts(integration, 490)
    conflicts(other, 10)
    clock.pass_by(minutes=1)
    with CaptureQueriesContext(connection) as queries:
        assert tell_opened(clock.now()) == 500
    assert len(queries) < 25
    mail, short = Notification.objects.order_by("channel")
    assert mail.subject == short.subject == "[Lockstep] 500 sync conflicts detected"
    assert mail.text.count("/integrations/conflicts/") == 10
    assert "- and 490 more" in mail.text
    assert "Main Asana Workspace: 490\nShop & Co: 10\n" in mail.text
    assert "Decide: https://lockstep.example.org/dashboard/admin/integrations/conflicts\n" in mail.text
    deliver_due(clock.now)
    assert slack.heard == [{"text": short.text}]
    assert "Shop &amp; Co: 10" in short.text


def test_they_are_told_of_once(integration: Integration, clock: Clock) -> None:
    conflicts(integration, 3)
    assert tell_opened(clock.pass_by(minutes=1)) == 3
    assert tell_opened(clock.pass_by(hours=1)) == 0
    assert Notification.objects.count() == 1


def test_while_they_keep_coming_the_message_waits_but_not_for_ever(integration: Integration, clock: Clock) -> None:
    told = []
    for _ in range(11):  # one every 30 seconds
        conflicts(integration, at=clock.now())
        told.append(tell_opened(clock.now()))
        clock.pass_by(seconds=30)
    assert told == [0] * 10 + [11]


def test_a_quarter_of_an_hour_passes_between_messages(integration: Integration, clock: Clock) -> None:
    conflicts(integration)
    assert tell_opened(clock.pass_by(minutes=1)) == 1
    conflicts(integration, 2, at=clock.now())
    assert tell_opened(clock.pass_by(minutes=14)) == 0
    assert tell_opened(clock.pass_by(minutes=1)) == 2


def test_what_was_decided_meanwhile_is_no_news(integration: Integration, clock: Clock) -> None:
    conflicts(integration)
    conflicts(integration, status="AUTO_RESOLVED")
    ConflictResolution.objects.update(status="RESOLVED")
    assert tell_opened(clock.pass_by(minutes=1)) == 0


def test_organizations_are_told_of_their_own(integration: Integration, clock: Clock) -> None:
    other = IntegrationFactory()
    person(other.organization, "robin")
    conflicts(integration, 2)
    conflicts(other, 3)
    assert tell_opened(clock.pass_by(minutes=1)) == 5
    told = dict(Notification.objects.values_list("recipient", "subject"))
    assert told["dana@example.org"].startswith("[Lockstep] 2 ")
    assert told["robin@example.org"].startswith("[Lockstep] 3 ")


def test_who_said_no_to_conflicts_still_hears_of_alerts(integration: Integration, clock: Clock) -> None:
    dana = integration.organization.memberships.get().user
    end(Subscription(dana, Topic.CONFLICTS))
    conflicts(integration)
    tell_opened(clock.pass_by(minutes=1))
    assert not Notification.objects.exists()
    assert Subscription(dana, Topic.ALERTS).active


def test_a_conflict_without_a_record_here_is_named_by_the_one_there(integration: Integration, clock: Clock) -> None:
    conflicts(integration, resource_id="", external_id="gid-7", resource_type="no_such_type", kind="AMBIGUOUS")
    tell_opened(clock.pass_by(minutes=1))
    assert Notification.objects.get().subject == "[Lockstep] Sync conflict detected in no_such_type gid-7"


def test_a_real_conflict_is_told_of(scene: Scene) -> None:
    person(scene.organization, "dana")
    scene.asana.conflict_strategy = "MANUAL_REVIEW"
    scene.asana.save()
    gid = scene.there("a task")
    scene.sync()
    task_id = scene.asana.mappings.get().internal_id
    scene.edit_there(gid, name="theirs")
    scene.edit_here(task_id, {"title": "ours"})
    scene.sync()
    case = ConflictResolution.objects.get(status="PENDING")
    assert tell_opened(case.created_at + timedelta(minutes=1)) == 1
    assert "Task 'ours'" in Notification.objects.get().subject
