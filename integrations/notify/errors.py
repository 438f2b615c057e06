"""Why a message did not go out."""

from __future__ import annotations


class Undeliverable(Exception):
    """The message says what to do. `final` = trying again would not help; `retry_after` in seconds, where the other
    side named a time."""

    def __init__(self, sentence: str, *, final: bool = False, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.final = final
        self.retry_after = retry_after
