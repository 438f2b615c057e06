"""People who are told, a Slack that listens, and a clock that moves when it is told to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction

from integrations.notify import sending
from records.models import Membership, Organization
from tests.health.factories import NOW


@dataclass
class Clock:
    """`now` as the code under test sees it."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at


@dataclass
class Slack:
    """Answers with the next of `answers`, then with 200. `heard` are the bodies."""

    url: str = ""
    heard: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], str]] = field(default_factory=list)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slack(settings: Any) -> Iterator[Slack]:
    """A real HTTP listener, whose address is the installation's Slack webhook."""
    listening = Slack()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            listening.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            status, headers, body = listening.answers.pop(0) if listening.answers else (200, {}, "ok")
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    listening.url = f"http://127.0.0.1:{server.server_port}/services/T0/B0/s3cr3tpath"
    settings.SLACK_WEBHOOK_URL, settings.ALLOW_PRIVATE_HOSTS = listening.url, True
    yield listening
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages go out when a test delivers them."""
    monkeypatch.setattr(sending, "soon", lambda: None)
    monkeypatch.setattr(transaction, "on_commit", lambda told, *_, **__: told())


def person(organization: Organization, name: str, role: str = "WEB_STEWARD", **fields: Any) -> User:
    user = User.objects.create_user(name, email=f"{name}@example.org", **fields)
    if role:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    Membership.objects.create(user=user, organization=organization)
    return user
