"""A listing, page by page, and the reading of several records at once.

The state between pages is JSON: `{"part": 0, "at": <the paginator's state>}`. Part 1 is the second listing
that yields what was deleted (`deleted_params`), read after the first and only with `since`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.base.answers import Answer
from connectors.base.errors import ConfigError
from connectors.base.paginators import Ask, Paginator, Seen
from connectors.base.paths import get_path
from connectors.base.records import ExternalRecord, Page
from connectors.base.templates import fill

from . import rules, stamps
from .calls import Calls
from .config import Params

_MISSING: Any = object()
NOT_MODIFIED = 304
NO_CONTENT = 204


class Listing:
    """One reading. `since` already holds the overlap; `extra` are further parameters, taken as they are."""

    def __init__(
        self, calls: Calls, since: datetime | None = None, *, size: int = 0, extra: Mapping[str, Any] | None = None
    ) -> None:
        self.calls = calls
        self.call = calls.rule.list
        self.size = size or self.call.page.size
        self.extra = extra or {}
        self.paginator: Paginator = rules.paginator(self.call.page)
        self.since = since

    def pages(self, continuation: Any = None) -> Iterator[Page]:
        state: Any = continuation or {"part": 0, "at": self.paginator.begin()}
        while state is not None:
            page, state = self.page(state)
            yield page
            del page  # the engine may drop it while the next one is read

    def page(self, state: Mapping[str, Any]) -> tuple[Page, Any]:
        """The page at `state` and the state of the next one, None after the last."""
        deleted = state["part"] == 1
        answer = self._ask(self.paginator.ask(state["at"], self.size), deleted)
        records = [self.calls.record(raw) for raw in self.rows(answer)]
        if deleted:
            records = [replace(record, deleted=True) for record in records]
        following = self._following(state, answer, records)
        return Page(records, following, answer.date or self.calls.client.context.clock.now()), following

    def rows(self, answer: Answer) -> Sequence[Any]:
        """The list inside an answer. Null is an empty list; a missing one is an error, never an empty page:
        an empty page would end the reading, and absent records look deleted."""
        if answer.status in (NOT_MODIFIED, NO_CONTENT):
            return ()
        rows = get_path(answer.data, self.call.records, _MISSING)
        if rows is None and (self.call.records or answer.data is None):
            return ()
        if not isinstance(rows, list):
            where = f"at {self.call.records!r}" if self.call.records else "in the answer"
            raise ConfigError(f"There is no list {where}; check resources.{self.calls.rule.key}.list.records.")
        return rows

    def _following(self, state: Mapping[str, Any], answer: Answer, records: Sequence[ExternalRecord]) -> Any:
        client = self.calls.client
        ids = [record.id for record in records]
        seen = Seen(answer.data, answer.headers, self.rows(answer), ids, lambda url: client.join(url, answer.url))
        at = self.paginator.advance(state["at"], seen)
        if at is not None:
            return {"part": state["part"], "at": at}
        if state["part"] == 0 and self.since is not None and self.call.deleted_params is not None:
            return {"part": 1, "at": self.paginator.begin()}
        return None

    def _ask(self, ask: Ask, deleted: bool) -> Answer:
        fixed: Params = (self.call.deleted_params if deleted else None) or self.call.params
        params = {} if ask.url else {**self.calls.params(fixed), **self._since_params(), **self.extra, **ask.params}
        body = None if self.call.verb == "GET" else {**(self.call.body or {}), **ask.body}
        answer = self.calls.client.request(
            self.call.verb,
            ask.url or self.calls.path(self.call.path),
            params=params,
            json=body,
            headers=self._since_headers(),
            writes=False,
        )
        if self.call.ok and answer.status not in (*self.call.ok, NOT_MODIFIED):
            raise ConfigError(f"The listing was answered with {answer.status}, which list.ok does not hold.")
        return answer

    def _since_params(self) -> dict[str, str]:
        rule = self.call.since
        return self._filled(rule.params) if rule else {}

    def _since_headers(self) -> dict[str, str]:
        rule = self.call.since
        return self._filled(rule.headers) if rule else {}

    def _filled(self, templates: Mapping[str, str]) -> dict[str, str]:
        rule = self.call.since
        if self.since is None or rule is None:
            return {}
        text = stamps.since(self.since, rule.format, self.calls.config.zone, inclusive=rule.inclusive)
        return {name: fill(value, {**self.calls.names, "since": text}) for name, value in templates.items()}


def fetch_many(calls: Calls, external_ids: Sequence[str]) -> dict[str, ExternalRecord | None]:
    """Records by `batch.list_ids`, at most `max` of them; None = not in the answer."""
    many = calls.rule.list_ids
    if many is None:
        raise ConfigError(f"The configuration has no resources.{calls.rule.key}.batch.list_ids.")
    listing = Listing(calls, size=many.max, extra={many.param: list(external_ids)})
    found: dict[str, ExternalRecord | None] = dict.fromkeys(external_ids)
    for page in listing.pages():
        found.update((record.id, record) for record in page.records if record.id in found)
    return found
