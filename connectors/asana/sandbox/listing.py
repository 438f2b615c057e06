"""Asana's listings: by creation, cut into pages by opaque offsets that expire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.base.ports import Clock, Ids
from connectors.base.sandbox.faults import FaultBook
from connectors.base.sandbox.store import Change, Entry, Store
from connectors.base.sandbox.twin import Call, Problem

UNPAGED = 1000
_KEPT_OFFSETS = 10_000


class Listings:
    """Pages of entries, and tasks by project or section without a scan of everything."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, faults: FaultBook, offset_ttl: float) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._faults = faults
        self._ttl = timedelta(seconds=offset_ttl)
        self._offsets: dict[str, tuple[int, datetime]] = {}
        self._homes: dict[tuple[str, str], list[Entry]] = {}
        self.epoch = 0

    def heard(self, change: Change) -> None:
        """The store's listener. `epoch` moves when anything changes that tasks show by name."""
        if change.entry.collection != "tasks":
            self.epoch += 1
        elif change.action != "changed" or "memberships" in change.fields:
            self.forget()

    def forget(self) -> None:
        """After a delete that nobody is told of."""
        self._homes.clear()

    def in_home(self, kind: str, gid: str) -> list[Entry]:
        """Live tasks of a project or section, by creation."""
        found = self._homes.get((kind, gid))
        if found is None:
            found = [e for e in self._store.live("tasks") if any(m[kind] == gid for m in e.fields["memberships"])]
            self._homes[kind, gid] = found
        return found

    def page(
        self, call: Call, found: list[Entry], filters: list[Callable[[Entry], bool]]
    ) -> tuple[list[Entry], str | None]:
        """The entries of the page asked for and the offset of the next. Raises `Problem` 400."""
        limit, start = self._limit(call), self._start(call)
        entries: list[Entry] = []
        lagging = bool(self._faults)
        for entry in found[_first_after(found, start) :]:
            if all(test(entry) for test in filters) and not (lagging and self._store.hidden(entry.created_at)):
                entries.append(entry)
                if len(entries) > (limit or UNPAGED):
                    break
        if limit is None:
            if len(entries) > UNPAGED:
                raise Problem(400, "The result is too large. You should use pagination (may require specifying a limit")
            return entries, None
        if len(entries) <= limit:
            return entries, None
        return entries[:limit], self._offset(call, found, entries[limit - 1])

    def _limit(self, call: Call) -> int | None:
        text = call.query.get("limit")
        if text is None:
            return None
        if not text.isdigit() or not 1 <= int(text) <= 100:
            raise Problem(400, f"limit: Must be between 1 and 100, got {text}")
        return int(text)

    def _start(self, call: Call) -> int:
        token = call.query.get("offset")
        if token is None:
            return 0
        seq, issued_at = self._offsets.get(token, (0, None))
        if issued_at is None or issued_at < self._clock.now() - self._ttl:
            raise Problem(400, "offset: Your pagination token is invalid or has expired")
        return seq

    def _offset(self, call: Call, found: list[Entry], last: Entry) -> str:
        seq = last.seq
        fault = self._faults.draw("shifting_pages", call.method, call.path) if self._faults else None
        if fault:
            at = _first_after(found, seq) - 1 + int(fault.params.get("by", 1))
            seq = found[max(0, min(at, len(found) - 1))].seq
        token = "eyJ" + self._ids.new().replace("-", "")
        self._offsets[token] = (seq, self._clock.now())
        while len(self._offsets) > _KEPT_OFFSETS:
            self._offsets.pop(next(iter(self._offsets)))
        return token


def _first_after(found: list[Entry], seq: int) -> int:
    """Where the entries created after `seq` begin."""
    low, high = 0, len(found)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if found[middle].seq <= seq else (low, middle)
    return low
