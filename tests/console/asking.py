"""How tests speak with the console: open a page, press a button, read what was said."""

from __future__ import annotations

import html
import re
from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from connectors.base.sandbox.faults import Fault


def opened(client: Client, name: str, *keys: Any, **query: Any) -> str:
    """The text of a page, without its tags."""
    answer = client.get(reverse(f"console:{name}", args=keys), query)
    assert answer.status_code == 200, answer.status_code
    return plain(answer.content.decode())


def pressed(client: Client, name: str, *keys: Any, **sent: Any) -> str:
    """What the message says after a button was pressed."""
    answer = client.post(reverse(f"console:{name}", args=keys), sent)
    assert answer.status_code == 302, answer.status_code
    return " ".join(str(one) for one in get_messages(answer.wsgi_request))


def plain(page: str) -> str:
    body = page.partition('id="ls-page"')[2] or page
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


def refused() -> Fault:
    """The provider refuses the next task that is made there, with words of its own."""
    return Fault("server_error", ("POST", "^/tasks$"), params={"status": 400, "message": "name: Not today"})
