"""Which account the embedded PostgreSQL runs under: ours, or, as PostgreSQL refuses root, an ordinary one."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .base import ServiceError

ORDINARY_ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """`switch` is True where we are root and the server is to run as `uid`, `gid`."""

    uid: int
    gid: int
    switch: bool

    def process_options(self) -> dict[str, Any]:
        """Options of `subprocess.run`."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def own(self, path: Path) -> None:
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def open_to(self, path: Path) -> None:
        """Lets the account walk to `path` (never read the directories above): some, such as root's home,
        are closed to others."""
        if not self.switch:
            return
        for directory in path.absolute().parents:
            mode = directory.stat().st_mode
            if not mode & stat.S_IXOTH and directory.stat().st_uid != self.uid:
                directory.chmod(mode | stat.S_IXOTH)


def server_account(data: Path) -> Account:
    """The owner of an existing cluster; for a new one ours, or an ordinary account where we are root."""
    ours = os.geteuid()
    owner = data.stat().st_uid if data.exists() else None
    if ours != 0:
        if owner not in (None, ours):
            raise ServiceError(
                f"{data} belongs to another user (uid {owner}). Work as that user, remove the directory to start "
                "afresh, or set VAR_DIR or DATABASE_URL."
            )
        return Account(ours, os.getegid(), switch=False)
    if owner:
        return Account(owner, data.stat().st_gid, switch=True)
    return _ordinary()


def _ordinary() -> Account:
    import pwd

    for name in ORDINARY_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, switch=True)
    raise ServiceError(
        "PostgreSQL does not run as root, and there is neither a user postgres nor nobody here. "
        "Work as an ordinary user or set DATABASE_URL."
    )
