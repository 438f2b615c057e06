"""The two columns of the editor: what the provider's records hold, and what ours do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.mapping.document import IDENTITY
from records.catalog import SyncType

DEPTH = 4
SHOWN = 60
"""Characters of an example."""


@dataclass(frozen=True)
class Field:
    """A field of either side. `kind` in words of the side, `example` from a sample."""

    path: str
    kind: str
    example: str = ""
    required: bool = False


def theirs(samples: Sequence[Mapping[str, Any]]) -> list[Field]:
    """Every path in the samples, with the first example that is not empty."""
    found: dict[str, Field] = {}
    for sample in samples:
        for path, value in _leaves(sample, "", DEPTH):
            known = found.get(path)
            if known is None or (not known.example and value not in (None, "", [], {})):
                found[path] = Field(path, _kind(value), _example(value))
    return sorted(found.values(), key=lambda one: one.path)


def ours(sync_type: SyncType) -> list[Field]:
    """What can be mapped here, required fields first."""
    fields = [
        Field(one.name, one.kind.value, ", ".join(one.choices or ()), one.required)
        for one in sync_type.fields
        if one.writable and one.name != IDENTITY
    ]
    return sorted(fields, key=lambda one: (not one.required, one.path))


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and depth:
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name), depth - 1)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping) and depth:
        yield from _leaves(value[0], f"{path}[0]", depth - 1)
    elif path:
        yield path, value


def _kind(value: Any) -> str:
    names: Iterable[tuple[type, str]] = ((bool, "yes/no"), (int, "number"), (float, "number"), (list, "list"))
    return next((name for cls, name in names if isinstance(value, cls)), "text")


def _example(value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    text = str(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
