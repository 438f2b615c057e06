"""How many calls the API takes, by address for strangers and by user for others. Counted in Redis; without Redis
every call is taken, because a throttle that fails shut would be an outage of its own."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle

from records import counters
from records.asking import client_address


class _Counted(SimpleRateThrottle):
    """One counter a window and caller, which two calls at the same moment cannot both find low."""

    left: float = 0.0

    def get_ident(self, request: Request) -> str:
        return client_address(request._request)

    def allow_request(self, request: Request, view: Any) -> bool:
        key = self.get_cache_key(request, view) if self.rate is not None else None
        if key is None:
            return True
        try:
            number, self.left = counters.hit(key, self.duration)
        except counters.Unavailable:
            return True
        return number <= self.num_requests

    def wait(self) -> float:
        return self.left


class AnonymousRate(_Counted, AnonRateThrottle):
    """By address."""


class UserRate(_Counted, UserRateThrottle):
    """By user, whichever of the user's tokens is used."""
