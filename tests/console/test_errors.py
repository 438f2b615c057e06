"""What people see instead of a page: a sentence that says what to do, and the way back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

BACK = "/dashboard/admin/"


def test_what_is_not_there_says_why_it_may_be(steward: Client) -> None:
    answer = steward.get(reverse("console:log", args=[999_999]))
    assert answer.status_code == 404
    assert "belongs to another organization" in answer.content.decode()
    assert f'href="{BACK}"' in answer.content.decode()


def test_an_error_of_ours_shows_no_traceback(steward: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("console.runs.lists.listed", fails)
    steward.raise_request_exception = False
    answer = steward.get(reverse("console:runs"))
    assert answer.status_code == 500
    assert "secret detail" not in answer.content.decode()
    assert "Try again" in answer.content.decode()


def test_a_form_that_is_too_old_says_that_nothing_was_changed(steward: Client) -> None:
    checked = Client(enforce_csrf_checks=True)
    checked.cookies = steward.cookies
    answer = checked.post(reverse("console:sync_all"))
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()


def test_the_api_answers_its_own_errors(steward: Client) -> None:
    answer = steward.get("/api/nothing/here")
    assert answer.status_code == 404
    assert answer.json()["success"] is False
