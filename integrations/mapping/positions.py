"""Where in a JSON text a value stands, so that a problem can name its line."""

from __future__ import annotations

import json
from json.decoder import JSONDecodeError
from typing import Any

_BLANK = " \t\n\r"
_DECODER = json.JSONDecoder()


def lines_of(text: str) -> dict[str, int]:
    """Path like "externalToInternal[3].transform" -> line, from 1. The text must be valid JSON.
    An entry of an object is placed at its key."""
    places: dict[str, int] = {}
    _value(text, _skip(text, 0), "", places)
    return {path: text.count("\n", 0, at) + 1 for path, at in places.items()}


def nearest(lines: dict[str, int], path: str) -> int | None:
    """The line of `path`, or of what holds it."""
    while path and path not in lines:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return lines.get(path)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _value(text: str, at: int, path: str, places: dict[str, int]) -> int:
    """Notes what stands at `at`; returns the position behind it."""
    places.setdefault(path, at)
    if text[at] == "{":
        return _object(text, at, path, places)
    if text[at] == "[":
        return _array(text, at, path, places)
    return _DECODER.raw_decode(text, at)[1]


def _object(text: str, at: int, path: str, places: dict[str, int]) -> int:
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, end = _DECODER.raw_decode(text, at)
        inner = f"{path}.{key}" if path else key
        places[inner] = at
        colon = _skip(text, end)
        at = _skip(text, _value(text, _skip(text, colon + 1), inner, places))
        at = _skip(text, at + 1) if text[at] == "," else at
    return at + 1


def _array(text: str, at: int, path: str, places: dict[str, int]) -> int:
    at, index = _skip(text, at + 1), 0
    while text[at] != "]":
        at = _skip(text, _value(text, at, f"{path}[{index}]", places))
        at, index = (_skip(text, at + 1) if text[at] == "," else at), index + 1
    return at + 1


def loads(text: str) -> Any:
    """As `json.loads`, and a key that stands twice in an object is an error too. Raises `JSONDecodeError`."""
    return json.loads(text, object_pairs_hook=lambda pairs: _unique(pairs, text))


def _unique(pairs: list[tuple[str, Any]], text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise JSONDecodeError(f"The key {json.dumps(key)} stands twice in one object", text, _second(text, key))
        found[key] = value
    return found


def _second(text: str, key: str) -> int:
    return max(text.rfind(json.dumps(key)), 0)
