"""`{field}` in what a rule writes or says. Names only: no expressions, no attributes, no code. Pure.

A text that is nothing but one `{name}` is replaced by the value itself, so that a number stays a number; otherwise
values stand in the text as people read them, and what is empty leaves nothing. `{{` and `}}` are braces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_PART = re.compile(r"\{\{|\}\}|\{([A-Za-z_][\w.]*)\}")
_WHOLE = re.compile(r"\{([A-Za-z_][\w.]*)\}")


def names(template: Any) -> tuple[str, ...]:
    """The names that a template asks for; none if it is no text."""
    if not isinstance(template, str):
        return ()
    return tuple(dict.fromkeys(match[1] for match in _PART.finditer(template) if match[1]))


def value(template: Any, known: Mapping[str, Any]) -> Any:
    """What a field is set to."""
    if not isinstance(template, str):
        return template
    whole = _WHOLE.fullmatch(template)
    return known.get(whole[1]) if whole else text(template, known)


def text(template: str, known: Mapping[str, Any]) -> str:
    """What a message says."""

    def part(match: re.Match[str]) -> str:
        return readable(known.get(match[1])) if match[1] else match[0][0]

    return _PART.sub(part, template)


def readable(found: Any) -> str:
    """A value as people read it."""
    if found is None:
        return ""
    if isinstance(found, bool):
        return "yes" if found else "no"
    return ", ".join(map(readable, found)) if isinstance(found, list) else str(found)
