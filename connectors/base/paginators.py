"""Ways through a listing. Each is a small state machine; its state is JSON, so a run goes on where it stopped.

    paginator.begin()            the state before the first page
    paginator.ask(state, size)   what to add to the request
    paginator.advance(state, seen)   the state before the next page, None after the last

None stops because a page is shorter than asked: providers clamp sizes and filter after paging. Each
refuses to run in circles: the same position twice, a page with exactly the ids of the one before, or more
than `max_pages` raise `ConfigError`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Literal

from .errors import ConfigError
from .paths import get_path
from .templates import fill

State = dict[str, Any]
MAX_PAGES = 200_000


@dataclass(frozen=True, slots=True)
class Ask:
    """What the next request needs: query parameters, members of a JSON body, or a whole URL."""

    params: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came back. `join` makes a found URL absolute and refuses another origin."""

    data: Any
    headers: Mapping[str, str]
    rows: Sequence[Any]
    ids: Sequence[str]
    join: Callable[[str], str] = lambda url: url


@dataclass(frozen=True)
class Paginator(ABC):
    """`size_param` asks for the page size; "" = the provider decides."""

    size_param: str = field(default="", kw_only=True)
    max_pages: int = field(default=MAX_PAGES, kw_only=True)

    def begin(self) -> State:
        return {}

    def ask(self, state: State, size: int) -> Ask:
        asked = self.request(state)
        if self.size_param and not asked.url:
            return Ask({self.size_param: size, **asked.params}, asked.body)
        return asked

    def advance(self, state: State, seen: Seen) -> State | None:
        following = self.follow(state, seen)
        if following is None:
            return None
        pages = state.get("pages", 0) + 1
        digest = _digest(seen.ids)
        if digest and digest == state.get("seen"):
            raise ConfigError(_LOOP.format(pages, "the same records as the page before"))
        if pages >= self.max_pages:
            raise ConfigError(f"The listing has more than {self.max_pages} pages; narrow it or raise max_pages.")
        return {**following, "pages": pages, "seen": digest}

    @abstractmethod
    def request(self, state: State) -> Ask: ...

    @abstractmethod
    def follow(self, state: State, seen: Seen) -> State | None: ...


@dataclass(frozen=True)
class SinglePage(Paginator):
    """Everything in one answer."""

    def request(self, state: State) -> Ask:
        return Ask()

    def follow(self, state: State, seen: Seen) -> State | None:
        return None


@dataclass(frozen=True)
class PageNumber(Paginator):
    """page=1, 2, 3 ... Stops on the provider's word (`next`: null; `pages`; `total`), else on an empty page."""

    param: str = "page"
    first: int = 1
    next: str = ""
    pages: str = ""
    total: str = ""
    stop_on_empty: bool = True

    def __post_init__(self) -> None:
        _needs_stop(self, self.next, self.pages, self.total, self.stop_on_empty)

    def request(self, state: State) -> Ask:
        return Ask({self.param: state.get("page", self.first)})

    def follow(self, state: State, seen: Seen) -> State | None:
        page, rows = state.get("page", self.first), state.get("rows", 0) + len(seen.rows)
        if (self.stop_on_empty and not seen.rows) or self._said_done(page, rows, seen.data):
            return None
        return {"page": self._next(page, seen.data), "rows": rows}

    def _said_done(self, page: int, rows: int, data: Any) -> bool:
        pages, total = _count(data, self.pages), _count(data, self.total)
        if self.next:
            return not get_path(data, self.next)
        return (pages is not None and page - self.first + 1 >= pages) or (total is not None and rows >= total)

    def _next(self, page: int, data: Any) -> int:
        following = get_path(data, self.next) if self.next else None
        if following is None or isinstance(following, bool) or not str(following).isdigit():
            return page + 1
        if int(following) == page:
            raise ConfigError(_LOOP.format(page, "itself as the next page"))
        return int(following)


@dataclass(frozen=True)
class Offset(Paginator):
    """offset=0, 50, 100 ... advanced by the rows that came, since providers clamp sizes."""

    param: str = "offset"
    total: str = ""
    more: str = ""
    stop_on_empty: bool = True

    def __post_init__(self) -> None:
        _needs_stop(self, self.total, self.more, self.stop_on_empty)

    def request(self, state: State) -> Ask:
        return Ask({self.param: state.get("offset", 0)})

    def follow(self, state: State, seen: Seen) -> State | None:
        offset, total = state.get("offset", 0) + len(seen.rows), _count(seen.data, self.total)
        if not seen.rows or (total is not None and offset >= total):
            return None
        return None if self.more and get_path(seen.data, self.more) is False else {"offset": offset}


