"""What the two embedded servers share: where their files lie, one starter at a time, a plain error."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 60.0
STOP_SECONDS = 30.0


class ServiceError(Exception):
    """An embedded server cannot run here. The message says what to set instead."""


def home() -> Path:
    """Directory of both servers: `VAR_DIR` from the environment, else `var/` of the checkout."""
    var = os.environ.get("VAR_DIR") or Path(__file__).resolve().parent.parent.parent / "var"
    return Path(var).absolute() / "services"


@contextmanager
def one_starter(directory: Path) -> Iterator[None]:
    """Processes that come at once wait here; the first starts the server, the others find it running."""
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def wheel(package: str, variable: str, what: str) -> Path:
    """Directory of an installed package, found without importing it (its import costs 100 ms)."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ServiceError(
            f"No embedded {what} on this machine: its wheel is missing (there are wheels for Linux and macOS). "
            f"Install {what} yourself and set {variable}, for example in .env."
        )
    return Path(spec.origin).parent


def accepts(family: int, address: str | tuple[str, int], question: bytes = b"", answer: bytes = b"") -> bool:
    """True if a server listens at `address` and, where a question is asked, gives exactly that answer."""
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(2.0)
        try:
            client.connect(address)
            if question:
                client.sendall(question)
                return _read(client, len(answer)) == answer
        except OSError:
            return False
    return True


def _read(client: socket.socket, size: int) -> bytes:
    heard = b""
    while len(heard) < size and (part := client.recv(size - len(heard))):
        heard += part
    return heard


def command_line(pid: int) -> str:
    """How a process was started, "" if it is no more."""
    if os.path.exists("/proc/self/cmdline"):
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    import subprocess

    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
