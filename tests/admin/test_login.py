"""Logging in to the console, and being put off."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

LOGIN = "/dashboard/admin/login/"


@pytest.fixture(autouse=True)
def _fresh(db: None, settings: Any) -> None:
    cache.clear()
    settings.LOGIN_FAILURES = 3
    User.objects.create_superuser("dana", password="right")


def log_in(password: str, name: str = "dana", address: str = "203.0.113.7") -> Any:
    return Client().post(LOGIN, {"username": name, "password": password}, REMOTE_ADDR=address)


def test_the_right_password_lets_in() -> None:
    assert log_in("right").status_code == 302


def test_after_too_many_failures_it_is_said_how_long_to_wait() -> None:
    for _ in range(3):
        assert b"Too many" not in log_in("wrong").content
    answer = log_in("right")
    assert (answer.status_code, b"Too many failed log-ins. Try again in" in answer.content) == (200, True)


def test_the_same_person_gets_in_from_elsewhere() -> None:
    for _ in range(4):
        log_in("wrong")
    assert log_in("right", address="203.0.113.8").status_code == 302


def test_an_account_that_does_not_exist_is_answered_alike() -> None:
    first, second = log_in("wrong"), log_in("wrong", name="nobody")
    assert b"Too many" not in first.content + second.content
    for _ in range(3):
        log_in("wrong", name="nobody")
    assert b"Too many" in log_in("wrong", name="nobody").content


def test_behind_a_proxy_its_last_word_counts(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for number in range(4):
        Client().post(
            LOGIN, {"username": "dana", "password": "no"}, headers={"X-Forwarded-For": f"10.0.0.{number}, 198.51.100.9"}
        )
    answer = Client().post(
        LOGIN, {"username": "dana", "password": "right"}, headers={"X-Forwarded-For": "1.2.3.4, 198.51.100.9"}
    )
    assert b"Too many" in answer.content
