"""Dotted paths into JSON: the one notation of mappings, resources, envelopes and error texts.

    title                                       a key
    assignee.gid                                a key inside an object
    emails[0].address                           an item by position, [-1] = the last
    custom_fields[name=Priority].enum_value     the first item whose `name` reads "Priority"
    fields["Due. date"]                         a key that holds dots or brackets
    (empty)                                     the whole document

Reading never fails: what is absent reads as the default. Writing builds what is missing and fails
with a sentence where the document already holds something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

Getter = Callable[[Any], Any]
MAX_INDEX = 10_000

_KEY = re.compile(r"[^.\[\]]+")
_BRACKET = re.compile(
    r"""\[(?: "(?P<quoted>[^"]+)"
          | (?P<index>-?\d+)
          | (?P<key>[^=\[\]"]+)=(?: "(?P<text>[^"]*)" | (?P<bare>[^\]"]*) )
        )\]""",
    re.VERBOSE,
)


class PathError(ValueError):
    """The path cannot be read as a path, or cannot be written into this document."""


@dataclass(frozen=True, slots=True)
class Select:
    """The first item of a list whose `key` reads `value` (compared as text)."""

    key: str
    value: str

    def find(self, items: Iterable[Any]) -> Any:
        for item in items:
            if isinstance(item, (dict, Mapping)) and _reads(item.get(self.key), self.value):
                return item
        return None


Segment = str | int | Select


@lru_cache(maxsize=4096)
def parse(path: str) -> tuple[Segment, ...]:
    """`a.b[0]` -> ("a", "b", 0). Raises `PathError` naming the place at fault."""
    segments: list[Segment] = []
    at = 0
    while at < len(path):
        at = _separator(path, at, bool(segments))
        match = (_BRACKET if path[at] == "[" else _KEY).match(path, at)
        if match is None:
            raise PathError(f"The path {path!r} cannot be read at character {at + 1}: {path[at:]!r}.")
        segments.append(_segment(match))
        at = match.end()
    return tuple(segments)


def compile_get(path: str, default: Any = None) -> Getter:
    """A function `document -> value`. Made once per run: one and two keys, nearly all paths, are special cases."""
    match parse(path):
        case ():
            return lambda doc: doc
        case (str() as key,):
            return _one_key(key, default)
        case (str() as first, str() as second):
            return _two_keys(first, second, default)
        case segments:
            return _walk(segments, default)


def get_path(doc: Any, path: str, default: Any = None) -> Any:
    """The value at `path`; the default where anything on the way is absent."""
    for segment in parse(path):
        doc = _step(doc, segment, default)
        if doc is default:
            return default
    return doc


def set_path(doc: MutableMapping[str, Any], path: str, value: Any) -> None:
    """Writes `value` at `path`, building objects and lists on the way.

    A position after the end fills the gap with None; a selector that finds nothing appends
    `{key: value}`. Raises `PathError` where the document holds a value of another kind.
    """
    segments = parse(path)
    if not segments:
        raise PathError("An empty path names the whole document and cannot be written.")
    here: Any = doc
    for segment, following in pairwise(segments):
        here = _enter(here, segment, following, path)
    _put(here, segments[-1], value, path)


@lru_cache(maxsize=4096)
def list_above(path: str) -> str | None:
    """The path of the first list that `path` goes through: "emails" of `emails[0].address`. None where it names
    objects only, and where the document itself is the list."""
    segments = parse(path)
    at = next((at for at, segment in enumerate(segments) if not isinstance(segment, str)), None)
    return None if not at else _spelled(segments[:at])


def _spelled(segments: Iterable[Segment]) -> str:
    return "".join(f'["{key}"]' if set(str(key)) & set(".[]") else f".{key}" for key in segments).lstrip(".")


def gap_before(doc: Any, path: str) -> int | None:
    """The position on the way of `path` before which an item is missing (None), as a write beyond the end of a list
    leaves it behind; None where there is none."""
    for segment in parse(path):
        if isinstance(segment, int) and isinstance(doc, list) and None in doc[:segment]:
            return segment
        doc = _step(doc, segment, None)
    return None


def first_of(doc: Any, paths: Iterable[str]) -> Any:
    """The first value that is neither None nor empty text."""
    for path in paths:
        value = get_path(doc, path)
        if value is not None and value != "":
            return value
    return None


def _separator(path: str, at: int, inside: bool) -> int:
    dot = path[at] == "."
    if (dot and not inside) or (inside and not dot and path[at] != "["):
        raise PathError(f"The path {path!r} needs a name before character {at + 1}.")
    if dot and at + 1 >= len(path):
        raise PathError(f"The path {path!r} ends in a dot.")
    return at + 1 if dot else at


def _segment(match: re.Match[str]) -> Segment:
    if match.re is _KEY:
        return match[0]
    if match["quoted"] is not None:
        return match["quoted"]
    if match["index"] is not None:
        return int(match["index"])
    return Select(match["key"].strip(), match["text"] if match["text"] is not None else match["bare"])


def _one_key(key: str, default: Any) -> Getter:
    def get(doc: Any) -> Any:
        return doc.get(key, default) if isinstance(doc, (dict, Mapping)) else default

    return get


def _two_keys(first: str, second: str, default: Any) -> Getter:
    def get(doc: Any) -> Any:
        inner = doc.get(first) if isinstance(doc, (dict, Mapping)) else None
        return inner.get(second, default) if isinstance(inner, (dict, Mapping)) else default

    return get


def _walk(segments: tuple[Segment, ...], default: Any) -> Getter:
    def get(doc: Any) -> Any:
        for segment in segments:
            doc = _step(doc, segment, default)
            if doc is default:
                return default
        return doc

    return get


def _step(doc: Any, segment: Segment, default: Any) -> Any:
    if isinstance(segment, str):
        return doc.get(segment, default) if isinstance(doc, (dict, Mapping)) else default
    if not isinstance(doc, list):
        return default
    if isinstance(segment, Select):
        found = segment.find(doc)
        return default if found is None else found
    return doc[segment] if -len(doc) <= segment < len(doc) else default


def _reads(value: Any, text: str) -> bool:
    if isinstance(value, bool):
        return text == ("true" if value else "false")
    return value is not None and str(value) == text


def _enter(here: Any, segment: Segment, following: Segment, path: str) -> Any:
    """The container below `segment`, made where there is none."""
    inner = _step(here, segment, None)
    if inner is None:
        inner = {} if isinstance(following, str) else []
        if isinstance(segment, Select):
            inner = {segment.key: segment.value}
            _put(here, len(here) if isinstance(here, list) else segment, inner, path)
        else:
            _put(here, segment, inner, path)
    return inner


def _put(here: Any, segment: Segment, value: Any, path: str) -> None:
    if isinstance(segment, str):
        if not isinstance(here, MutableMapping):
            raise PathError(f"The path {path!r} needs an object to hold {segment!r}, but finds {_kind(here)}.")
        here[segment] = value
    elif not isinstance(here, list):
        raise PathError(f"The path {path!r} needs a list, but finds {_kind(here)}.")
    elif isinstance(segment, Select):
        _put_selected(here, segment, value, path)
    else:
        _put_at(here, segment, value, path)


def _put_selected(items: list[Any], segment: Select, value: Any, path: str) -> None:
    if not isinstance(value, Mapping):
        raise PathError(f"The path {path!r} ends in a selector: only an object can be written there.")
    found = segment.find(items)
    whole = {segment.key: segment.value, **value}
    if found is None:
        items.append(whole)
    else:
        items[next(at for at, item in enumerate(items) if item is found)] = whole


def _put_at(items: list[Any], index: int, value: Any, path: str) -> None:
    if index < -len(items) or index > MAX_INDEX:
        raise PathError(f"The path {path!r} names position {index} of a list of {len(items)}.")
    if index >= len(items):
        items.extend([None] * (index + 1 - len(items)))
    items[index] = value


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "a yes/no", int: "a number", type(None): "nothing"}
    return names.get(type(value), f"a {type(value).__name__}")
