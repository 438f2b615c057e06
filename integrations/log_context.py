"""What every line of the log should say of where it was written: integration and run, whoever writes the line.

`config.logs` puts it into the lines. It follows the flow of the code (context variables), and `carried` takes it along
into other threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from integrations.models import Integration  # logs are set up before there are models


_context: ContextVar[Mapping[str, str]] = ContextVar("log_context", default={})  # noqa: B039 - never changed in place
P = ParamSpec("P")
R = TypeVar("R")


def context() -> Mapping[str, str]:
    """Names as R1 has them: integrationId, integrationName, runId, resourceType, ..."""
    return _context.get()


@contextmanager
def logged(**names: str) -> Iterator[None]:
    """Inside, lines say this too, and whatever is noted meanwhile."""
    token = _context.set({**context(), **names})
    try:
        yield
    finally:
        _context.reset(token)


@contextmanager
def at(integration: Integration) -> Iterator[None]:
    """Inside, lines name the integration."""
    with logged(integrationId=str(integration.pk), integrationName=integration.name):
        yield


def note(**names: str) -> None:
    """From here on, lines say this too, until the surrounding `logged` or `at` ends."""
    _context.set({**context(), **names})


def carried(call: Callable[P, R]) -> Callable[P, R]:
    """The call as it runs in another thread: with what is known here. Any number of threads may run it at once."""
    known = copy_context()

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        return known.copy().run(call, *args, **kwargs)

    return run
