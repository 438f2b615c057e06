"""`python -m config.services start | stop | status`."""

from __future__ import annotations

import sys
from collections.abc import Callable

from . import ServiceError, database_url, redis_url, running, stop


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _start() -> int:
    _say(f"DATABASE_URL={database_url()}")
    _say(f"REDIS_URL={redis_url()}")
    return 0


def _stop() -> int:
    stopped = stop()
    _say(f"Stopped {' and '.join(stopped)}." if stopped else "Nothing was running.")
    return 0


def _status() -> int:
    states = running()
    for name, url in states.items():
        _say(f"{name:<10} {'runs at ' + url if url else 'is not running'}")
    return 0 if all(states.values()) else 3


COMMANDS: dict[str, Callable[[], int]] = {"start": _start, "stop": _stop, "status": _status}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        sys.stderr.write(f"usage: python -m config.services {' | '.join(COMMANDS)}\n")
        return 2
    try:
        return COMMANDS[arguments[0]]()
    except ServiceError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
