"""Values to try the round trip with: edges first, then some by chance. The same seed, the same values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from .fields import FieldSpec
from .pair import Pair
from .transforms import Transform
from .transforms.custom import JoinName
from .transforms.enums import EnumMap
from .transforms.scalars import String, number_form
from .transforms.structures import Coalesce
from .transforms.times import stamp

Chance = Random
"""Seeded by whoever asks; nothing else in the mapping knows of chance."""

TEXTS = ("a", "Ana Maria Silva", " padded ", "two\nlines", "Grüße 日本", "007", "true", "2026-01-31")
LETTERS = "abc XYZ-äß0129.,"
START = datetime(2000, 1, 1, tzinfo=UTC)
FIFTY_YEARS = 50 * 365 * 24 * 3600


def local_examples(spec: FieldSpec, count: int, rng: Random) -> list[Any]:
    """Canonical values that the internal field can hold."""
    if spec.choices:
        return list(spec.choices)
    make = _MAKERS.get(spec.kind, _text)
    limit = spec.max_length or 10_000
    edges = [text for text in TEXTS if len(text) <= limit] if spec.kind == "text" else []
    values = [*edges, *(make(rng) for _ in range(count))]
    return [value for value in values if not isinstance(value, str) or len(value) <= limit]


def external_examples(transform: Transform, count: int, rng: Random) -> list[Any]:
    """Raw values that a provider could send for the transform, beside those that a push makes."""
    if isinstance(transform, Pair):
        return external_examples(transform.pull, count, rng)
    if isinstance(transform, EnumMap):
        return list(transform.locals)
    if isinstance(transform, JoinName) and transform.paths:
        return [["Ada", "Lovelace"], ["Ada", None], [None, "Lovelace"], ["Ana Maria", "Silva"]]
    if isinstance(transform, Coalesce):
        inner = external_examples(transform.one, count, rng) or local_examples(transform.spec, count, rng)
        return [_at(place, value, len(transform.paths)) for place in range(len(transform.paths)) for value in inner]
    if isinstance(transform, String) and transform.limit is not None:
        return [*TEXTS, "x" * (transform.limit + 1)]
    return []


def _at(place: int, value: Any, length: int) -> list[Any]:
    return [value if at == place else None for at in range(length)]


def _text(rng: Random) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(1, 24)))


def _moment(rng: Random) -> datetime:
    return START + timedelta(seconds=rng.randint(0, FIFTY_YEARS), microseconds=rng.randint(0, 999_999))


def _decimal(rng: Random) -> str:
    return str(number_form(Decimal(rng.randint(-10_000_000, 10_000_000)).scaleb(-rng.randint(0, 3))))


_MAKERS: dict[str, Any] = {
    "text": _text,
    "choice": _text,
    "integer": lambda rng: rng.randint(-100_000, 100_000),
    "decimal": _decimal,
    "boolean": lambda rng: rng.random() < 0.5,
    "date": lambda rng: _moment(rng).date().isoformat(),
    "datetime": lambda rng: stamp(_moment(rng)),
    "tags": lambda rng: sorted({_text(rng) for _ in range(rng.randint(1, 4))}),
    "json": lambda rng: {"n": rng.randint(0, 9), "list": [_text(rng)]},
}
