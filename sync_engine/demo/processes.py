"""Starts and stops what the demo needs beside itself: web, worker, beat and the twins."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.base.errors import ConnectorError
from connectors.base.http import HttpRequest
from connectors.base.sandbox.server import free_port
from connectors.base.transport import shared
from sync_engine.ports import ports

PROCESSES = ("web", "worker", "batch", "beat")
PATIENCE = 60.0
"""Seconds until a process that does not answer is given up."""


class DidNotStart(Exception):
    """A process of the demo ended or did not answer; the message says which and where its log is."""


@contextmanager
def running(root: Path, logs: Path, *, port: int, sandbox: int) -> Iterator[None]:
    """All processes, until the block ends."""
    logs.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "DEMO": "1", "PORT": str(port)}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    commands = {
        "sandbox": [sys.executable, "manage.py", "sandbox", "--port", str(sandbox)],
        "procfile": [sys.executable, "-m", "honcho", "start", *PROCESSES],
    }
    started: list[subprocess.Popen[bytes]] = []
    try:
        for name, command in commands.items():
            with (logs / f"{name}.log").open("wb") as log:
                started.append(
                    subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log, start_new_session=True)
                )
        await_answer(f"http://127.0.0.1:{sandbox}/_sandbox/requests", logs / "sandbox.log")
        await_answer(f"http://127.0.0.1:{port}/dashboard/admin/login/", logs / "procfile.log")
        yield
    finally:
        for process in reversed(started):
            _stop(process)


def await_answer(url: str, log: Path) -> None:
    """Returns when `url` answers below 500. Raises `DidNotStart`."""
    clock = ports().clock
    end = clock.monotonic() + PATIENCE
    while clock.monotonic() < end:
        try:
            if shared(True).send(HttpRequest("GET", url), timeout=5).status < 500:
                return
        except ConnectorError:
            clock.sleep(0.2)
    raise DidNotStart(f"{url} did not answer within {PATIENCE:.0f} seconds. Its log: {log}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Asks first; what has not ended after ten seconds is ended."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def port_or_free(wanted: int) -> int:
    """The wanted port, or any other if it is taken."""
    import socket

    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", wanted))
            return wanted
        except OSError:
            return free_port()
