"""A real worker process, killed with SIGKILL at several moments of a run over real HTTP: nothing is lost, nothing
is doubled."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from conflicts.models import ConflictResolution
from integrations.models import IntegrationMapping, Intent, SyncCursor
from sync_engine.running import leases, runs
from tests.engine.scene import Scene
from tests.subprocesses import database_url

pytestmark = pytest.mark.django_db(transaction=True)

MOMENTS = (0.6, 0.9, 1.2, 1.5, 1.8, 2.2)
"""Seconds after the start of the process; its start-up alone takes about half a second."""


def killed_after(scene: Scene, seconds: float) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url(), "ALLOW_PRIVATE_HOSTS": "1"}
    command = [sys.executable, "manage.py", "sync", str(scene.asana.pk), "--full"]
    process = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(seconds)
    process.kill()
    process.wait()
    past = timezone.now() - timedelta(hours=1)
    SyncCursor.objects.update(lease_until=past)
    runs.JobExecution.objects.filter(status="RUNNING").update(lease_until=past)
    runs.reap()


def test_killed_workers_lose_and_double_nothing(scene: Scene) -> None:
    scene.twin.latency_ms = 60
    theirs = [f"there {number}" for number in range(30)]
    ours = [f"here {number}" for number in range(30)]
    for name in theirs:
        scene.there(name)
    for title in ours:
        scene.here(title)
    for number, moment in enumerate(MOMENTS):
        ours.append(one_more(scene, number))
        killed_after(scene, moment)
    scene.twin.latency_ms = 0
    for _ in range(2):
        result = scene.sync(full=True)
        assert not result.failed, (result.error, result.failures)
    assert scene.names_there() == sorted([*theirs, *ours]) == scene.titles_here()
    assert IntegrationMapping.objects.count() == len(theirs) + len(ours)
    assert not Intent.objects.exists()
    assert not ConflictResolution.objects.filter(status="PENDING").exists()


def one_more(scene: Scene, number: int) -> str:
    """One more record before each run, so that every run has something to create."""
    title = f"later {number}"
    scene.here(title)
    return title


def test_a_lease_of_a_dead_process_of_this_host_is_freed_at_once(scene: Scene) -> None:
    scene.sync()
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    host = socket.gethostname()
    names = {"dead": f"{host}:{gone.pid}:run", "alive": f"{host}:{os.getpid()}:run", "elsewhere": "other:1:run"}
    late = timezone.now() + timedelta(hours=1)
    cursor = SyncCursor.objects.get(resource_type="task")
    freed = {}
    for what, name in names.items():
        SyncCursor.objects.filter(pk=cursor.pk).update(lease_owner=name, lease_until=late)
        leases.free_dead()
        cursor.refresh_from_db()
        freed[what] = cursor.lease_until is None
    assert freed == {"dead": True, "alive": False, "elsewhere": False}


def test_the_run_of_a_dead_process_is_resumed_at_once(scene: Scene) -> None:
    run = scene.sync().run
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    late = timezone.now() + timedelta(hours=1)
    name = f"{socket.gethostname()}:{gone.pid}"
    runs.JobExecution.objects.filter(pk=run.pk).update(status="RUNNING", lease_owner=name, lease_until=late)
    assert runs.reap() == []
    assert leases.free_dead() == 1
    assert len(runs.reap()) == 1
