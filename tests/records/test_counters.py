"""Counters in Redis, guessing that is slowed down, and what is left when Redis is away."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from config.database import cache as cache_settings
from records import counters, guessing

HERE = "203.0.113.7"


@pytest.fixture
def redis(settings: Any) -> None:
    """The counters are Redis's, under names that no other test has."""
    settings.CACHES = {"default": {**cache_settings(settings.REDIS_URL), "KEY_PREFIX": uuid4().hex}}


@pytest.fixture
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(counters, "_down_until", 0.0)
    counters._own.clear()
    yield
    counters._own.clear()


@pytest.fixture
def no_redis(settings: Any, nothing_known: None) -> None:
    settings.CACHES = {"default": cache_settings("redis://127.0.0.1:1/0")}


def test_calls_at_the_same_moment_are_all_counted(redis: None) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = sorted(number for number, _ in pool.map(lambda _: counters.hit("calls", 3600), range(50)))
    assert numbers == list(range(1, 51))
    assert counters.count("calls", 3600)[0] == 50
    counters.forget("calls", 3600)
    assert counters.count("calls", 3600)[0] == 0


def test_a_window_ends(redis: None) -> None:
    _, left = counters.hit("calls", 60)
    assert 0 < left <= 60


def test_without_redis_it_is_said_once_and_not_asked_again(no_redis: None, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            with pytest.raises(counters.Unavailable):
                counters.hit("calls", 60)
    assert [one.levelname for one in caplog.records] == ["WARNING"]
    assert "Redis does not answer" in caplog.text


@pytest.mark.parametrize("away", ["redis", "no_redis"])
def test_guessing_one_account_ends_with_or_without_redis(
    away: str, request: pytest.FixtureRequest, settings: Any
) -> None:
    request.getfixturevalue(away)
    settings.LOGIN_FAILURES, settings.LOGIN_WINDOW = 3, 3600
    for _ in range(3):
        assert guessing.wait("dana", HERE) == 0
        guessing.failed("Dana ", HERE)
    assert 0 < guessing.wait("dana", HERE) <= 3601
    assert guessing.wait("eve", HERE) == 0
    assert guessing.wait("dana", "203.0.113.8") == 0, "a stranger elsewhere locks nobody out"


def test_a_success_forgets_the_failures(redis: None, settings: Any) -> None:
    settings.LOGIN_FAILURES = 3
    for _ in range(3):
        guessing.failed("dana", HERE)
    guessing.succeeded("dana", HERE)
    assert guessing.wait("dana", HERE) == 0


def test_many_accounts_from_one_address_end_as_well(redis: None, settings: Any) -> None:
    settings.LOGIN_FAILURES = 2
    for number in range(2 * guessing.PER_ADDRESS):
        guessing.failed(f"user{number}", HERE)
    assert guessing.wait("another", HERE) > 0
    assert guessing.wait("another", "203.0.113.8") == 0


def test_one_account_from_many_addresses_ends_as_well(redis: None, settings: Any) -> None:
    settings.LOGIN_FAILURES = 1
    for number in range(guessing.PER_ACCOUNT):
        guessing.failed("dana", f"203.0.113.{number}")
    assert guessing.wait("dana", "198.51.100.1") > 0
