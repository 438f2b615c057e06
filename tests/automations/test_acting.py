"""Actions that fail are tried again later, those that are done are not; who keeps failing is switched off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.db import transaction

from automations import acting, actions, reading, signals, taking
from automations.actions import Action, Doing, Done
from automations.models import Rule, RuleFiring
from connectors.base.errors import ConnectorError, RateLimited, Rejected, Transient
from records.models import Contact, Membership, Task
from tests.automations.scene import CREATED, Scene, SetClock, sets
from tests.records.factories import MemberFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
CONTACT = {"type": "create_record", "resourceType": "contact", "values": {"lastName": "{title}"}}


class Flaky(Action):
    """Fails with what it is told, in turn; then works."""

    type = "flaky"
    label = "Flaky"
    outside = True

    def __init__(self) -> None:
        self.errors: list[Exception] = []
        self.keys: list[str] = []

    def plan(self, doing: Doing) -> str:
        return "Try"

    def perform(self, doing: Doing) -> Done:
        self.keys.append(doing.key)
        if self.errors:
            raise self.errors.pop(0)
        return Done("Worked.")


@pytest.fixture
def flaky(monkeypatch: pytest.MonkeyPatch) -> Flaky:
    action = Flaky()
    monkeypatch.setitem(actions.ACTIONS, action.type, action)
    return action


@pytest.fixture
def switched_off() -> Iterator[list[str]]:
    heard: list[str] = []

    def hear(sender: Any, rule: Rule, reason: str, **_news: Any) -> None:
        heard.append(reason)

    signals.rule_switched_off.connect(hear)
    yield heard
    signals.rule_switched_off.disconnect(hear)


def test_what_failed_is_tried_again_and_what_is_done_is_not(scene: Scene, flaky: Flaky, clock: SetClock) -> None:
    flaky.errors = [Transient("The line is busy."), Transient("The line is busy.")]
    scene.rule(CREATED, {"type": "flaky"}, CONTACT)
    scene.task("Attic")
    scene.work()
    (firing,) = scene.firings()
    assert (firing.status, Contact.objects.count()) == ("WAITING", 1)
    assert "tried again" in firing.reason
    assert "The line is busy." in firing.reason
    clock.pass_(minutes=1)
    scene.work()
    assert scene.statuses() == ["WAITING"]
    clock.pass_(minutes=2)
    scene.work()
    (firing,) = scene.firings()
    assert (firing.status, firing.attempts, firing.reason) == ("DONE", 3, "")
    assert (Contact.objects.count(), len(set(flaky.keys)), len(flaky.keys)) == (1, 1, 3)


def test_after_the_last_try_it_has_failed(scene: Scene, flaky: Flaky, clock: SetClock) -> None:
    flaky.errors = [Transient("No.")] * 20
    rule = scene.rule(CREATED, {"type": "flaky"})
    scene.task()
    for minutes in (0, 1, 2, 4, 8, 16, 60):
        clock.pass_(minutes=minutes)
        scene.work()
    (firing,) = scene.firings()
    assert (firing.status, firing.attempts, firing.next_attempt_at) == ("FAILED", 6, None)
    rule.refresh_from_db()
    assert rule.failures == 1


def test_a_limit_is_waited_for(scene: Scene, flaky: Flaky, clock: SetClock) -> None:
    flaky.errors = [RateLimited("Too many.", retry_after=600)]
    scene.rule(CREATED, {"type": "flaky"})
    scene.task()
    scene.work()
    assert scene.firings()[0].next_attempt_at == clock.now() + acting.timedelta(seconds=600)


@pytest.mark.parametrize("error", [Rejected("Not like this."), ValueError("a bug")])
def test_what_cannot_help_is_not_repeated_and_a_bug_is(scene: Scene, flaky: Flaky, error: Exception) -> None:
    flaky.errors = [error]
    scene.rule(CREATED, {"type": "flaky"})
    scene.task()
    scene.work()
    expected = "FAILED" if isinstance(error, ConnectorError) else "WAITING"
    assert scene.statuses() == [expected]
    assert "a bug" not in scene.firings()[0].reason


def test_a_rule_that_keeps_failing_is_switched_off_and_somebody_is_told(
    scene: Scene, flaky: Flaky, settings: Any, switched_off: list[str]
) -> None:
    settings.RULE_DISABLE_AFTER = 3
    flaky.errors = [Rejected("No.")] * 9
    rule = scene.rule(CREATED, {"type": "flaky"})
    for number in range(5):
        scene.task(str(number))
        scene.work()
    rule.refresh_from_db()
    assert (rule.enabled, len(switched_off), rule.failures) == (False, 1, 3)
    assert "3 firings in a row" in rule.disabled_reason
    assert scene.statuses() == ["FAILED"] * 3


def test_a_success_starts_the_count_anew(scene: Scene, flaky: Flaky) -> None:
    rule = scene.rule(CREATED, {"type": "flaky"})
    for errors in ([Rejected("No.")], []):
        flaky.errors = list(errors)
        scene.task()
        scene.work()
    rule.refresh_from_db()
    assert rule.failures == 0


def test_a_firing_whose_worker_died_is_taken_up_by_another(scene: Scene, clock: SetClock) -> None:
    scene.rule(CREATED, CONTACT, sets(priority="HIGH"))
    scene.task()
    reading.read()
    assert taking.take()  # and then it is killed
    assert acting.act() == 0
    clock.pass_(minutes=6)
    scene.work()
    assert (scene.statuses(), Contact.objects.count()) == (["DONE"], 1)


def test_two_workers_at_one_firing_do_it_once(scene: Scene) -> None:
    scene.rule(CREATED, CONTACT)
    scene.task()
    reading.read()
    one, other = taking.load(RuleFiring.objects.all()), taking.load(RuleFiring.objects.all())
    acting.carry_out(one)
    acting.carry_out(other)
    assert Contact.objects.count() == 1


def test_an_action_and_its_note_are_one_transaction(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.rule(CREATED, CONTACT)
    scene.task()
    reading.read()

    def dies(*_given: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(acting, "_note_done", dies)
        works = taking.take()
        assert works
        with pytest.raises(SystemExit), transaction.atomic():
            acting.carry_out(works)
    assert Contact.objects.count() == 0


def test_many_firings_are_carried_out_together_and_one_that_fails_undoes_no_other(
    scene: Scene, django_assert_max_num_queries: Any
) -> None:
    scene.rule(CREATED, CONTACT, sets(dueDate="{title}"), max_per_minute=0)
    titles = ["2026-05-01", "soon", "2026-05-02", *[f"2026-06-{day:02}" for day in range(1, 18)]]
    for title in titles:
        scene.task(title)
    reading.read()
    with django_assert_max_num_queries(20 * 16):
        acting.act()
    assert scene.statuses().count("DONE") == 19
    (bad,) = [firing for firing in scene.firings() if firing.status == "FAILED"]
    assert [one["status"] for one in bad.outcomes] == ["done", "failed"]
    assert Contact.objects.count() == 20


def test_setting_fields_of_a_deleted_record_is_refused(scene: Scene) -> None:
    scene.rule(CREATED, sets(priority="HIGH"))
    task = scene.task()
    task.delete()
    scene.work()
    assert (scene.statuses(), scene.firings()[0].reason) == (["FAILED"], "The task is deleted.")


def test_a_value_that_does_not_fit_is_refused_with_a_sentence(scene: Scene) -> None:
    scene.rule(CREATED, sets(dueDate="{title}"))
    scene.task("soon")
    scene.work()
    assert "dueDate needs a day" in scene.firings()[0].reason


def steward(scene: Scene, name: str) -> User:
    user = User.objects.create_user(name, f"{name}@example.org")
    user.groups.add(Group.objects.get_or_create(name="WEB_STEWARD")[0])
    Membership.objects.create(user=user, organization=scene.organization)
    return user


def test_people_are_told_by_mail_each_once(scene: Scene) -> None:
    steward(scene, "ann")
    User.objects.create_user("stranger", "stranger@example.org")
    member = MemberFactory(organization=scene.organization, email="bob@example.org")
    scene.rule(
        CREATED,
        {
            "type": "notify",
            "role": "WEB_STEWARD",
            "member": "{assignedToId}",
            "address": "ann@example.org, {project}@example.org",
            "text": "New: {title}",
        },
    )
    scene.task("Attic", assignedToId=str(member.pk), project="roof")
    scene.work()
    assert [message.to for message in mail.outbox] == [[f"{name}@example.org"] for name in ("ann", "bob", "roof")]
    assert {message.body for message in mail.outbox} == {"New: Attic"}
    assert mail.outbox[0].subject == "Rule 1: Task Attic"
    assert scene.firings()[0].outcomes[0]["detail"] == "Told ann@example.org, bob@example.org, roof@example.org."


def test_those_who_were_told_are_not_told_again(scene: Scene, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.mail import EmailMessage

    sent, send = [], EmailMessage.send
    broken = [False, True, False]

    def sometimes(self: EmailMessage, *_given: Any) -> int:
        if broken.pop(0):
            raise OSError("no route")
        sent.append(self.to)
        return send(self)

    monkeypatch.setattr(EmailMessage, "send", sometimes)
    scene.rule(CREATED, {"type": "notify", "address": "a@example.org, b@example.org", "text": "x"})
    scene.task()
    scene.work()
    assert "mail server" in scene.firings()[0].reason
    clock.pass_(minutes=2)
    scene.work()
    assert (scene.statuses(), sent) == (["DONE"], [["a@example.org"], ["b@example.org"]])


def test_nobody_to_tell_is_said(scene: Scene) -> None:
    scene.rule(CREATED, {"type": "notify", "member": "{assignedToId}", "text": "x"})
    scene.task()
    scene.work()
    assert "nobody to tell" in scene.firings()[0].reason


def test_records_are_created_with_what_the_news_say(scene: Scene) -> None:
    scene.rule(
        CREATED,
        {
            "type": "create_record",
            "resourceType": "task",
            "values": {"title": "Check {title}", "dueDate": "{dueDate}", "labels": "a, b", "parentId": "{id}"},
        },
    )
    task = scene.task("Attic", dueDate="2026-03-09")
    scene.work()
    made = Task.objects.get(title="Check Attic")
    assert (made.due_date, made.labels, made.parent_id) == (Task.objects.get(pk=task.pk).due_date, ["a", "b"], task.pk)
    assert scene.statuses() == ["DONE"]  # the created task is the rule's own effect
