"""A secret that is planted everywhere, and everything that people and programs get to see."""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from psycopg import sql

CANARY = "canary-9f3b2c7e51d84a06"
CONSOLE = "/dashboard/admin/"
LINK = re.compile(r'(?:href|action|src|hx-get)="([^"#]+)')
LEFT_OUT = re.compile(r"/(logout|jsi18n|autocomplete|language)|\.(js|css|svg|png|woff2?)$|/static/")
MOST_PAGES = 250


def hidden_in(text: str | bytes) -> bool:
    plain = text if isinstance(text, bytes) else text.encode()
    return CANARY.encode() in plain or CANARY.encode().hex().encode() in plain


class Ears(logging.Handler):
    """Hears every line of every logger, formatted as the servers write it, tracebacks included."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(formatter)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def pages(browser: Client) -> Iterator[tuple[str, bytes]]:
    """Every page of the console that links lead to, as far as `MOST_PAGES`; one page per kind of row."""
    waiting, known, kinds = deque([CONSOLE, f"{CONSOLE}tables"]), {CONSOLE}, set()
    while waiting and len(known) < MOST_PAGES:
        here = waiting.popleft()
        answer = browser.get(here)
        yield here, (body := _body(answer))
        for found in LINK.findall(body.decode(errors="replace")):
            target = urljoin(here, found.replace("&amp;", "&"))
            kind = re.sub(r"[0-9a-f-]{36}|\d+", "*", target)
            if urlsplit(target).netloc or LEFT_OUT.search(target) or not target.startswith(CONSOLE) or kind in kinds:
                continue
            kinds.add(kind)
            known.add(target)
            waiting.append(target)


def answers(client: Any, ids: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    """What every address of the API answers: to a look, and to a call with a body that makes no sense."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    for template, operations in paths.items():
        path = re.sub(r"\{(\w+)\}", lambda name: ids.get(name[1], "01a1fd00-0000-7000-8000-000000000000"), template)
        for method in operations:
            if method == "delete":
                continue
            body = {} if method == "get" else {"data": {"credentials": 7}, "format": "json"}
            answer = getattr(client, method)(path, **body)
            assert answer.status_code < 500, (method, path, _body(answer)[:500])
            yield f"{method} {path}", _body(answer)


def _body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def dump() -> Iterator[tuple[str, str]]:
    """Every row of every table, encrypted columns as they lie there."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    for table in sorted(tables):
        with connection.cursor() as cursor:
            copied = cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table)))
            with copied as rows:
                yield table, b"".join(bytes(part) for part in rows).decode(errors="replace")


def superuser() -> Client:
    browser = Client(raise_request_exception=False)
    browser.force_login(User.objects.create_superuser("root"))
    return browser
