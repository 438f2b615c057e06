"""Who or what writes: carried by a context variable, kept on every `LocalChange`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

OriginKind = Literal["user", "api", "integration", "system", "import", "automation"]


@dataclass(frozen=True, slots=True)
class Origin:
    """`id` is the primary key of what wrote (user, integration, rule), `actor` its name for people."""

    kind: OriginKind
    id: str = ""
    actor: str = ""


SYSTEM = Origin("system")
current_origin: ContextVar[Origin] = ContextVar("current_origin", default=SYSTEM)


@contextmanager
def writing_as(origin: Origin) -> Iterator[None]:
    """Every save inside the block is recorded as made by `origin`."""
    token = current_origin.set(origin)
    try:
        yield
    finally:
        current_origin.reset(token)
