"""Signing in at a provider: start, status, disconnecting; and the address that the provider sends people back to."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.base.errors import ConfigError
from integrations.models import Integration, JobExecution
from integrations.oauth import attempts, grants
from integrations.oauth.providers import redirect_uri
from records.api.errors import BadRequest
from sync_engine.api import signing_in
from sync_engine.api.serializers import oauth as shapes
from sync_engine.api.views.integrations import IntegrationDoor
from sync_engine.ports import ports

NAMED = ("state", "code", "error", "error_description")


class SignIn(IntegrationDoor):
    """How an integration is signed in at its provider."""

    @extend_schema(operation_id="integrations_oauth", responses=shapes.SignInStatus)
    def get(self, request: Request, integration_id: str) -> Response:
        """Whether somebody must sign in, and what became of the last try."""
        integration = self.integration()
        try:
            return Response(shapes.SignInStatus(grants.status(integration)).data)
        except ConfigError as error:
            raise BadRequest(error.message, "oauth_not_possible") from error

    @extend_schema(operation_id="integrations_oauth_disconnect", responses=shapes.Disconnected)
    def delete(self, request: Request, integration_id: str) -> Response:
        """Revokes the sign-in at the provider where it can be, and forgets the tokens in any case."""
        integration = self.integration()
        try:
            left = grants.disconnect(integration, ports().clock)
        except ConfigError as error:
            raise BadRequest(error.message, "oauth_not_possible") from error
        return Response(shapes.Disconnected({"success": True, "message": left}).data)


class StartSignIn(IntegrationDoor):
    """The way to the provider's consent page."""

    @extend_schema(
        operation_id="integrations_oauth_start", request=shapes.StartSerializer, responses=shapes.StartedSignIn
    )
    def post(self, request: Request, integration_id: str) -> Response:
        """Answers with the address to send the person's browser to. It comes back to `/api/oauth/callback/...`,
        signed in here as the same user."""
        integration = self.integration()
        asked = shapes.StartSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        in_browser = isinstance(request.successful_authenticator, SessionAuthentication)
        session = (request.session.session_key or "") if in_browser else ""
        return_to = asked.validated_data["return_to"]
        try:
            url = attempts.start(integration, request.user, session=session, clock=ports().clock, return_to=return_to)
        except ConfigError as error:
            raise BadRequest(error.message, "oauth_not_possible") from error
        answer = {"success": True, "url": url, "redirect_uri": redirect_uri(integration.connector_key)}
        return Response(shapes.StartedSignIn(answer).data)


@require_GET
@never_cache
def callback(request: HttpRequest, key: str) -> HttpResponse:
    """Where the provider sends the browser back. The state is the protection, the session says who it is."""
    answer = _answer(request, key)
    answer["Referrer-Policy"] = "no-referrer"  # the address holds the code
    return answer


def _answer(request: HttpRequest, key: str) -> HttpResponse:
    if not request.user.is_authenticated:
        return _page(request, 403, _("Sign in to Lockstep in this browser first, then reload this page."))
    found = attempts.Return(
        key=key,
        state=request.GET.get("state", ""),
        code=request.GET.get("code", ""),
        error=request.GET.get("error_description", "") or request.GET.get("error", ""),
        extras={name: request.GET.get(name, "") for name in request.GET if name not in NAMED},
    )
    session = request.session.session_key or ""
    try:
        attempt = attempts.finish(found, request.user, session=session, clock=ports().clock)
    except attempts.SignInRefused as refused:
        if refused.attempt is None:
            return _page(request, 400, refused.sentence)
        messages.error(request, refused.sentence)
        return _back(refused.attempt.return_to, refused.attempt.integration, "failed")
    # A person in the console looks at a plan first; a program asked for the integration to run by itself.
    in_console = bool(attempt.session)
    run = signing_in.signed_in(attempt.integration, str(request.user.get_username()), as_plan=in_console)
    messages.success(request, _welcome(attempt.integration, run))
    return _back(attempt.return_to, attempt.integration, "connected")


def _welcome(integration: Integration, run: JobExecution | None) -> str:
    if run is not None and run.options.get("dryRun"):
        sentence = _("'%(name)s' is connected. A plan of its first sync is being made for you to look at.")
    elif run is not None:
        sentence = _("'%(name)s' is connected and is being synced.")
    else:
        sentence = _("'%(name)s' is connected.")
    return sentence % {"name": integration.name}


def _back(path: str, integration: Integration, outcome: str) -> HttpResponse:
    path = path or reverse("admin:integrations_integration_change", args=[integration.pk])
    return HttpResponseRedirect(f"{path}{'&' if '?' in path else '?'}{urlencode({'oauth': outcome})}")


def _page(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    return render(request, "integrations/sign_in_refused.html", {"sentence": sentence}, status=status)
