"""What a production start insists on, seen from a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.subprocesses import database_url

ROOT = Path(__file__).resolve().parents[2]
SOUND = {
    "SECRET_KEY": "n0t-a-demo-key-" + "xK8#pQ2vL9wR4mZ7" * 4,
    "ENCRYPTION_KEY": "an-encryption-key-of-our-own",
    "CRON_SECRET": "a-cron-secret-of-our-own",
    "ALLOWED_HOSTS": "lockstep.example.org",
    "WEBHOOK_BASE_URL": "https://lockstep.example.org",
    "BEHIND_PROXY": "1",
}
pytestmark = pytest.mark.django_db


def run(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """With nothing in the environment but what is given. An empty text unsets."""
    plain = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {**plain, "DATABASE_URL": database_url(), "REDIS_URL": settings.REDIS_URL, **SOUND, **changes}
    given = {name: value for name, value in env.items() if value}
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=given, capture_output=True, text=True, timeout=120)


def test_the_deployment_check_has_nothing_to_say() -> None:
    done = run("manage.py", "check", "--deploy", "--fail-level", "INFO")
    assert (done.returncode, "no issues" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "ENCRYPTION_KEY", "CRON_SECRET"])
@pytest.mark.parametrize("value", ["", "demo-only-not-secret", "short"])
def test_the_web_server_does_not_start_with_such_a_secret_and_says_which(name: str, value: str) -> None:
    done = run("-c", "import config.wsgi", **{name: value})
    assert done.returncode != 0
    assert f"Set {name} in the environment or in .env" in done.stderr
    assert "To try Lockstep without, set DEMO=1." in done.stderr


def test_with_sound_secrets_it_starts() -> None:
    done = run("-c", "import config.wsgi")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("signal", ["worker_init", "beat_init"])
def test_worker_and_beat_do_not_start_either(signal: str) -> None:
    script = f"import config.celery, django; django.setup(); from celery.signals import {signal} as s; s.send(None)"
    told = f"{script}; [print(type(r).__name__) for _, r in s.send(None)]"
    done = run("-c", told, CRON_SECRET="demo-only-cron-secret")
    assert "ImproperlyConfigured" in done.stdout + done.stderr
    assert "ImproperlyConfigured" not in run("-c", told).stdout


def test_the_deployment_check_names_demo_secrets() -> None:
    done = run("manage.py", "check", "--deploy", CRON_SECRET="")
    assert done.returncode != 0
    assert "(lockstep.E001) Set CRON_SECRET" in done.stderr


def test_demo_secrets_are_for_demos() -> None:
    assert run("-c", "import config.wsgi", SECRET_KEY="", DEMO="1").returncode == 0
