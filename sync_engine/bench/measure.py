"""Processes and how long and how much they took."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from connectors.base.http import HttpRequest
from connectors.base.transport import HttpTransport

EMPTY = """
import sys
sys.argv[:] = ["manage.py", "sync"]  # the settings of a sync, which load less
import django
django.setup()
from django.core.management.base import BaseCommand
class Nothing(BaseCommand):
    requires_system_checks = ()
    def handle(self, *args, **options):
        return None
Nothing().run_from_argv(["manage.py", "nothing"])
"""
"""A management command that does nothing, under the settings of `sync`."""


@dataclass(frozen=True)
class Took:
    """wall_s  seconds from start to end of the process; work_s what it says of itself, 0 if it says nothing;
    peak_mb  its greatest resident memory in MB (0 where /proc is not there); said  its last line of JSON"""

    wall_s: float
    work_s: float
    peak_mb: float
    said: Mapping[str, Any]


class Failed(RuntimeError):
    """A measured process ended with an error, or did not do what it should."""


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> Took:
    """Runs Python with these arguments. Raises `Failed` with what it wrote."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with _watched(process.pid) as peak:
        out, err = process.communicate()
        wall = time.perf_counter() - started
    if process.returncode:
        raise Failed(f"{' '.join(arguments[:3])} ended with {process.returncode}: {err[-2000:] or out[-2000:]}")
    said = _last_line(out)
    return Took(wall, float(said.get("work_s", 0)), peak[0], said)


def manage(environment: Mapping[str, str], *arguments: str) -> Took:
    return run(["manage.py", *arguments], environment)


def median(runs: Sequence[Took]) -> Took:
    """The run with the median wall time."""
    middle = statistics.median_low([one.wall_s for one in runs])
    return next(one for one in runs if one.wall_s == middle)


def _last_line(out: str) -> dict[str, Any]:
    lines = out.strip().splitlines()
    return json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}


@contextlib.contextmanager
def _watched(pid: int) -> Iterator[list[float]]:
    """Peak memory in MB, from the kernel's high-water mark of this very process. `getrusage` would answer
    with at least the memory of the parent that forked it."""
    peak, done = [0.0], threading.Event()

    def watch() -> None:
        while True:
            peak[0] = max(peak[0], _high_water(pid))
            if done.wait(0.02):
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def _high_water(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmHWM")), 0.0)


@dataclass(frozen=True)
class Server:
    """The running server: its base URL, and a hand that changes it."""

    base_url: str

    def steer(self, **wish: Any) -> None:
        request = HttpRequest("POST", f"{self.base_url}/_bench", {}, orjson.dumps(wish))
        HttpTransport(allow_private=True).send(request, timeout=60)


@contextlib.contextmanager
def serving(tasks: int) -> Iterator[Server]:
    """The server in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sync_engine.bench.server", "--tasks", str(tasks)],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port:
            raise Failed("The server of the bench did not start.")
        yield Server(f"http://127.0.0.1:{port}/api/1.0")
    finally:
        process.terminate()
        process.wait()
