"""The processes of the Procfile as real processes, to be killed and restarted."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = float(os.environ.get("RESILIENCE_PATIENCE", "120"))
"""Seconds that a test waits for what must come; only a broken system lets it wait so long."""


def eventually(true: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.2)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class House:
    """`start` and `kill` take a name of the Procfile: web, worker, batch, beat. Each has a process group of its own."""

    def __init__(self, logs: Path, database_url: str, redis_url: str) -> None:
        self.port, self.logs = free_port(), logs
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "CELERY_CONFIG_MODULE": "config.celery_settings",
            "WEBHOOK_BASE_URL": self.url,
            "CONN_MAX_AGE": "60",
            "PYTHONPATH": str(ROOT),
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *names: str) -> None:
        for name in names:
            with (self.logs / f"{name}.log").open("ab") as log:
                self._running[name] = subprocess.Popen(
                    [sys.executable, "-m", *self._command(name)],
                    cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
        if "web" in names:
            assert eventually(self._answers), (self.logs / "web.log").read_text()[-3000:]

    def _command(self, name: str) -> list[str]:
        celery = ["celery", "-A", "config.celery"]
        worker = [*celery, "worker", "--concurrency", "2", "-l", "INFO", "--queues"]
        return {
            "web": [
                "granian",
                "--interface",
                "wsgi",
                "config.wsgi:application",
                "--port",
                str(self.port),
                "--workers",
                "2",
                "--blocking-threads",
                "8",
            ],
            "worker": [*worker, "realtime,notify", "--hostname", "realtime@%h"],
            "batch": [*worker, "batch", "--hostname", "batch@%h"],
            "beat": [*celery, "beat", "-l", "INFO", "--pidfile=", "--max-interval", "1"],
        }[name]

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/api/nothing", timeout=5)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def kill(self, name: str) -> None:
        """SIGKILL to the process and to all its children: no handler runs, no transaction ends."""
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for name in list(self._running):
            self.kill(name)

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout
