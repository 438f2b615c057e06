"""Reads a configuration document: typed access that knows where it stands and collects what is wrong.

A `Node` never raises while reading; it notes a `Problem` and hands back a default, so that a person
sees every fault of a document at once. `Problems.raise_any` turns them into one `ConfigError`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.base.errors import ConfigError
from connectors.base.paths import PathError, parse
from connectors.base.templates import names as names_in


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` is where in the document ("resources.task.list.page.kind"), `sentence` what to do about it."""

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path or 'configuration'}: {self.sentence}"


@dataclass(slots=True)
class Problems:
    """What was found wrong so far, in reading order."""

    found: list[Problem] = field(default_factory=list)

    def add(self, path: str, sentence: str) -> None:
        self.found.append(Problem(path, sentence))

    def raise_any(self) -> None:
        if self.found:
            raise ConfigError("\n".join(str(problem) for problem in self.found), provider_code="invalid_config")


class Node:
    """A value of the document, its path and the shared list of problems. A missing section is an empty one."""

    def __init__(self, value: Any, path: str, problems: Problems) -> None:
        self.value = value
        self.path = path
        self.problems = problems
        if not isinstance(value, Mapping):
            self.fault("", f"must be an object, not {kind(value)}.")
            self.value = {}

    def fault(self, key: str, sentence: str) -> None:
        self.problems.add(self.at(key), sentence)

    def at(self, key: str) -> str:
        return ".".join(part for part in (self.path, key) if part)

    def has(self, key: str) -> bool:
        return self.value.get(key) is not None

    def only(self, *known: str) -> None:
        """Notes every key that is not known: a misspelt key must not be silently ignored."""
        for key in self.value:
            if key not in known:
                self.fault(str(key), f"is not a known key; known here: {', '.join(known)}.")

    def section(self, key: str) -> Node:
        return Node(self.value.get(key) if self.has(key) else {}, self.at(key), self.problems)

    def maybe(self, key: str) -> Node | None:
        return self.section(key) if self.has(key) else None

    def sections(self, key: str) -> Iterator[tuple[str, Node]]:
        here = self.section(key)
        for name in here.value:
            yield str(name), here.section(name)

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        value = self.value.get(key)
        if value is None:
            if required:
                self.fault(key, "is required.")
            return default
        if not isinstance(value, str):
            self.fault(key, f"must be text, not {kind(value)}.")
            return default
        return value

    def choice(self, key: str, options: Sequence[str], default: str = "") -> str:
        value = self.text(key, default, required=not default)
        if value and value not in options:
            self.fault(key, f"cannot be {value!r}; choose one of {', '.join(options)}.")
            return default or options[0]
        return value

    def number(self, key: str, default: int, *, least: int = 0, most: int = 1_000_000) -> int:
        value = self.value.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault(key, f"must be a whole number, not {kind(value)}.")
            return default
        if not least <= value <= most:
            self.fault(key, f"must lie between {least} and {most}, not {value}.")
            return default
        return value

    def decimal(self, key: str, default: float) -> float:
        value = self.value.get(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
            self.fault(key, f"must be a number above 0, not {value!r}.")
            return default
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        value = self.value.get(key, default)
        if not isinstance(value, bool):
            self.fault(key, f"must be true or false, not {kind(value)}.")
            return default
        return value

    def statuses(self, key: str, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        value = self.value.get(key)
        if value is None:
            return default
        if not isinstance(value, list) or not all(type(item) is int and 100 <= item <= 599 for item in value):
            self.fault(key, "must be a list of HTTP statuses such as [200, 201].")
            return default
        return tuple(value)

    def json_path(self, key: str, default: str = "", *, required: bool = False) -> str:
        return self._readable(key, self.text(key, default, required=required), default)

    def json_paths(self, key: str) -> tuple[str, ...]:
        """One path or a list of paths: the first that reads a value wins."""
        value = self.value.get(key)
        if value is None:
            return ()
        paths = [value] if isinstance(value, str) else value
        if not isinstance(paths, list) or not all(isinstance(item, str) and item for item in paths):
            self.fault(key, "must be a path or a list of paths.")
            return ()
        return tuple(self._readable(key, path, "") for path in paths)

    def source(self, key: str) -> str:
        """A path, or `header:Name`."""
        value = self.text(key)
        if value == "header:":
            self.fault(key, "names no header; write it as header:ETag.")
        return value if value.startswith("header:") else self._readable(key, value, "")

    def template(self, key: str, allowed: Sequence[str], default: str = "", *, required: bool = False) -> str:
        value = self.text(key, default, required=required)
        self._check_template(self.at(key), value, allowed)
        return value

    def templates(self, key: str, allowed: Sequence[str]) -> dict[str, str]:
        """{name: template}; numbers and booleans are taken as their text."""
        found: dict[str, str] = {}
        for name, value in self.section(key).value.items():
            found[str(name)] = self._plain(f"{key}.{name}", value)
            self._check_template(self.at(f"{key}.{name}"), found[str(name)], allowed)
        return found

    def params(self, key: str, allowed: Sequence[str]) -> dict[str, str | tuple[str, ...]]:
        """Query parameters: {name: text or list of texts}."""
        found: dict[str, str | tuple[str, ...]] = {}
        for name, value in self.section(key).value.items():
            items = self.names_at(f"{key}.{name}", value) if isinstance(value, list) else None
            found[str(name)] = self._plain(f"{key}.{name}", value) if items is None else items
            for text in items or (str(found[str(name)]),):
                self._check_template(self.at(f"{key}.{name}"), text, allowed)
        return found

    def values(self, key: str) -> tuple[Any, ...]:
        value = self.value.get(key)
        if not isinstance(value, list) or not value:
            self.fault(key, "must be a list of at least one value.")
            return ()
        return tuple(value)

    def names(self, key: str) -> tuple[str, ...]:
        value = self.value.get(key)
        return self.names_at(key, [] if value is None else [value] if isinstance(value, str) else value)

    def names_at(self, key: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            self.fault(key, "must be a list of texts.")
            return ()
        return tuple(value)

    def _plain(self, key: str, value: Any) -> str:
        if isinstance(value, (dict, list)) or value is None:
            self.fault(key, f"must be text, not {kind(value)}.")
            return ""
        return str(value).lower() if isinstance(value, bool) else str(value)

    def _readable(self, key: str, path: str, default: str) -> str:
        try:
            parse(path)
        except PathError as error:
            self.fault(key, str(error))
            return default
        return path

    def _check_template(self, path: str, template: str, allowed: Sequence[str]) -> None:
        names = names_in(template)
        for name in names:
            if not fits(name, allowed):
                self.problems.add(path, f"{{{name}}} cannot stand here; {explain(allowed)}")
        if template.count("{") + template.count("}") != 2 * sum(template.count("{" + name + "}") for name in names):
            self.problems.add(path, "has a brace that belongs to no {name}; there are no expressions.")


def fits(name: str, allowed: Sequence[str]) -> bool:
    """`settings.*` allows every name that begins so; `*` every plain name (a credential)."""
    for pattern in allowed:
        if name == pattern or (pattern.endswith(".*") and name.startswith(pattern[:-1])):
            return True
        if pattern == "*" and "." not in name and name not in RESERVED:
            return True
    return False


RESERVED = ("id", "since", "settings", "last")


def explain(allowed: Sequence[str]) -> str:
    if "*" in allowed:
        return "known here: credentials such as {token}, and {settings.x}."
    known = ", ".join("{" + name + "}" for name in allowed) or "nothing"
    return f"known here: {known}. Credentials belong in auth or headers."


def kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true/false", int: "a number", float: "a number"}
    return "nothing" if value is None else names.get(type(value), type(value).__name__)
