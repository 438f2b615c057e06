"""The short way of a webhook leaves out what it does not need, and nothing else."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.http import HttpRequest
from django.utils import timezone, translation

from sync_engine.webhooks import door
from tests.webhooks.scene import Hooked

BODY = orjson.dumps({"event": "contact.updated", "data": {"id": "1"}})
HEADERS = {
    "Content-Length": "35",
    "Content-Type": "application/json",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def test_the_answer_has_the_headers_of_every_answer(hooked: Hooked) -> None:
    assert dict(hooked.post(BODY).headers) == HEADERS


def test_it_is_as_safe_as_the_long_way(hooked: Hooked, settings: Any) -> None:
    short = hooked.post(BODY)
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith("WebhookDoor")]
    long = Hooked.post.__get__(hooked)(BODY + b" ")
    kept = {name: value for name, value in long.headers.items() if name not in ("Vary", "Content-Language")}
    assert dict(short.headers) == kept


def test_another_host_is_refused(hooked: Hooked) -> None:
    assert hooked.post(BODY, more={"Host": "evil.example.com"}).status_code == 400


def test_plain_http_is_redirected_where_https_is_served(hooked: Hooked, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert hooked.post(BODY).status_code == 301


def test_it_does_not_speak_the_language_of_whoever_was_answered_before(
    hooked: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    before = door.receive

    def receive(request: HttpRequest, id: Any) -> Any:
        seen.append(f"{translation.get_language()} {timezone.get_current_timezone_name()}")
        return before(request, id)

    monkeypatch.setattr(door, "receive", receive)
    with translation.override("es"), timezone.override("America/Lima"):
        assert hooked.post(BODY).status_code == 200
    assert seen == ["en UTC"]


@pytest.mark.parametrize("path", ["receive", "x/receive", "{}/receive/", "/{}/receive", "{}/other"])
@pytest.mark.urls("config.urls")
def test_other_addresses_go_the_long_way(hooked: Hooked, settings: Any, path: str) -> None:
    settings.ROOT_URLCONF = "config.urls"
    url = "/api/webhooks/integrations/" + path.format(hooked.integration.pk)
    assert hooked.send(BODY, {}, url).status_code == 404