@dataclass(frozen=True)
class Cursor(Paginator):
    """The provider names the next position. `next` is a dotted path or `header:Name`; `more` a path whose
    false ends the listing although a cursor is given."""

    next: str
    param: str = "cursor"
    more: str = ""
    place: Literal["query", "body"] = "query"

    def __post_init__(self) -> None:
        _needs_stop(self, self.next)

    def request(self, state: State) -> Ask:
        given = {self.param: state["cursor"]} if "cursor" in state else {}
        return Ask(body=given) if self.place == "body" else Ask(given)

    def follow(self, state: State, seen: Seen) -> State | None:
        cursor = self._found(seen)
        if cursor is None or cursor == "" or (self.more and not get_path(seen.data, self.more)):
            return None
        if cursor == state.get("cursor"):
            raise ConfigError(_LOOP.format(state.get("pages", 0) + 1, "the same cursor twice"))
        return {"cursor": cursor}

    def _found(self, seen: Seen) -> Any:
        if self.next.startswith("header:"):
            return seen.headers.get(self.next.removeprefix("header:").lower())
        return get_path(seen.data, self.next)


@dataclass(frozen=True)
class NextUrl(Paginator):
    """The answer holds the next URL, absolute or relative, at a dotted path."""

    next: str

    def __post_init__(self) -> None:
        _needs_stop(self, self.next)

    def request(self, state: State) -> Ask:
        return Ask(url=state.get("url", ""))

    def follow(self, state: State, seen: Seen) -> State | None:
        return _next_url(state, seen, get_path(seen.data, self.next))


@dataclass(frozen=True)
class LinkHeader(Paginator):
    """`Link: <...>; rel="next"` (RFC 8288). No such relation ends the listing."""

    rel: str = "next"

    def __post_init__(self) -> None:
        _needs_stop(self, self.rel)

    def request(self, state: State) -> Ask:
        return Ask(url=state.get("url", ""))

    def follow(self, state: State, seen: Seen) -> State | None:
        return _next_url(state, seen, links(seen.headers.get("link", "")).get(self.rel))


@dataclass(frozen=True)
class Keyset(Paginator):
    """Parameters made from the last row: {"starting_after": "{last.id}"}."""

    params: Mapping[str, str]
    more: str = ""
    stop_on_empty: bool = True

    def __post_init__(self) -> None:
        _needs_stop(self, self.params and (self.more or self.stop_on_empty))

    def request(self, state: State) -> Ask:
        return Ask(state.get("after", {}))

    def follow(self, state: State, seen: Seen) -> State | None:
        if not seen.rows or (self.more and not get_path(seen.data, self.more)):
            return None
        after = {name: fill(value, {"last": seen.rows[-1]}) for name, value in self.params.items()}
        if after == state.get("after"):
            raise ConfigError(_LOOP.format(state.get("pages", 0) + 1, "the same last record twice"))
        return {"after": after}


_LOOP = "Page {} of the provider's listing gives {}: reading would never end. Check the paging settings."
_LINK = re.compile(r'<([^>]*)>((?:\s*;\s*[^,;"=]+(?:=(?:"[^"]*"|[^",;]*))?)*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]+))', re.IGNORECASE)


def links(header: str) -> dict[str, str]:
    """relation -> URL of a Link header; an empty header has none."""
    found: dict[str, str] = {}
    for url, attributes in _LINK.findall(header):
        for quoted, bare in _REL.findall(attributes):
            for rel in (quoted or bare).split():
                found.setdefault(rel.lower(), url)
    return found


def _next_url(state: State, seen: Seen, found: Any) -> State | None:
    if not found:
        return None
    if not isinstance(found, str):
        raise ConfigError(f"The next page should be a URL, but the provider gives {type(found).__name__}.")
    url = seen.join(found)
    if url == state.get("url"):
        raise ConfigError(_LOOP.format(state.get("pages", 0) + 1, "itself as the next page"))
    return {"url": url}


def _needs_stop(paginator: Paginator, *conditions: Any) -> None:
    if not any(conditions):
        raise ValueError(f"{type(paginator).__name__} needs to know when the listing ends.")


def _count(data: Any, path: str) -> int | None:
    value = get_path(data, path) if path else None
    return int(value) if isinstance(value, (int, str)) and str(value).isdigit() else None


def _digest(ids: Sequence[str]) -> str:
    return blake2b("\0".join(sorted(ids)).encode(), digest_size=8).hexdigest() if ids else ""
