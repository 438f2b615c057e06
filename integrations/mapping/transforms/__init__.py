"""The transforms of mapping rules. `@transform("name")` adds one of your own."""

from . import enums, references, scalars, times
from .base import REGISTRY, Direction, Settings, Transform, build, transform, word

__all__ = [
    "REGISTRY",
    "Direction",
    "Settings",
    "Transform",
    "build",
    "enums",
    "references",
    "scalars",
    "times",
    "transform",
    "word",
]
