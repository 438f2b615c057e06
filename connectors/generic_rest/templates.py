"""Templates of the configuration: `{token}`, `{id}`, `{since}`, `{settings.x}`. No expressions, no code.

`{{` and `}}` stand for braces themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors.base.errors import ConfigError

_TOKEN = re.compile(r"\{\{|\}\}|\{(?P<name>[A-Za-z_][A-Za-z0-9_.\-\[\]]*)\}|[{}]")


class TemplateError(ValueError):
    """The text has a brace that opens or closes nothing."""


def names_in(template: str) -> list[str]:
    """The names that the template asks for, in order. Raises `TemplateError`."""
    names: list[str] = []
    for match in _TOKEN.finditer(template):
        if match["name"]:
            names.append(match["name"])
        elif match[0] in "{}":
            raise TemplateError(f"has a stray {match[0]!r} at character {match.start() + 1}; write it twice.")
    return names


def fill(template: str, values: Mapping[str, Any], *, quote: Callable[[str], str] = str) -> str:
    """The template with its names replaced; each value passes through `quote`.

    `values` may be nested (`{"settings": {"list": 7}}` fills `{settings.list}`). Raises `ConfigError`
    that names what is missing, never what is there: a value may be a secret.
    """

    def one(match: re.Match[str]) -> str:
        if not match["name"]:
            return match[0][0]
        return quote(_text(match["name"], _look_up(values, match["name"])))

    return _TOKEN.sub(one, template)


def _look_up(values: Mapping[str, Any], name: str) -> Any:
    if name in values:
        return values[name]
    here: Any = values
    for part in name.split("."):
        here = here.get(part) if isinstance(here, Mapping) else None
    return here


def _text(name: str, value: Any) -> str:
    if value is None or isinstance(value, (dict, list)):
        raise ConfigError(f"The configuration asks for {{{name}}}, which has no value. Enter it in the integration.")
    return str(value).lower() if isinstance(value, bool) else str(value)
