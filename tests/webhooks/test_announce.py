"""A worker is told once, and nothing hangs on its being told."""

from __future__ import annotations

from typing import Any

import pytest
from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisAway

from integrations.models import ExternalChange
from sync_engine.webhooks import announce
from tests.webhooks.scene import Hooked

BODY = b'{"event":"contact.updated","data":{"id":"%d"}}'


class Marks:
    """Redis as far as announcing needs it."""

    def __init__(self) -> None:
        self.kept: set[str] = set()

    def set(self, name: str, _value: int, *, nx: bool, ex: int) -> bool:
        fresh = name not in self.kept or not nx
        self.kept.add(name)
        return fresh and ex > 0

    def delete(self, name: str) -> None:
        self.kept.discard(name)


@pytest.fixture
def told(hooked: Hooked, settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    settings.PUSH_IN_REAL_TIME = True
    marks, calls = Marks(), list[str]()
    monkeypatch.setattr(announce, "_redis", lambda: marks)
    monkeypatch.setattr("sync_engine.tasks.hear.apply_async", lambda args, **_: calls.append(args[0]))
    return calls


def test_a_burst_calls_one_worker(hooked: Hooked, told: list[str]) -> None:
    for number in range(5):
        assert hooked.post(BODY % number).status_code == 200
    announce.settle()
    assert told == [str(hooked.integration.pk)]
    announce.taken_up(told[0])
    hooked.post(BODY % 6)
    announce.settle()
    assert len(told) == 2


@pytest.mark.parametrize("away", [OperationalError("no broker"), RedisAway("no redis")])
def test_without_a_broker_nothing_is_lost(
    hooked: Hooked, told: list[str], monkeypatch: pytest.MonkeyPatch, away: Exception
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise away

    monkeypatch.setattr("sync_engine.tasks.hear.apply_async", fails)
    assert hooked.post(BODY % 1).status_code == 200
    announce.settle()
    assert (told, ExternalChange.objects.count()) == ([], 1)
