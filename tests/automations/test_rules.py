"""From a change to what a rule does about it: once, by its conditions, bounded."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from automations import reading, services
from automations.errors import DocumentError
from automations.models import Rule, RuleFiring, RuleVersion
from automations.operators import OPERATORS
from records import services as records
from records.models import Contact, LocalChange, Task
from records.origins import SYSTEM, Origin
from tests.automations.receiver import Receiver
from tests.automations.scene import CREATED, PERSON, TASK, UPDATED, Scene, SetClock, sets
from tests.records.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


def fresh(task: Task) -> Task:
    return Task.all_objects.get(pk=task.pk)


def test_a_created_task_is_changed_by_a_rule(scene: Scene) -> None:
    rule = scene.rule(CREATED, sets(priority="HIGH", description="Made: {title} by {actor}"))
    task = scene.task("Inspect attic")
    scene.work()
    assert (fresh(task).priority, fresh(task).description) == ("HIGH", "Made: Inspect attic by Dana")
    (firing,) = scene.firings(rule)
    assert (firing.status, firing.subject, firing.attempts) == ("DONE", "Task Inspect attic", 1)
    assert firing.outcomes[0]["detail"] == "Set priority to HIGH, description to Made: Inspect attic by Dana."
    change = LocalChange.objects.filter(origin_kind="automation").get()
    assert (change.origin_id, change.actor) == (str(firing.pk), rule.name)


def test_conditions_decide(scene: Scene) -> None:
    scene.rule(
        CREATED, sets(priority="LOW"), conditions={"all": [{"field": "project", "operator": "is", "value": "P"}]}
    )
    chosen, other = scene.task(project="p"), scene.task(project="q")
    scene.work()
    assert (fresh(chosen).priority, fresh(other).priority) == ("LOW", "")
    assert len(scene.firings()) == 1


def test_a_field_that_changes_from_one_value_to_another(scene: Scene) -> None:
    trigger = {"type": "field.changed", "resourceType": "task", "field": "status", "from": "TODO", "to": "COMPLETED"}
    scene.rule(trigger, sets(section="was {previous.status}"))
    right, wrong, other = scene.task(), scene.task(status="BLOCKED"), scene.task()
    scene.edit(right, status="COMPLETED")
    scene.edit(wrong, status="COMPLETED")
    scene.edit(other, title="x")
    scene.work()
    assert [fresh(task).section for task in (right, wrong, other)] == ["was TODO", "", ""]


def test_two_quick_edits_are_two_changes_each_with_its_own_values(scene: Scene) -> None:
    trigger = {"type": "field.changed", "resourceType": "task", "field": "status"}
    scene.rule(trigger, {"type": "create_record", "resourceType": "contact", "values": {"lastName": "{status}"}})
    task = scene.task()
    scene.edit(task, status="BLOCKED")
    scene.edit(task, status="COMPLETED")
    scene.work()
    assert sorted(Contact.objects.values_list("last_name", flat=True)) == ["BLOCKED", "COMPLETED"]


@pytest.mark.parametrize("kind", ["record.deleted", "record.restored"])
def test_deletes_and_restores(scene: Scene, kind: str) -> None:
    trigger = {"type": kind, "resourceType": "task"}
    scene.rule(trigger, {"type": "create_record", "resourceType": "contact", "values": {"lastName": "{title}"}})
    task = scene.task("Gone")
    records.delete(TASK, str(scene.organization.pk), str(task.pk), PERSON)
    if kind == "record.restored":
        records.restore(TASK, str(scene.organization.pk), str(task.pk), PERSON)
    scene.work()
    assert Contact.objects.get().last_name == "Gone"


def test_bulk_writes_fire_rules_too(scene: Scene) -> None:
    scene.rule(CREATED, sets(priority="HIGH"), max_per_minute=0)
    ids = [f"0199aaaa-0000-7000-8000-{number:012d}" for number in range(40)]
    rows = [(one, (f"Pulled {number}",)) for number, one in enumerate(ids)]
    origin = Origin("integration", "x", "Asana")
    now = datetime(2026, 3, 1, tzinfo=UTC)
    with transaction.atomic():
        records.bulk_create(TASK, str(scene.organization.pk), ("title",), rows, origin=origin, now=now)
    scene.work()
    assert Task.objects.filter(priority="HIGH").count() == 40


def test_reading_again_fires_nothing_again(scene: Scene) -> None:
    rule = scene.rule(CREATED, sets(priority="HIGH"))
    scene.task()
    reading.read()
    LocalChange.objects.update(watched=True)  # as if the mark had been lost
    assert reading.read()
    assert len(scene.firings(rule)) == 1


def test_only_the_organizations_own_rules_fire(scene: Scene) -> None:
    scene.rule(CREATED, sets(priority="HIGH"))
    records.create(TASK, str(OrganizationFactory().pk), {"title": "Theirs"}, SYSTEM)
    scene.work()
    assert scene.firings() == []


def test_what_happened_before_the_rule_does_not_fire_it(scene: Scene) -> None:
    scene.task()
    scene.rule(CREATED, sets(priority="HIGH"))
    scene.work()
    assert scene.firings() == []


def test_a_rule_that_is_off_costs_nothing_and_does_nothing(scene: Scene) -> None:
    scene.rule(CREATED, sets(priority="HIGH"), enabled=False)
    scene.task()
    assert not LocalChange.objects.filter(watched=True).exists()
    scene.work()
    assert scene.firings() == []


# --- Loops ------------------------------------------------------------------------------------------


def test_a_rule_never_fires_on_its_own_effect(scene: Scene) -> None:
    rule = scene.rule(UPDATED, sets(description="{now} {title}"))
    task = scene.task()
    scene.edit(task, title="new")
    scene.work()
    assert scene.statuses(rule) == ["DONE"]


def test_two_rules_that_set_each_other_off_stop_and_say_so(scene: Scene) -> None:
    one = scene.rule(UPDATED, sets(section="{now}one"))
    two = scene.rule(UPDATED, sets(project="{now}two"))
    task = scene.task()
    scene.edit(task, title="new")
    scene.work()
    stopped = [firing for firing in scene.firings() if firing.status == "STOPPED"]
    assert scene.statuses(one).count("DONE") == 2  # on the edit, and on what the other did
    assert scene.statuses(two).count("DONE") == 2
    assert len(stopped) == 2
    assert all("same rule" in firing.reason for firing in stopped)


def test_a_chain_of_rules_ends_at_the_limit(scene: Scene, settings: Any) -> None:
    settings.RULE_CHAIN_LIMIT = 2
    names = ("description", "section", "project", "title")
    for before, after in itertools.pairwise(names):
        trigger = {"type": "field.changed", "resourceType": "task", "field": before}
        scene.rule(trigger, sets(**{after: f"by {before}"}))
    task = scene.task("start")
    scene.edit(task, description="go")
    scene.work()
    assert (fresh(task).section, fresh(task).project, fresh(task).title) == ("by description", "by section", "start")
    last = scene.firings()[-1]
    assert (last.status, last.depth) == ("STOPPED", 2)
    assert "RULE_CHAIN_LIMIT" in last.reason


def test_setting_what_is_set_already_is_no_change(scene: Scene) -> None:
    rule = scene.rule(CREATED, sets(status="TODO"))
    scene.task()
    scene.work()
    assert scene.firings(rule)[0].outcomes[0]["detail"].startswith("Nothing to set")
    assert not LocalChange.objects.filter(origin_kind="automation").exists()


# --- Limits and schedule ----------------------------------------------------------------------------


def test_more_than_the_limit_waits_for_the_next_minutes(scene: Scene, clock: SetClock) -> None:
    rule = scene.rule(CREATED, sets(priority="HIGH"), max_per_minute=3)
    for number in range(8):
        scene.task(str(number))
    scene.work()
    assert scene.statuses(rule).count("DONE") == 3
    assert "at most 3" in scene.firings(rule)[-1].reason
    clock.pass_(seconds=61)
    scene.work()
    assert scene.statuses(rule).count("DONE") == 6
    scene.task("one more, after those that wait")
    scene.work()
    clock.pass_(seconds=61)
    scene.work()
    assert scene.statuses(rule).count("DONE") == 9


def test_a_scheduled_rule_fires_once_for_each_time(scene: Scene, clock: SetClock) -> None:
    contact = {"type": "create_record", "resourceType": "contact", "values": {"lastName": "{due}"}}
    rule = scene.rule({"type": "schedule", "everyMinutes": 15}, contact)
    scene.work()
    assert scene.firings(rule) == []
    clock.pass_(minutes=16)
    for _ in range(3):
        scene.work()
    assert scene.statuses(rule) == ["DONE"]
    clock.pass_(hours=5)  # nobody was running: what was missed counts once
    scene.work()
    assert scene.statuses(rule) == ["DONE", "DONE"]


def test_a_scheduled_rule_over_records_fires_for_those_that_meet_its_conditions(scene: Scene, clock: SetClock) -> None:
    overdue = {"field": "dueDate", "operator": "older_than_days", "value": 0}
    rule = scene.rule(
        {"type": "schedule", "at": "08:00", "days": ["tue"], "timezone": "Europe/Madrid", "resourceType": "task"},
        sets(priority="URGENT"),
        conditions={"all": [overdue]},
    )
    late, early = scene.task(dueDate="2026-03-01"), scene.task(dueDate="2026-03-20")
    clock.pass_(hours=22)  # Tuesday, 07:00 UTC is 08:00 in Madrid
    scene.work()
    assert (fresh(late).priority, fresh(early).priority) == ("URGENT", "")
    assert scene.firings(rule)[0].key.endswith(str(late.pk))


# --- Documents of the organization ------------------------------------------------------------------


def test_a_new_document_is_a_new_version_and_firings_keep_theirs(scene: Scene) -> None:
    rule = scene.rule(CREATED, sets(priority="HIGH"))
    task = scene.task()
    reading.read()
    changed = {"trigger": CREATED, "conditions": {}, "actions": [sets(priority="LOW")]}
    services.change_rule(rule, document=changed, saved_by="dana")
    scene.work()
    assert fresh(task).priority == "HIGH"
    assert list(RuleVersion.objects.values_list("version", "saved_by")) == [(2, "dana"), (1, "")]


@pytest.mark.parametrize(
    ("action", "path", "says"),
    [
        ({"type": "nonsense"}, "actions[0].type", "set_fields"),
        ({"type": "set_fields"}, "actions[0].values", "missing"),
        (sets(nonsense=1), "actions[0].values.nonsense", "no field"),
        (sets(status="NO"), "actions[0].values.status", "TODO"),
        (sets(title="{nonsense}"), "actions[0].values.title", "not known"),
        ({"type": "create_record", "resourceType": "member", "values": {"email": "x"}}, "actions[0].values", "name"),
        ({"type": "push", "integration": "x"}, "actions[0].integration", "no such integration"),
        ({"type": "call_webhook", "hook": "x"}, "actions[0].hook", "no such webhook"),
        ({"type": "notify", "text": "x"}, "actions[0].address", "whom"),
        ({"type": "notify", "text": "x", "address": "nobody"}, "actions[0].address", "no e-mail address"),
        ({"type": "notify", "text": "x", "role": "KING"}, "actions[0].role", "WEB_STEWARD"),
    ],
)
def test_actions_are_checked_against_what_there_is(scene: Scene, action: dict[str, Any], path: str, says: str) -> None:
    with pytest.raises(DocumentError) as refused:
        scene.rule(CREATED, action)
    assert says in " ".join(refused.value.by_path()[path])


def test_a_rule_that_does_not_fit_any_more_is_switched_off_and_the_others_go_on(scene: Scene) -> None:
    broken, sound = scene.rule(CREATED, sets(priority="LOW")), scene.rule(CREATED, sets(priority="HIGH"))
    document = {**broken.document, "conditions": {"field": "gone", "operator": "empty"}}
    Rule.objects.filter(pk=broken.pk).update(document=document)
    task = scene.task()
    scene.work()
    broken.refresh_from_db()
    assert not broken.enabled
    assert "gone" in broken.disabled_reason
    assert (fresh(task).priority, scene.statuses(sound)) == ("HIGH", ["DONE"])


def test_firings_that_wait_when_a_rule_is_switched_off_are_stopped_and_can_be_tried_again(scene: Scene) -> None:
    rule = scene.rule(CREATED, sets(priority="HIGH"))
    task = scene.task()
    reading.read()
    services.change_rule(rule, enabled=False)
    scene.work()
    assert scene.statuses() == ["STOPPED"]
    services.change_rule(rule, enabled=True)
    services.retry_firing(RuleFiring.objects.get())
    scene.work()
    assert fresh(task).priority == "HIGH"
    with pytest.raises(services.CannotRetry):
        services.retry_firing(RuleFiring.objects.get())


def test_what_cannot_be_judged_does_not_hold_up_the_rest(
    scene: Scene, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_given: Any) -> bool:
        raise RuntimeError("a fault of ours")

    broken = {"all": [{"field": "title", "operator": "starts_with", "value": "x"}]}
    monkeypatch.setitem(OPERATORS, "starts_with", replace(OPERATORS["starts_with"], test=breaks))
    faulty, sound = scene.rule(CREATED, sets(priority="LOW"), conditions=broken), scene.rule(CREATED, sets(section="s"))
    hook, _ = scene.hook(receiver.url, "task.created", conditions=broken)
    one, other = scene.task("one"), scene.task("two")
    scene.work()
    faulty.refresh_from_db()
    hook.refresh_from_db()
    assert (faulty.enabled, hook.status) == (False, "DISABLED")
    assert "could not be judged on Task one" in faulty.disabled_reason
    assert [fresh(task).section for task in (one, other)] == ["s", "s"]
    assert scene.statuses(sound) == ["DONE", "DONE"]
