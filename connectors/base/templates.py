"""`{name}` in paths, headers and bodies. Names only: no expressions, no attributes, no code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .errors import ConfigError
from .paths import get_path

_NAME = re.compile(r"\{([A-Za-z_][\w.\[\]-]*)\}")


def fill(template: str, values: Mapping[str, Any], *, quoted: bool = False) -> str:
    """`template` with each `{dotted.name}` replaced; `quoted` escapes the values for a URL path.

    Raises `ConfigError` for a name without a value.
    """

    def value(match: re.Match[str]) -> str:
        found = get_path(values, match[1])
        if found is None or found == "":
            raise ConfigError(f"{match[1]!r} has no value, but {_NAME.sub('…', template)!r} needs it.")
        return quote(str(found), safe="") if quoted else str(found)

    return _NAME.sub(value, template)


def names(template: str) -> tuple[str, ...]:
    """The names that a template asks for."""
    return tuple(dict.fromkeys(_NAME.findall(template)))
