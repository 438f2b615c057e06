"""What a transform is, and the register of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, TypeVar

from integrations.mapping.fields import FieldSpec

Direction = Literal["pull", "push"]
Settings = Mapping[str, Any]


class Transform:
    """Converts one mapped value between the two sides. Never sees None: an empty value is empty on both sides.

    Three forms: *raw* as the provider sends and takes it, the *external form* (raw made canonical, JSON-able,
    kept as external base), and the *local* canonical value. `settings` is the document's transform object,
    `direction` the way it was written for: "pull" (externalToInternal) or "push". A settings mistake raises
    `ValueError` with a sentence on construction, a value that does not fit raises it on conversion.
    """

    names: ClassVar[tuple[str, ...]] = ()
    keys: ClassVar[frozenset[str]] = frozenset()
    """Settings understood besides "type"."""
    local_is_form = False
    """True where the local value is the external form, so that `to_local` need not be called."""
    inline = ""
    """Expression that spares the call of `normalise` in the common case: {v} the raw value, {n} normalise."""
    kinds: ClassVar[tuple[str, ...]] = ()
    """Internal kinds that it serves; () = every kind."""
    pulls = True
    pushes = True
    paths: tuple[str, ...] = ()
    """External paths, where it is not the rule's own field alone; raw and external form are lists then."""
    inputs: tuple[str, ...] | None = None
    """Internal fields that `to_external` needs as a list, where it is not the rule's own field."""

    def __init__(self, settings: Settings, spec: FieldSpec, direction: Direction) -> None:
        self.settings = settings
        self.spec = spec
        self.direction = direction
        self.check()

    def check(self) -> None:
        """Reads the settings. Raises `ValueError`."""

    def normalise(self, raw: Any) -> Any:
        return raw

    def to_local(self, form: Any) -> Any:
        return form

    def to_external(self, local: Any) -> Any:
        return local

    def emit(self, form: Any) -> Any:
        """The external form as the provider takes it."""
        return form

    def equal_local(self, a: Any, b: Any) -> bool:
        return bool(a == b)

    def equal_external(self, a: Any, b: Any) -> bool:
        return bool(a == b)

    def loses(self, raw: Any) -> str:
        """What of `raw` a write would destroy that the mapping cannot express, as a clause; "" = nothing."""
        return ""


T = TypeVar("T", bound=type[Transform])
REGISTRY: dict[str, type[Transform]] = {}


def transform(*names: str) -> Callable[[T], T]:
    """Registers a transform under its words. A word taken twice is an error at import."""

    def register(cls: T) -> T:
        for name in names:
            if name in REGISTRY:
                raise RuntimeError(f"The transform {name!r} is registered twice.")
            REGISTRY[name] = cls
        cls.names = names
        return cls

    return register


def build(settings: Settings, spec: FieldSpec, direction: Direction) -> Transform:
    """The transform of a rule. Raises `ValueError` with a sentence for an unknown word or bad settings."""
    name = word(settings)
    cls = REGISTRY.get(name)
    if cls is None:
        raise ValueError(f"There is no transform {name!r}. Known: {', '.join(sorted(REGISTRY))}.")
    unknown = set(settings) - cls.keys - {"type", "function"}
    if unknown:
        raise ValueError(f"{name} does not know the setting {', '.join(sorted(unknown))}.")
    if cls.kinds and spec.kind not in cls.kinds:
        raise ValueError(f"{name} gives {' or '.join(cls.kinds)}, but the internal field is {spec.kind}.")
    return cls(settings, spec, direction)


def word(settings: Settings) -> str:
    """The transform's name: R1 writes custom ones as {"type": "custom", "function": name}."""
    name = settings.get("function") if settings.get("type") == "custom" else settings.get("type")
    return str(name)
