"""Group commit: callers that come at the same time share one write, and each is answered after its own is committed.

Whoever finds nobody writing writes at once; the others wait meanwhile, and one of them then writes for all that wait.
So a lone caller loses nothing, and the busier it gets, the less each one costs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Event, Lock
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)
Q = TypeVar("Q")
A = TypeVar("A")
MOST = 64
"""As many share one write; the next ones wait for the next."""


class _Caller(Generic[Q, A]):
    """`woken` is set when there is an answer, when it is to write for the next group, or when it is to write alone."""

    def __init__(self, question: Q) -> None:
        self.question = question
        self.woken = Event()
        self.answers: list[A] = []
        self.leads = False


class Together(Generic[Q, A]):
    """`write` gets the questions of a group and returns their answers in the same order, all committed. Where it
    raises, each caller of the group writes alone, so one bad question fails nobody else; `write` must therefore be
    something that may be tried again."""

    def __init__(self, write: Callable[[Sequence[Q]], Sequence[A]]) -> None:
        self._write = write
        self._lock = Lock()
        self._waiting: list[_Caller[Q, A]] = []
        self._busy = False

    def ask(self, question: Q) -> A:
        """Raises what `write` raises for this question alone."""
        caller: _Caller[Q, A] = _Caller(question)
        with self._lock:
            self._waiting.append(caller)
            if not self._busy:
                self._busy = caller.leads = True
        if not caller.leads:
            caller.woken.wait()
        if caller.leads:
            self._lead()
        return caller.answers[0] if caller.answers else self._write([question])[0]

    def _lead(self) -> None:
        """Writes for whoever waits, the caller among them, and hands on."""
        with self._lock:
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            for caller, answer in zip(group, self._write([one.question for one in group]), strict=True):
                caller.answers.append(answer)
        except Exception:
            if len(group) == 1:
                raise
            logger.warning("A group of %s could not be written; each writes alone.", len(group), exc_info=True)
        finally:
            self._hand_on()
            for caller in group:
                caller.woken.set()

    def _hand_on(self) -> None:
        with self._lock:
            self._busy = bool(self._waiting)
            if self._busy:
                self._waiting[0].leads = True
                self._waiting[0].woken.set()
