"""Real worker processes, killed with SIGKILL again and again: no firing is lost or doubled, every message arrives."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from standardwebhooks import Webhook

from automations.models import Hook, HookDelivery, RuleFiring
from records.models import Contact, LocalChange, Task
from sync_engine.ports import bound
from tests.automations.receiver import Receiver
from tests.automations.scene import CREATED, Scene, SetClock, sets
from tests.subprocesses import database_url

pytestmark = pytest.mark.django_db(transaction=True)
TASKS = 24


def started() -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ALLOW_PRIVATE_HOSTS": "1",
        "PUSH_IN_REAL_TIME": "0",
    }
    command = [sys.executable, "-m", "tests.automations.worker"]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)


def killed(worker: subprocess.Popen[bytes], after: float) -> None:
    time.sleep(after)
    assert worker.poll() is None, "the worker ended by itself"
    worker.kill()
    worker.wait()
    # Time passes until the leases of the dead are over.
    past = timezone.now() - timedelta(minutes=1)
    RuleFiring.objects.filter(status="WAITING").update(next_attempt_at=past)
    Hook.objects.update(taken_until=past)


def test_killed_workers_lose_and_double_nothing(scene: Scene, receiver: Receiver) -> None:
    contact = {"type": "create_record", "resourceType": "contact", "values": {"lastName": "{title}"}}
    scene.rule(CREATED, contact, sets(priority="HIGH"), max_per_minute=0)
    hook, secret = scene.hook(receiver.url, "contact.created")
    receiver.wait = 0.15  # more for all of them than any worker lives
    for number in range(TASKS):
        scene.task(f"task {number:02}")
    chance = random.Random(5)
    for life in range(5):
        killed(started(), after=1.2 + chance.random() * 0.8)
        if life == 0:  # 24 messages take longer than that, so the first of them died at its work
            assert HookDelivery.objects.filter(status="DELIVERED").count() < TASKS
    receiver.wait = 0
    scene.work()
    names = [f"task {number:02}" for number in range(TASKS)]
    assert sorted(Contact.objects.values_list("last_name", flat=True)) == names
    assert sorted(Task.objects.filter(priority="HIGH").values_list("title", flat=True)) == names
    assert scene.statuses() == ["DONE"] * TASKS
    assert HookDelivery.objects.filter(hook=hook, status="DELIVERED").count() == TASKS
    by_id = {letter.id: verified(secret, letter)["data"]["lastName"] for letter in receiver.letters}
    assert sorted(by_id.values()) == names  # a repetition has the id of what it repeats
    assert not LocalChange.objects.filter(watched=True).exists()


def verified(secret: str, letter: Any) -> Any:
    return Webhook(secret).verify(letter.body, letter.headers)


class Crash(BaseException):
    """The process is gone."""


def crash_at(place: int) -> Callable[[str], None]:
    """An effect hook that raises at its nth call."""
    calls = count(1)

    def effect(_name: str) -> None:
        if next(calls) == place:
            raise Crash

    return effect


def test_a_crash_at_any_boundary_changes_nothing_about_the_end(receiver: Receiver, settings: Any, db: None) -> None:
    settings.PUSH_IN_REAL_TIME = False
    place, crashed = 0, True
    while crashed:
        place += 1
        scene, crashed = Scene(), False
        contact = {"type": "create_record", "resourceType": "contact", "values": {"lastName": "{title}"}}
        scene.rule(CREATED, contact, sets(priority="HIGH"))
        scene.hook(receiver.url, "contact.created")
        receiver.letters.clear()
        scene.task("Attic")
        clock = SetClock()
        try:
            with bound(clock=clock, effect=crash_at(place)):
                scene.work()
        except Crash:
            crashed = True
        clock.pass_(minutes=10)
        with bound(clock=clock):
            scene.work()
        assert Contact.objects.filter(organization=scene.organization).count() == 1, place
        assert scene.statuses() == ["DONE"], place
        assert len(set(receiver.ids)) == 1, place
        assert not HookDelivery.objects.exclude(status="DELIVERED").exists(), place
    assert place > 5
