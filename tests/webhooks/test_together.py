"""Callers share writes, and nobody pays for it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from integrations.webhooks.together import Together
from tests.resilience.house import eventually


class Ledger:
    """Writes letters; the first group waits until it may. A "!" spoils the whole group it is in."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.may = threading.Event()

    def write(self, letters: Sequence[str]) -> list[str]:
        self.groups.append(list(letters))
        if len(self.groups) == 1:
            assert self.may.wait(10)
        if "!" in letters:
            raise ValueError("spoiled")
        return [letter.upper() for letter in letters]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def asked(ledger: Ledger, letters: str) -> dict[str, str]:
    """What each of the callers gets, who all come while the first one's write is under way."""
    together = Together(ledger.write)

    def ask(letter: str) -> str:
        try:
            return together.ask(letter)
        except ValueError as problem:
            return str(problem)

    with ThreadPoolExecutor(len(letters)) as pool:
        first = pool.submit(ask, letters[0])
        assert eventually(lambda: len(ledger.groups) == 1)
        others = {letter: pool.submit(ask, letter) for letter in letters[1:]}
        assert eventually(lambda: len(together._waiting) == len(others))
        ledger.may.set()
        return {letters[0]: first.result(10)} | {letter: one.result(10) for letter, one in others.items()}


def test_who_comes_meanwhile_is_written_at_once_with_the_others(ledger: Ledger) -> None:
    assert asked(ledger, "abcdef") == {letter: letter.upper() for letter in "abcdef"}
    assert [sorted(group) for group in ledger.groups] == [["a"], ["b", "c", "d", "e", "f"]]


def test_a_bad_one_fails_alone(ledger: Ledger) -> None:
    assert asked(ledger, "ab!c") == {"a": "A", "b": "B", "!": "spoiled", "c": "C"}
    assert sorted(map(len, ledger.groups)) == [1, 1, 1, 1, 3]


def test_after_a_failure_the_next_ones_are_served(ledger: Ledger) -> None:
    assert asked(ledger, "!ab") == {"!": "spoiled", "a": "A", "b": "B"}
    together = Together(ledger.write)
    assert (together.ask("x"), together.ask("y")) == ("X", "Y")
