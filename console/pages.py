"""What every page of the console stands on: who may enter, whose data it sees, and the frame around it.

    class ConflictList(Page):                       # GET shows `template_name` inside the frame
        template_name = "console/conflicts/list.html"
        title = _("Conflicts")

        def context(self) -> dict[str, Any]:
            return {"conflicts": ...}

    class Ignore(Action):                           # POST does, says what came of it, and goes back
        def act(self) -> str: ...

A page's template starts with `{% extends frame %}` and fills `{% block page %}`. Asked by htmx, `frame` is bare, so
that a live part costs neither the sidebar nor its counts. In a context `object` and `opts` are the admin's words:
do not use them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from integrations.console import integrations_of
from integrations.models import Integration, JobExecution
from records.models import Organization
from records.roles import manages, organizations_of

FRAME, PART = "console/base.html", "console/part.html"


class Refused(Exception):
    """An action that cannot be done now. The sentence says why, and what to do."""


class Door(View):
    """Lets stewards, chairs and superusers in, each to the integrations of their own organizations. A stranger is
    asked to log in, staff without a role get 403, and what belongs to others answers 404."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.current_app = admin.site.name
        if not (request.user.is_active and request.user.is_staff):
            if request.headers.get("HX-Request"):  # a live part after the session's end: the page as a whole goes
                return HttpResponse(status=204, headers={"HX-Refresh": "true"})
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        if not manages(request):
            return self.without_role(request)
        return super().dispatch(request, *args, **kwargs)

    def without_role(self, request: HttpRequest) -> HttpResponseBase:
        context = {**admin.site.each_context(request), "frame": FRAME, "title": _("No access")}
        return render(request, "console/forbidden.html", context, status=403)

    @cached_property
    def organizations(self) -> QuerySet[Organization]:
        return organizations_of(self.request)

    @cached_property
    def integrations(self) -> QuerySet[Integration]:
        return integrations_of(self.request)

    @cached_property
    def who(self) -> str:
        """The name that decisions and runs are recorded under."""
        return str(self.request.user.get_username())

    def integration(self, pk: UUID | str) -> Integration:
        """Raises 404 for somebody else's."""
        return get_object_or_404(self.integrations.select_related("organization"), pk=pk)

    def own_run(self, pk: UUID | str) -> JobExecution:
        """Raises 404 for somebody else's."""
        runs = JobExecution.objects.filter(integration__in=self.integrations)
        return get_object_or_404(runs.select_related("integration", "plan", "rolls_back"), pk=pk)


class Page(Door):
    """A page in the frame. `title` is its heading; `parents` are the pages above it, (title, address) each."""

    template_name: ClassVar[str]
    title: Any = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.show()

    def show(self, status: int = 200, **more: Any) -> HttpResponse:
        """The page; a form that did not pass is shown again with `status=422` and itself in `more`."""
        context = {**self._frame(), **self.context(), **more}
        # Read after `context`, which may have looked up what the heading names.
        context |= {"title": self.heading(), "parents": [*self.parents()]}
        return render(self.request, self.template_name, context, status=status)

    def context(self) -> dict[str, Any]:
        return {}

    def heading(self) -> Any:
        return self.title

    def parents(self) -> Iterable[tuple[Any, str]]:
        return ()

    def _frame(self) -> dict[str, Any]:
        if self.request.headers.get("HX-Request"):
            return {"frame": PART}
        return {"frame": FRAME, **admin.site.each_context(self.request)}


class Action(Door):
    """What a button does. Works as a plain form; ends on the page it was pressed on, with a message."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            said = self.act()
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            if said:
                messages.success(request, str(said))
        return HttpResponseRedirect(self.after())

    def act(self) -> Any:
        """Does it and returns the sentence that is shown. Raises `Refused`."""
        raise Http404

    def after(self) -> str:
        """Where to go on: the form's `next`, if it is one of ours."""
        return safe_next(self.request) or reverse("console:dashboard")


def safe_next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else ""
