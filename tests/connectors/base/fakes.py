"""A clock that does not run, a transport that is told its answers, and a context of both."""

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base.context import Context
from connectors.base.http import HttpResponse

START = datetime(2026, 1, 1, tzinfo=UTC)


class FakeClock:
    def __init__(self):
        self.seconds = 0.0

    def now(self):
        return START + timedelta(seconds=self.seconds)

    def monotonic(self):
        return self.seconds

    def sleep(self, seconds):
        self.seconds += seconds


class Script:
    """Gives the answers in order (the last one for ever); an exception among them is raised."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    def send(self, request, *, timeout):
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def answer(status=200, body: bytes = b"{}", **headers) -> HttpResponse:
    return HttpResponse(status, {name.replace("_", "-"): text for name, text in headers.items()}, body)


def context(*answers, **options: Any) -> Context:
    given = {"base_url": "https://api.example.com/v1", "settings": {}, "credentials": {}, "clock": FakeClock()}
    return Context(**{**given, "transport": Script(*answers), **options})
