"""`manage.py sandbox` as a process: says where it serves, serves, stops on a signal."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import orjson
from django.conf import settings

from connectors.base.http import HttpRequest
from connectors.base.sandbox.server import free_port
from connectors.base.transport import shared

ROOT = Path(settings.BASE_DIR)


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "sandbox", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_it_serves_until_it_is_stopped() -> None:
    port = str(free_port())
    process = start("--port", port, "--provider", "asana", "--seed-demo", "3")
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == f"asana: http://127.0.0.1:{port}/asana/api/1.0\n"
        answer = shared(True).send(HttpRequest("GET", f"http://127.0.0.1:{port}/_sandbox/asana/tasks"), timeout=10)
        assert len(orjson.loads(answer.body)) == 3
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


def test_an_unknown_provider_is_said() -> None:
    _, errors = (process := start("--provider", "nobody")).communicate(timeout=20)
    assert (process.returncode, errors.strip()) == (1, "CommandError: The connector 'nobody' has no sandbox.")
