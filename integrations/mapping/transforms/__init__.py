"""The transforms of mapping rules. `@transform("name")` adds one of your own."""

from . import custom, enums, references, scalars, structures, times
from .base import REGISTRY, Direction, Settings, Transform, build, transform, word

__all__ = [
    "REGISTRY",
    "Direction",
    "Settings",
    "Transform",
    "build",
    "custom",
    "enums",
    "references",
    "scalars",
    "structures",
    "times",
    "transform",
    "word",
]
