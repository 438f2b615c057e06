"""Times in the viewer's own zone."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "lockstep_timezone"
"""Set by the page's script from the browser, or by a person's own choice on the page of preferences."""


class ViewerTimeZone:
    """Activates the zone that the browser named; UTC for whoever names none, or none that exists."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = zone_of(request)
        with timezone.override(zone):
            return self.get_response(request)


def zone_of(request: HttpRequest) -> zoneinfo.ZoneInfo | None:
    name = request.COOKIES.get(COOKIE, "")
    return zoneinfo.ZoneInfo(name) if name in zone_names() else None


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every zone that this server knows; read once, for it walks a directory tree."""
    return frozenset(zoneinfo.available_timezones())
