"""Several values on one side, one on the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any

from connectors.base.paths import compile_get, parse, set_path

from .base import Direction, Settings, Transform, build, transform
from .scalars import as_text, dumps


@transform("constant")
class Constant(Transform):
    """A fixed value, written when the record is created. {"type": "constant", "value": ...}."""

    keys = frozenset({"value"})

    def check(self) -> None:
        if self.settings.get("value") is None:
            raise ValueError('A constant needs "value".')
        self.value = self.settings["value"]
        self.pulls, self.pushes = self.direction == "pull", self.direction == "push"
        self.inputs = () if self.pushes else None

    def to_local(self, form: Any) -> Any:
        return self.value

    def to_external(self, local: Any) -> Any:
        return self.value


@transform("coalesce")
class Coalesce(Transform):
    """The first of several external fields that holds a value.

    fields  external fields in order of preference
    as      transform of the value (word or object); by the internal kind where absent

    write   the field to write to (default: the first); the others are cleared

    It stands in externalToInternal; the other direction is derived.
    """

    keys = frozenset({"fields", "as", "write"})

    def check(self) -> None:
        self.paths = field_list(self.settings)
        self.one = inner(self.settings, self.spec, self.direction)
        self.pushes = self.direction == "pull" and self.one.pushes
        self.pulls = self.direction == "pull"
        target = self.settings.get("write", self.paths[0])
        if target not in self.paths:
            raise ValueError(f'"write" must be one of {", ".join(self.paths)}.')
        self.target = self.paths.index(target)

    def normalise(self, raw: list[Any]) -> list[Any] | None:
        forms = [None if value is None else self.one.normalise(value) for value in raw]
        return forms if any(form is not None for form in forms) else None

    def to_local(self, form: list[Any]) -> Any:
        return self.one.to_local(next(value for value in form if value is not None))

    def to_external(self, local: Any) -> list[Any]:
        form = self.one.to_external(local)
        return [form if place == self.target else None for place in range(len(self.paths))]

    def emit(self, form: list[Any]) -> list[Any]:
        return [None if value is None else self.one.emit(value) for value in form]


@transform("concat")
class Concat(Transform):
    """Several fields joined to one text, empty ones left out: external fields in externalToInternal, internal
    fields in internalToExternal. One way. {"type": "concat", "fields": [...], "separator": " "}."""

    keys = frozenset({"fields", "separator"})

    def check(self) -> None:
        self.separator = str(self.settings.get("separator", " "))
        self.pulls, self.pushes = self.direction == "pull", self.direction == "push"
        if self.pulls:
            self.paths = field_list(self.settings)
        else:
            self.inputs = field_list(self.settings)

    def normalise(self, raw: Any) -> Any:
        return texts(raw) if self.pulls else (as_text(raw) or None)

    def to_local(self, form: list[str | None]) -> str | None:
        return fitting(self.separator.join(part for part in form if part), self.spec.max_length)

    def to_external(self, local: list[Any]) -> str | None:
        return self.separator.join(part for part in texts(local) or () if part) or None


@transform("template")
class Template(Transform):
    """A text with fields in braces: {"type": "template", "template": "{title} ({status})"}. The braces hold
    external paths in externalToInternal, internal fields in internalToExternal. One way."""

    keys = frozenset({"template"})

    def check(self) -> None:
        self.pieces = pieces(self.settings.get("template"))
        holes = tuple(hole for _, hole in self.pieces if hole)
        self.pulls, self.pushes = self.direction == "pull", self.direction == "push"
        if self.pulls:
            self.paths = holes
        else:
            self.inputs = holes

    def normalise(self, raw: Any) -> Any:
        return texts(raw) if self.pulls else (as_text(raw) or None)

    def to_local(self, form: list[str | None]) -> str | None:
        return fitting(self._fill(form), self.spec.max_length)

    def to_external(self, local: list[Any]) -> str | None:
        filled = texts(local)
        return None if filled is None else self._fill(filled)

    def _fill(self, values: list[str | None]) -> str:
        rest = iter(values)
        return "".join(text + ((next(rest) or "") if hole else "") for text, hole in self.pieces)


@transform("tags")
class Tags(Transform):
    """A list of names, sorted, each once. `path` reads the name inside an object ({"path": "name"}); `separator`
    is for a provider that keeps them in one text."""

    keys = frozenset({"path", "separator"})
    kinds = ("tags", "json")
    local_is_form = True

    def check(self) -> None:
        self.path = str(self.settings.get("path", ""))
        self.separator = str(self.settings.get("separator", ""))
        if self.path and self.separator:
            raise ValueError('Tags have either "path" or "separator".')
        self.get = item_getter(self.path)

    def normalise(self, raw: Any) -> list[str] | None:
        if self.separator and isinstance(raw, str):
            raw = [part.strip() for part in raw.split(self.separator)]
        if not isinstance(raw, list):
            raise ValueError("is not a list")
        if len(raw) > 1:
            return sorted({self._name(item) for item in raw} - {""}) or None
        return [name] if raw and (name := self._name(raw[0])) else None

    def _name(self, item: Any) -> str:
        value = self.get(item) if self.path and item.__class__ is not str else item
        if value.__class__ is str:
            return str(value)
        return "" if value is None else as_text(value)

    def to_external(self, local: list[str]) -> list[str] | None:
        return sorted(set(local)) or None

    def emit(self, form: list[str]) -> Any:
        if self.separator:
            return self.separator.join(form)
        return [self._item(name) for name in form] if self.path else list(form)

    def _item(self, name: str) -> dict[str, Any]:
        item: dict[str, Any] = {}
        set_path(item, self.path, name)
        return item


def item_getter(path: str) -> Callable[[Any], Any]:
    """Reads a tag's name; a single key of a plain object at once."""
    tolerant = compile_get(path)
    segments = parse(path)
    if len(segments) != 1 or not isinstance(segments[0], str):
        return tolerant
    key = segments[0]
    return lambda item: item.get(key) if item.__class__ is dict else tolerant(item)


