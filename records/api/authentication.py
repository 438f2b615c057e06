"""Who asks: a browser session, or a token in `Authorization: Bearer lks_...` (`Token` is accepted as well)."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from records import guessing, tokens
from records.asking import client_address

SCHEMES = (b"bearer", b"token")


class TokenAuthentication(BaseAuthentication):
    """Stands first in the list, so that an anonymous call is answered 401 and not 403."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        scheme, _, given = get_authorization_header(request).partition(b" ")
        if scheme.lower() not in SCHEMES:
            return None
        found = tokens.find(given.strip().decode("latin-1"))
        if found is None:
            _slow_down(client_address(request._request))
            raise AuthenticationFailed("This token is unknown or revoked. Issue a new one with manage.py api_token.")
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _slow_down(address: str) -> None:
    """A wrong token counts against its address; beyond the limit the answer is 429. A right one is always taken."""
    if seconds := guessing.wait("", address):
        raise Throttled(seconds)
    guessing.failed("", address)
