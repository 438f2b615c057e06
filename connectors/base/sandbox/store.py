"""What a twin knows: records by collection, with stamps, authors, a trash, and listeners for changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from ..ports import Clock
from .faults import FaultBook

Action = Literal["added", "changed", "deleted", "undeleted"]


@dataclass(slots=True)
class Entry:
    """One record. `seq` is the order of creation, `author` who touched it last, `creator` who made it. `rendered`
    caches its encoded forms until it changes."""

    id: str
    collection: str
    seq: int
    fields: dict[str, Any]
    created_at: datetime
    modified_at: datetime
    author: str
    creator: str = ""
    deleted: bool = False
    rendered: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """`fields` names what changed; `before` holds the old values of those."""

    entry: Entry
    action: Action
    author: str
    at: datetime
    fields: tuple[str, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)


Listener = Callable[[Change], None]


class Store:
    """All writes go through here, by API and by hand alike. `resolution` is the grain of stamps."""

    def __init__(self, clock: Clock, faults: FaultBook, *, resolution: timedelta = timedelta(milliseconds=1)) -> None:
        self._clock = clock
        self._faults = faults
        self._resolution = resolution
        self._collections: dict[str, dict[str, Entry]] = {}
        self._seq = 0
        self.listeners: list[Listener] = []
        self.versions: dict[str, int] = {}

    def clear(self) -> None:
        self._collections.clear()
        self.versions.clear()
        self._seq = 0

    def all(self, collection: str) -> Iterable[Entry]:
        """Everything, the trash included, by creation."""
        return self._collections.get(collection, {}).values()

    def live(self, collection: str) -> list[Entry]:
        return [entry for entry in self.all(collection) if not entry.deleted]

    def get(self, collection: str, entry_id: str, *, deleted: bool = False) -> Entry | None:
        """None when unknown, or in the trash unless `deleted`."""
        entry = self._collections.get(collection, {}).get(entry_id)
        return None if entry is None or (entry.deleted and not deleted) else entry

    def create(
        self, collection: str, entry_id: str, fields: dict[str, Any], *, author: str, at: datetime | None = None
    ) -> Entry:
        self._seq += 1
        stamp = self._cut(at) if at else self._stamp()
        # However late a commit shows, nothing is made before it was asked for.
        created = max(stamp, self._cut(self._clock.now(), timedelta(seconds=1))) if at is None else stamp
        entry = Entry(entry_id, collection, self._seq, fields, created, stamp, author, author)
        self._collections.setdefault(collection, {})[entry_id] = entry
        self._tell(entry, "added", author)
        return entry

    def update(self, entry: Entry, changes: Mapping[str, Any], *, author: str) -> Entry:
        """Stores what differs; stamps and tells only if something does."""
        differing = {name: value for name, value in changes.items() if entry.fields.get(name) != value}
        if not differing:
            return entry
        before = {name: entry.fields.get(name) for name in differing}
        entry.fields.update(differing)
        self.touch(entry, author=author)
        self._tell(entry, "changed", author, tuple(differing), before)
        return entry

    def touch(self, entry: Entry, *, author: str) -> None:
        """Moves the stamp alone, as a comment does at some providers."""
        entry.modified_at = max(self._stamp(), entry.modified_at)
        entry.author = author
        entry.rendered.clear()

    def delete(self, entry: Entry, *, author: str, soft: bool = True) -> None:
        """To the trash, or gone without trace (nobody is told) when not `soft`."""
        if not soft:
            self._collections[entry.collection].pop(entry.id, None)
            self._moved(entry.collection)
            return
        entry.deleted = True
        self.touch(entry, author=author)
        self._tell(entry, "deleted", author)

    def restore(self, entry: Entry, *, author: str) -> None:
        entry.deleted = False
        self.touch(entry, author=author)
        self._tell(entry, "undeleted", author)

    def hidden(self, stamp: datetime) -> bool:
        """True while the search index lags behind a record of that stamp."""
        fault = self._faults.draw("search_lag") if self._faults else None
        return fault is not None and stamp > self._clock.now() - timedelta(seconds=fault.params.get("seconds", 10))

    def _tell(
        self,
        entry: Entry,
        action: Action,
        author: str,
        fields: tuple[str, ...] = (),
        before: Mapping[str, Any] | None = None,
    ) -> None:
        self._moved(entry.collection)
        if not self.listeners:
            return
        change = Change(entry, action, author, self._clock.now(), fields, before or {})
        for listener in self.listeners:
            listener(change)

    def _moved(self, collection: str) -> None:
        self.versions[collection] = self.versions.get(collection, 0) + 1

    def _stamp(self) -> datetime:
        now = self._clock.now()
        if not self._faults:
            return self._cut(now)
        late = self._faults.draw("late_commits")
        if late:
            now -= timedelta(seconds=late.params.get("seconds", 5))
        rounded = self._faults.draw("rounded_stamps")
        return self._cut(now, timedelta(seconds=rounded.params.get("seconds", 1)) if rounded else None)

    def _cut(self, stamp: datetime, grain: timedelta | None = None) -> datetime:
        since = stamp - datetime(1970, 1, 1, tzinfo=UTC)
        return stamp - since % (grain or self._resolution)
