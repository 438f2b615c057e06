"""Text, numbers, booleans, JSON."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, ClassVar

import orjson

from .base import Transform, transform

TRUE = {"true", "yes", "1", "on", "y", "t"}
FALSE = {"false", "no", "0", "off", "n", "f"}


@transform("string")
class String(Transform):
    """Text. A text longer than the internal field is refused, or cut with "truncate": true (lossy)."""

    keys = frozenset({"truncate"})
    kinds = ("text", "choice", "uuid", "reference")
    inline = "{v} if {v}.__class__ is str and {v} else (None if {v} is None else {n}({v}))"

    def check(self) -> None:
        self.limit = self.spec.max_length
        self.truncate = bool(self.settings.get("truncate"))
        self.choices = frozenset(self.spec.choices)
        self.local_is_form = self.limit is None and not self.choices

    def normalise(self, raw: Any) -> str | None:
        return as_text(raw) or None

    def to_local(self, form: str) -> str:
        if self.limit is not None and len(form) > self.limit:
            if not self.truncate:
                raise ValueError(f"is longer than the {self.limit} characters that the field holds")
            form = form[: self.limit]
        if self.choices and form not in self.choices:
            raise ValueError(f"is not one of {', '.join(sorted(self.choices))}")
        return form


@transform("number")
class Number(Transform):
    """Integer or decimal, by the internal kind. The external form is an int, or a decimal text without
    trailing zeros.

    factor        local = external x factor (minutes to seconds: 60)
    round         decimal places to keep instead of refusing what does not fit (lossy)
    externalType  "string" for a provider that writes numbers as text
    """

    keys = frozenset({"factor", "round", "externalType"})
    kinds = ("integer", "decimal", "text", "json")

    def check(self) -> None:
        self.factor = decimal(self.settings.get("factor", 1))
        self.places = self.settings.get("round")
        self.as_string = one_of(self.settings, "externalType", ("number", "string")) == "string"
        self.whole = self.spec.kind == "integer"
        if self.factor == 0:
            raise ValueError("The factor must not be 0.")
        if self.places is not None and not isinstance(self.places, int):
            raise ValueError("round must be a number of decimal places.")
        self.plain = self.factor == 1 and self.places is None

    def normalise(self, raw: Any) -> int | str | None:
        if raw.__class__ is int:
            return int(raw)
        if raw.__class__ is str and not raw.strip():
            return None
        return number_form(decimal(raw))

    def to_local(self, form: int | str) -> int | str:
        if self.plain and form.__class__ is int:
            return form if self.whole else str(form)
        return self._fit(decimal(form) * self.factor)

    def _fit(self, value: Decimal) -> int | str:
        if self.places is not None:
            value = rounded(value, 0 if self.whole else self.places)
        if not self.whole:
            return str(number_form(value))
        if value != value.to_integral_value():
            raise ValueError("is not a whole number")
        return int(value)

    def to_external(self, local: Any) -> int | str:
        value = decimal(local) / self.factor
        return number_form(value if self.places is None else rounded(value, self.places))

    def emit(self, form: int | str) -> Any:
        if self.as_string:
            return str(form)
        return form if isinstance(form, int) else float(form)


@transform("boolean")
class Boolean(Transform):
    """True or false; reads 0, 1 and the usual words too."""

    kinds: ClassVar[tuple[str, ...]] = ("boolean", "json")
    local_is_form = True
    inline = "{v} if {v} is None or {v} is False or {v} is True else {n}({v})"

    def normalise(self, raw: Any) -> bool | None:
        if isinstance(raw, bool):
            return raw
        text = as_text(raw).strip().lower()
        if not text:
            return None
        if text not in TRUE and text not in FALSE:
            raise ValueError("is neither true nor false")
        return text in TRUE


@transform("json")
class Json(Transform):
    """Any JSON value, untouched."""

    local_is_form = True
    kinds = ("json",)

    def normalise(self, raw: Any) -> Any:
        return raw


def as_text(raw: Any) -> str:
    """Text of a JSON scalar. Raises `ValueError` for a list or an object."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, (int, float, Decimal)):
        return str(number_form(decimal(raw)))
    raise ValueError("is a list or an object, not a single value")


def decimal(raw: Any) -> Decimal:
    """Raises `ValueError` for what is no finite number."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str, Decimal)):
        raise ValueError("is not a number")
    try:
        value = Decimal(repr(raw) if isinstance(raw, float) else raw)
    except InvalidOperation:
        raise ValueError("is not a number") from None
    if not value.is_finite():
        raise ValueError("is not a finite number")
    return value


def number_form(value: Decimal) -> int | str:
    """int where integral, else the shortest decimal text."""
    if value == value.to_integral_value():
        return int(value)
    return format(value.normalize(), "f")


def rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def one_of(settings: Any, key: str, allowed: tuple[str, ...]) -> str:
    """A word out of `allowed`, the first by default."""
    value = settings.get(key, allowed[0])
    if value not in allowed:
        raise ValueError(f"{key} must be one of {', '.join(allowed)}, not {value!r}.")
    return str(value)


def dumps(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
