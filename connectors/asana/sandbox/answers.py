"""What all calls of Asana's twin share: the envelope, pages, fields asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from connectors.base.http import HttpResponse
from connectors.base.sandbox.store import Entry
from connectors.base.sandbox.twin import Call, Problem, Twin

from .feed import EventFeed
from .listing import Listings
from .shapes import COMPACT, Shapes, moment, select, stamp, tree
from .tasks import TaskRules


class Answers(Twin):
    """Answers entries as Asana does."""

    shapes: Shapes
    rules: TaskRules
    feed: EventFeed
    listings: Listings

    def _one(self, call: Call, entry: Entry, status: int = 200) -> HttpResponse:
        return raw(b'{"data":' + self._encoded(entry, call.query.get("opt_fields", "")) + b"}", status)

    def _page(self, call: Call, found: Iterable[Entry]) -> HttpResponse:
        entries, offset = self.listings.page(call, list(found), self._filters(call))
        opt_fields = call.query.get("opt_fields", COMPACT)
        body = b",".join([self._encoded(entry, opt_fields) for entry in entries])
        following: dict[str, Any] | None = None
        if offset:
            path = f"{call.path}?limit={call.query['limit']}&offset={offset}"
            following = {"offset": offset, "path": path, "uri": f"https://app.asana.com{self.base_path}{path}"}
        return raw(b'{"data":[' + body + b'],"next_page":' + orjson.dumps(following) + b"}")

    def _filters(self, call: Call) -> list[Callable[[Entry], bool]]:
        filters: list[Callable[[Entry], bool]] = []
        if "modified_since" in call.query:
            since = moment(call.query["modified_since"], "modified_since")
            filters.append(lambda entry: entry.modified_at >= since and not self.store.hidden(entry.modified_at))
        if "completed_since" in call.query:
            text = call.query["completed_since"]
            after = stamp(self.clock.now() if text == "now" else moment(text, "completed_since")) or ""
            filters.append(lambda entry: not entry.fields["completed"] or entry.fields["completed_at"] >= after)
        return filters

    def _encoded(self, entry: Entry, opt_fields: str) -> bytes:
        key = f"{self.listings.epoch} {opt_fields}" if entry.collection == "tasks" else ""
        cached = entry.rendered.get(key) if key else None
        if cached is None:
            shown = select(self.shapes.full(entry), tree(opt_fields)) if opt_fields else self.shapes.usual(entry)
            cached = orjson.dumps(shown)
            if key:
                entry.rendered[key] = cached
        return cached


def data_of(call: Call) -> dict[str, Any]:
    """The `data` of a body. Raises `Problem` 400."""
    body = call.json()
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        raise Problem(400, "Missing input: data")
    data: dict[str, Any] = body["data"]
    return data


def raw(body: bytes, status: int = 200) -> HttpResponse:
    return HttpResponse(status, {"content-type": "application/json; charset=utf-8"}, body)
