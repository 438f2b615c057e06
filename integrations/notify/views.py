"""The page behind the link in each mail. The link itself is the authority, so nobody needs to log in."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from integrations.notify import optout


@method_decorator(csrf_exempt, name="dispatch")  # mail programs post for their users (RFC 8058), without a cookie
class Unsubscribe(View):
    """GET asks, so that programs that look at links end nothing; POST does it, and undoes it with `again`."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self._page(request, _found(token))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        found = _found(token)
        (optout.take_up if request.POST.get("again") else optout.end)(found)
        return self._page(request, found)

    def _page(self, request: HttpRequest, found: optout.Subscription) -> HttpResponse:
        context = {"subscription": found, "active": found.active, "topic": found.topic.label}
        return render(request, "integrations/unsubscribe.html", context)


def _found(token: str) -> optout.Subscription:
    found = optout.read(token)
    if found is None:
        raise Http404("This link is not valid any more.")
    return found
