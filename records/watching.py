"""Who else reads the outbox: rules and webhooks watch types of an organization, and only these are noted for them.

Any app files its own question from its `AppConfig.ready()`:

    watching.register(lambda organization_id, key: key == "boat")
"""

from __future__ import annotations

from collections.abc import Callable

Question = Callable[[str, str], bool]
"""(organization id, key of a sync type) -> whether changes of that type are to be kept for the asker."""

_questions: list[Question] = []


def register(question: Question) -> None:
    """Files a question. It is asked at every write, so it should cost one look-up."""
    if question not in _questions:
        _questions.append(question)


def unregister(question: Question) -> None:
    """Takes a question out again."""
    _questions.remove(question)


def watched(organization_id: str, key: str) -> bool:
    """Does anybody watch changes of that type?"""
    return any(question(organization_id, key) for question in _questions)
