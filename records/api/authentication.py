"""Who asks: a browser session, or a token in `Authorization: Bearer lks_...` (`Token` is accepted as well)."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from records import tokens

SCHEMES = (b"bearer", b"token")


class TokenAuthentication(BaseAuthentication):
    """Stands first in the list, so that an anonymous call is answered 401 and not 403."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        scheme, _, given = get_authorization_header(request).partition(b" ")
        if scheme.lower() not in SCHEMES:
            return None
        found = tokens.find(given.strip().decode("latin-1"))
        if found is None:
            raise AuthenticationFailed("This token is unknown or revoked. Issue a new one with manage.py api_token.")
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
