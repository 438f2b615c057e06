"""R1's `POST /api/webhooks/integrations/{id}/receive`: kept, judged, queued, answered."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest as DjangoRequest
from django.http import HttpResponse as DjangoResponse
from django.views.decorators.csrf import csrf_exempt

from connectors.base.errors import ConfigError
from connectors.base.http import HttpRequest, HttpResponse
from integrations.models import Integration
from integrations.webhooks import deliveries, judging, secrets
from integrations.webhooks.listener import Listener
from integrations.webhooks.registration import target
from records.asking import client_address
from sync_engine.ports import ports
from sync_engine.signals import webhook_accepted
from sync_engine.webhooks import announce, at_once

logger = logging.getLogger(__name__)
# Written out, because building the query would cost as much as running it. Credentials stay where they are.
_FIND = (
    "SELECT id, organization_id, name, type, status, base_url, auth_type, settings, webhook_secret, sync_direction, "
    "conflict_strategy, merge_rules, on_external_delete, on_local_delete FROM integrations_integration WHERE id = %s"
)
CODES = {400: "BAD_REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 413: "TOO_LARGE"}


@csrf_exempt
def receive(request: DjangoRequest, id: UUID) -> DjangoResponse:
    """200 with R1's body, 400, 401, 403, 404, 405, 413; 503 while the database is away."""
    try:
        return _receive(request, id)
    except (OperationalError, InterfaceError):
        logger.warning("A webhook came while the database was away.", exc_info=True)
        answer = _refusal(503, "UNAVAILABLE", "We cannot take this right now. Send it again.")
        answer["Retry-After"] = "5"
        return answer


def _receive(request: DjangoRequest, pk: UUID) -> DjangoResponse:
    integration = next(iter(Integration.objects.raw(_FIND, [pk])), None)
    if integration is None:
        return _refusal(404, "NOT_FOUND", "There is no such integration.")
    if request.method not in ("POST", "GET", "HEAD"):
        return _refusal(405, "METHOD_NOT_ALLOWED", "Webhooks are sent by POST.")
    ip = client_address(request)
    if _size(request) > _limit():
        judgement = judging.Judgement(judging.Verdict.TOO_LARGE, 413, f"Larger than {_limit()} bytes.")
        deliveries.refuse(pk, _bare(request, integration), ip, judgement, ports().clock.now())
        return _refusal(413, "TOO_LARGE", judgement.reason)
    return _heard(integration, _bare(request, integration, request.body), ip)


def _heard(integration: Integration, call: HttpRequest, ip: str) -> DjangoResponse:
    clock = ports().clock
    try:
        listener = Listener(integration, clock)
        early = _greeting(integration, listener, call)
        if early is not None:
            return _passed_on(early)
        judgement = judging.judge(integration, listener, call, ip, clock.now())
    except ConfigError as problem:
        # Nobody could tell whether it is genuine, so its body is not kept.
        judgement, call = judging.Judgement(judging.Verdict.INACTIVE, 403, problem.message), replace(call, body=b"")
    if not judgement.accepted:
        deliveries.refuse(integration.pk, call, ip, judgement, clock.now())
        return _refusal(judgement.status, CODES.get(judgement.status, "INTERNAL_ERROR"), judgement.reason)
    stored = deliveries.accept(integration.pk, call, ip, judgement, clock.now())
    if stored.repeated:
        if stored.queued:
            announce.announce(integration)
        return _success(status="SUCCESS", duplicate=True)
    webhook_accepted.send_robust(sender=Integration, integration=integration, delivery_id=stored.id)
    return _success(**at_once.work(integration, judgement, stored))


def _greeting(integration: Integration, listener: Listener, call: HttpRequest) -> HttpResponse | None:
    """The answer to a probe, a challenge, or the handshake of a registration that is under way."""
    echoed = listener.handshake(call) if call.method == "POST" else None
    if echoed and secrets.pending(integration.webhook_secret, ports().clock.now()):
        return HttpResponse(200, echoed)
    found = listener.challenge(call)
    if found is None and call.method != "POST":
        return HttpResponse(200)
    return found


def _bare(request: DjangoRequest, integration: Integration, body: bytes = b"") -> HttpRequest:
    """Its URL is the public one, because some providers sign it and `Host` is whatever the caller says."""
    query = request.META.get("QUERY_STRING", "")
    url = target(integration) + (f"?{query}" if query else "")
    return HttpRequest(request.method or "", url, dict(request.headers), body)


def _size(request: DjangoRequest) -> int:
    return int(request.META.get("CONTENT_LENGTH") or 0)


def _limit() -> int:
    return int(settings.WEBHOOK_MAX_BODY)


def _success(**values: Any) -> DjangoResponse:
    return _json(200, {"success": True, **values})


def _refusal(status: int, code: str, message: str) -> DjangoResponse:
    return _json(status, {"success": False, "error": {"code": code, "message": message}})


def _json(status: int, body: dict[str, Any]) -> DjangoResponse:
    return DjangoResponse(orjson.dumps(body), status=status, content_type="application/json")


def _passed_on(answer: HttpResponse) -> DjangoResponse:
    given = dict(answer.headers)
    kind = given.pop("content-type", "text/plain")
    return DjangoResponse(answer.body, status=answer.status, content_type=kind, headers=given)