def inner(settings: Settings, spec: Any, direction: Direction) -> Transform:
    """The transform named by "as"."""
    named = settings.get("as", BY_KIND.get(spec.kind, "string"))
    return build({"type": named} if isinstance(named, str) else named, spec, direction)


BY_KIND = {
    "text": "string",
    "choice": "string",
    "reference": "lookup",
    "uuid": "string",
    "integer": "number",
    "decimal": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "tags": "tags",
    "json": "json",
}
"""The transform of a rule that names none."""


def field_list(settings: Mapping[str, Any], count: int = 0) -> tuple[str, ...]:
    names = settings.get("fields")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError('The transform needs "fields": a list of field names.')
    if count and len(names) != count:
        raise ValueError(f'"fields" must hold {count} names.')
    return tuple(names)


def texts(values: list[Any]) -> list[str | None] | None:
    """Each as text, None for empty ones; None if all are empty."""
    found = [None if value is None else (_text(value) or None) for value in values]
    return found if any(text is not None for text in found) else None


def _text(value: Any) -> str:
    return dumps(value).decode() if isinstance(value, (list, dict)) else as_text(value)


def fitting(text: str, limit: int | None) -> str | None:
    if limit is not None and len(text) > limit:
        raise ValueError(f"is longer than the {limit} characters that the field holds")
    return text or None


def pieces(template: Any) -> list[tuple[str, str]]:
    """(text, field behind it) pairs. A doubled brace is a brace."""
    if not isinstance(template, str) or not template:
        raise ValueError('A template needs "template": a text with fields in braces.')
    try:
        found = [(text, hole, spec, conversion) for text, hole, spec, conversion in Formatter().parse(template)]
    except ValueError as error:
        raise ValueError(f"The template cannot be read: {error}.") from None
    if any(hole == "" or spec or conversion for _, hole, spec, conversion in found):
        raise ValueError("Braces in a template hold a field name and nothing else.")
    if not any(hole for _, hole, _, _ in found):
        raise ValueError("The template names no field; use a constant.")
    return [(text, hole or "") for text, hole, _, _ in found]
