"""Which connectors exist.

A provider's module is imported when it is asked for, not at start: importing 25 of them would cost every
management command more than a whole no-change sync. So `autodiscover_modules("connector")` is not called
in `ready()`; the same places are looked at instead, and only as far as needed:

1. folders of `connectors` that hold `connector.py` (the folder's name is the key: known without importing)
2. entry points of the group `lockstep.connectors` (the entry point's name is the key)
3. `connector.py` of any other installed app (the key is known once it is imported)

A key that names two of 1 and 2 fails at start-up of the registry; a class that files a taken key fails
when it is imported.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from .connector import Connector
from .errors import ConfigError

GROUP = "lockstep.connectors"
Class = TypeVar("Class", bound=type[Connector])


class DuplicateKey(Exception):
    """Two connectors claim one key."""


class Registry:
    """`offers` maps a key to the module that registers it; `apps` are modules whose keys are not yet known."""

    def __init__(self, entries: Callable[[], Iterable[tuple[str, str]]] = lambda: ()) -> None:
        self._classes: dict[str, type[Connector]] = {}
        self._offers: dict[str, str] = {}
        self._apps: list[str] = []
        self._entries: Callable[[], Iterable[tuple[str, str]]] | None = entries
        self._lock = threading.RLock()

    def register(self, cls: Class) -> Class:
        if not cls.key or not cls.label:
            raise ValueError(f"{cls.__qualname__} needs a key and a label.")
        known = self._classes.get(cls.key)
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise DuplicateKey(f"{cls.key!r} is claimed by {known.__module__} and by {cls.__module__}.")
        self._classes[cls.key] = cls
        return cls

    def offer(self, key: str, module: str) -> None:
        """`module` will register `key`. Raises `DuplicateKey`."""
        if self._offers.setdefault(key, module) != module:
            raise DuplicateKey(f"{key!r} is claimed by {self._offers[key]} and by {module}.")

    def offer_app(self, module: str) -> None:
        if module not in self._apps:
            self._apps.append(module)

    def get(self, key: str) -> type[Connector]:
        """The class. Raises `ConfigError` for an unknown key."""
        if key not in self._classes:
            self._import(key)
        if key not in self._classes:
            raise ConfigError(f"There is no connector {key!r}; there are {', '.join(self.keys())}.")
        return self._classes[key]

    def keys(self) -> list[str]:
        with self._lock:
            self._read_entries()
            self._import_apps()
            return sorted({*self._classes, *self._offers})

    def all(self) -> list[type[Connector]]:
        """Every connector, all imported, by key."""
        return [self.get(key) for key in self.keys()]

    def _import(self, key: str) -> None:
        with self._lock:
            if key not in self._offers:
                self._read_entries()
            if key in self._offers:
                import_module(self._offers[key])
            else:
                self._import_apps()

    def _read_entries(self) -> None:
        entries, self._entries = self._entries, None
        for key, module in entries() if entries else ():
            self.offer(key, module)

    def _import_apps(self) -> None:
        while self._apps:
            import_module(self._apps.pop())


def _installed() -> list[tuple[str, str]]:
    return [(entry.name, entry.module) for entry in entry_points(group=GROUP)]


registry = Registry(_installed)
register = registry.register
get = registry.get
keys = registry.keys
all_connectors = registry.all


def offer_folders(root: Path, package: str, into: Registry = registry) -> None:
    """Offers every folder of `root` that holds `connector.py`."""
    for path in sorted(root.glob("*/connector.py")):
        if path.parent.name != "base":
            into.offer(path.parent.name, f"{package}.{path.parent.name}.connector")


def offer_apps(names: Iterable[str], into: Registry = registry) -> None:
    """Offers `connector.py` of installed apps that have one."""
    for name in names:
        if find_spec(f"{name}.connector") is not None:
            into.offer_app(f"{name}.connector")
