"""API tokens of the one who is signed in: shown once, in force until revoked, nobody else's."""

from __future__ import annotations

import html
import re

from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from records.models import ApiToken
from tests.console.asking import opened, pressed

API = "/api/admin/integrations"


def made(client: Client) -> str:
    answer = client.post(reverse("console:tokens"))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    (token,) = re.findall(r"lks_[\w-]{40,}", html.unescape(answer.content.decode()))
    return token


def calls(token: str) -> int:
    return int(APIClient(headers={"authorization": f"Bearer {token}"}).get(API).status_code)


def test_a_token_is_shown_once_and_works_until_it_is_revoked(steward: Client) -> None:
    token = made(steward)
    assert calls(token) == 200
    page = opened(steward, "tokens")
    assert token not in page
    assert token[:8] in page
    pressed(steward, "revoke_token", ApiToken.objects.get().pk)
    assert calls(token) == 401


def test_nobody_revokes_the_token_of_somebody_else(steward: Client, stranger: Client) -> None:
    token = made(steward)
    assert stranger.post(reverse("console:revoke_token", args=[ApiToken.objects.get().pk])).status_code == 404
    assert calls(token) == 200
    assert token[:8] not in opened(stranger, "tokens")


def test_tokens_of_one_person_are_bounded(steward: Client) -> None:
    for _ in range(20):
        made(steward)
    answer = steward.post(reverse("console:tokens"))
    assert (answer.status_code, ApiToken.objects.count()) == (409, 20)
