"""News that are no changes of records: conflicts, failed runs, webhooks; and what rules do with integrations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from automations import acting, noting, reading, services, tasks
from automations.models import Notice, Rule, RuleFiring
from connectors.asana.sandbox import AsanaTwin
from connectors.base.sandbox.server import Server, serve
from connectors.generic_rest.sandbox import GenericRestTwin
from integrations.models import JobExecution, PendingChange
from records.models import Contact, Task
from tests.automations.scene import CREATED
from tests.engine.conftest import server, twin, whole_runs
from tests.engine.scene import Scene
from tests.webhooks.scene import Hooked

__all__ = ["server", "twin", "whole_runs"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(whole_runs: None, twin: AsanaTwin, server: Server) -> Scene:
    return Scene(twin, server)


def rule(scene: Any, trigger: dict[str, Any], *actions: dict[str, Any], **changes: Any) -> Rule:
    document = {"trigger": trigger, "conditions": changes.pop("conditions", {}), "actions": list(actions)}
    return services.create_rule(scene.organization, name=f"Rule {trigger['type']}", document=document, **changes)


def note(text: str) -> dict[str, Any]:
    return {"type": "create_record", "resourceType": "contact", "values": {"lastName": text}}


def work() -> None:
    while reading.read() or acting.act():
        continue


def noted() -> list[str]:
    return sorted(Contact.objects.values_list("last_name", flat=True))


def contested(scene: Scene) -> None:
    """Both sides change the title, and a person decides."""
    type(scene.asana).objects.update(conflict_strategy="MANUAL_REVIEW")
    gid = scene.there("Attic")
    scene.sync()
    scene.edit_there(gid, name="Theirs")
    scene.edit_here(Task.objects.get().pk, {"title": "Ours"})
    scene.sync()


def test_a_conflict_is_news(scene: Scene) -> None:
    by_title = {"field": "fields", "operator": "has", "value": "title"}
    rule(scene, {"type": "conflict.opened"}, note("{integrationName}: {fields}"), conditions={"all": [by_title]})
    rule(scene, {"type": "run.failed"}, note("never"))
    contested(scene)
    work()
    assert noted() == ["Asana: title"]
    scene.sync()
    work()
    assert len(noted()) == 1


def test_without_a_reader_nothing_is_noted(scene: Scene) -> None:
    contested(scene)
    assert not Notice.objects.exists()


def test_a_failed_run_is_news_even_if_the_worker_died_before_it_could_say_so(scene: Scene) -> None:
    rule(scene, {"type": "run.failed", "integration": str(scene.asana.pk)}, note("{integrationName} failed"))
    scene.asana.credentials = {"token": "wrong"}
    scene.asana.save()
    scene.sync()
    Notice.objects.all().delete()  # as if it had died
    assert noting.sweep() == 1
    assert noting.sweep() == 0
    work()
    assert noted() == ["Asana failed"]


def test_a_rule_that_starts_a_run_when_one_fails_does_so_once(scene: Scene) -> None:
    failing = rule(scene, {"type": "run.failed"}, {"type": "start_run", "integration": str(scene.asana.pk)})
    scene.asana.credentials = {"token": "wrong"}
    scene.asana.save()
    scene.sync()
    type(scene.asana).objects.update(status="ACTIVE")
    work()
    started = JobExecution.objects.get(cause=f"rule '{failing.name}'")
    assert RuleFiring.objects.get(rule=failing).runs == [started.pk]
    started.status, started.completed_at = "FAILED", started.started_at
    started.save()
    noting.note_failed_run(started)
    work()
    assert RuleFiring.objects.filter(rule=failing).count() == 1  # its own effect is nothing to fire on


def test_a_record_is_sent_to_an_integration(scene: Scene) -> None:
    rule(scene, CREATED, {"type": "push", "integration": str(scene.asana.pk)})
    task = scene.here("Attic")
    work()
    assert str(PendingChange.objects.get().internal_id) == task
    scene.sync()
    assert scene.names_there() == ["Attic"]


def test_sending_to_what_is_paused_waits_there(scene: Scene) -> None:
    sent = rule(scene, CREATED, {"type": "push", "integration": str(scene.asana.pk)})
    type(scene.asana).objects.update(status="PAUSED")
    scene.here("Attic")
    work()
    assert "Resume it" in RuleFiring.objects.get(rule=sent).outcomes[0]["detail"]
    assert PendingChange.objects.count() == 1


def test_records_that_a_sync_pulls_fire_rules(scene: Scene) -> None:
    pulled = {"field": "change.by", "operator": "is", "value": "integration"}
    rule(scene, CREATED, note("{title} from {actor}"), conditions=pulled, max_per_minute=0)
    for number in range(5):
        scene.there(f"task {number}")
    scene.sync()
    work()
    assert noted() == [f"task {number} from Asana" for number in range(5)]


def test_a_webhook_that_came_is_news(whole_runs: None) -> None:
    rest = GenericRestTwin()
    with serve(0, [rest]) as running:
        hooked = Hooked(rest, running)
        assert not hooked.sync().failed
        rule(hooked, {"type": "webhook.received"}, note("{webhookEvent} from {integrationName}"))
        assert hooked.post(hooked.body(hooked.contact())).status_code == 200
        assert hooked.post(hooked.body(hooked.contact()), secret="whsec_wrong").status_code == 401
        noting.sweep()
        work()
        firings = RuleFiring.objects.filter(event="webhook.received")
        assert [firing.status for firing in firings] == ["DONE"]
        assert firings[0].outcomes[0]["detail"].startswith("Created contact")


def at_once(task: Any) -> Any:
    def carried_out(args: Any = (), kwargs: Any = None, **_: Any) -> Any:
        return task.apply(args=json.loads(json.dumps(list(args))), throw=True)

    return carried_out


def test_the_tasks_of_the_workers_do_it_all(scene: Scene, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a change to its effect through Celery's doors, with arguments as JSON carries them."""
    for task in (tasks.act, tasks.deliver, tasks.read):
        monkeypatch.setattr(task, "apply_async", at_once(task))
    rule(scene, CREATED, note("{title}"))
    settings.PUSH_IN_REAL_TIME = True
    monkeypatch.setattr("sync_engine.receivers.push_soon", lambda **_: None)
    scene.here("Attic")
    assert noted() == ["Attic"]
    settings.PUSH_IN_REAL_TIME = False
    scene.here("Roof")
    assert noted() == ["Attic"]
    tasks.tick.apply(throw=True)
    assert noted() == ["Attic", "Roof"]
