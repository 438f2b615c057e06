"""Value maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Transform, transform
from .scalars import as_text, decimal, number_form, one_of

BOOLEAN_KEYS = {"true", "false"}


@transform("enum")
class EnumMap(Transform):
    """A table of values.

    mapping         as written for externalToInternal: external -> internal (R1); in internalToExternal:
                    internal -> external
    default         result for a value that the mapping does not name (else such a record is parked)
    reverse         entries of the opposite direction, before those derived from `mapping`
    reverseDefault  the opposite direction's default
    externalType    "string", "boolean" or "number": what the provider takes. Where the external values are
                    exactly true and false, boolean is assumed.

    Of several external values with one internal value the first is written. A boolean pair needs no
    reverseDefault: what has no image goes out as false.
    """

    keys = frozenset({"mapping", "default", "reverse", "reverseDefault", "externalType"})
    kinds = ("text", "choice", "boolean", "integer", "decimal", "json")
    passes = False

    def check(self) -> None:
        mapping = table(self.settings, "mapping", required=True)
        reverse = table(self.settings, "reverse")
        default, back = self.settings.get("default"), self.settings.get("reverseDefault")
        if self.direction == "push":
            self.outward, self.out_default = {local_key(k): v for k, v in mapping.items()}, default
            self.inward, self.in_default = {**invert(mapping), **reverse}, back
        else:
            self.inward, self.in_default = dict(mapping), default
            self.outward = {**{local_key(v): k for k, v in invert_first(mapping).items()}, **reverse}
            self.out_default = back
        self._check_types()
        self._tabulate()

    def _check_types(self) -> None:
        external = {as_text(v) for v in (*self.inward, *self.outward.values())}
        assumed = "boolean" if external and external <= BOOLEAN_KEYS else "string"
        self.type = one_of({"externalType": assumed, **self.settings}, "externalType", ("string", "boolean", "number"))
        if self.type == "boolean" and not external <= BOOLEAN_KEYS:
            raise ValueError(f"The external values {', '.join(sorted(external))} are not a boolean pair.")
        if self.type == "boolean" and self.out_default is None and external == BOOLEAN_KEYS:
            self.out_default = "false"
        choices = set(self.spec.choices)
        for value in (*self.inward.values(), self.in_default):
            if choices and value is not None and value not in choices:
                raise ValueError(f"{value!r} is not a value of the internal field ({', '.join(sorted(choices))}).")

    def _tabulate(self) -> None:
        self.forms: dict[Any, Any] = {}
        self.locals: dict[Any, Any] = {}
        for key, value in self.inward.items():
            form = self._typed(key)
            self.forms[form] = self.forms[key] = form
            self.locals[form] = value

    def _typed(self, value: Any) -> Any:
        text = as_text(value)
        if self.type == "boolean":
            return text == "true"
        return number_form(decimal(text)) if self.type == "number" else text

    def unmapped(self) -> list[str]:
        """Choices of the internal field that have no image."""
        if self.out_default is not None or self.passes:
            return []
        return [choice for choice in self.spec.choices if local_key(choice) not in self.outward]

    def normalise(self, raw: Any) -> Any:
        if raw.__class__ is bool or raw.__class__ is str:
            form = self.forms.get(raw)
            if form is not None:
                return form
        text = as_text(raw)
        if not text:
            return None
        return self._typed(text) if self.type != "boolean" or text in BOOLEAN_KEYS else text

    def to_local(self, form: Any) -> Any:
        value = self.locals.get(form, self.in_default)
        if value is None:
            if self.passes:
                return form
            raise ValueError(f"is not in the mapping ({', '.join(map(str, self.inward))})")
        return value

    def to_external(self, local: Any) -> Any:
        value = self.outward.get(local_key(local), self.out_default)
        if value is None:
            if self.passes:
                return local
            raise ValueError(f"is not in the mapping ({', '.join(self.outward)})")
        return self._typed(value)

    def emit(self, form: Any) -> Any:
        return float(form) if self.type == "number" and isinstance(form, str) else form


@transform("enumMapping")
class PassingEnum(EnumMap):
    """R1's `enumMapping`: as "enum", but a value that the mapping does not name passes as it is."""

    passes = True


def table(settings: Mapping[str, Any], key: str, *, required: bool = False) -> dict[str, Any]:
    value = settings.get(key, {})
    if not isinstance(value, Mapping) or (required and not value):
        raise ValueError(f'An enum needs "{key}": an object of values, for example {{"open": "TODO"}}.')
    for entry in value.values():
        if entry is None or isinstance(entry, (list, dict)):
            raise ValueError(f'The values of "{key}" must be texts, numbers or booleans.')
    return dict(value)


def invert_first(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping without later keys that give a value named before."""
    seen: set[str] = set()
    return {k: v for k, v in mapping.items() if not (local_key(v) in seen or seen.add(local_key(v)))}  # type: ignore[func-returns-value]


def invert(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {as_text(v): k for k, v in invert_first(mapping).items()}


def local_key(value: Any) -> str:
    return value if value.__class__ is str else as_text(value)
