"""Middleware: a webhook goes straight to its view. It has no session, no user, no language and no form, so what stands
after this middleware would only cost it time.

What a webhook does need stays: the security headers and the redirect to HTTPS (`SecurityMiddleware` stands before), the
check of the host, the length of the answer, and that nobody shows it in a frame.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from sync_engine.webhooks.receive import receive

PREFIX, SUFFIX = "/api/webhooks/integrations/", "/receive"


class WebhookDoor:
    """Everything else goes on through the other middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = _integration(request.path_info)
        if found is None:
            return self.get_response(request)
        request.get_host()  # Raises DisallowedHost, which Django answers with 400.
        # The thread may have answered a person before, in their language and time zone.
        translation.deactivate()
        timezone.deactivate()
        answer = receive(request, found)
        answer["X-Frame-Options"] = "DENY"
        answer["Content-Length"] = str(len(answer.content))
        return answer


def _integration(path: str) -> UUID | None:
    """None where the path is not that of a webhook."""
    if not (path.startswith(PREFIX) and path.endswith(SUFFIX)):
        return None
    try:
        found = UUID(path[len(PREFIX) : -len(SUFFIX)])
    except ValueError:
        return None
    return found if str(found) == path[len(PREFIX) : -len(SUFFIX)] else None
