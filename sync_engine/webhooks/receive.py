"""R1's `POST /api/webhooks/integrations/{id}/receive`: kept, judged, queued, answered."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest as DjangoRequest
from django.http import HttpResponse as DjangoResponse
from django.views.decorators.csrf import csrf_exempt

from connectors.base.errors import ConfigError
from connectors.base.http import HttpRequest, HttpResponse
from integrations.models import Integration
from integrations.webhooks import accepting, deliveries, judging, secrets
from integrations.webhooks import known as knowing
from integrations.webhooks.judging import Judgement
from integrations.webhooks.known import Known
from integrations.webhooks.listener import Listener
from integrations.webhooks.registration import target
from records.asking import client_address
from sync_engine.ports import ports
from sync_engine.signals import webhook_accepted
from sync_engine.webhooks import announce, at_once

logger = logging.getLogger(__name__)
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
    # Whoever only looks or shakes hands comes rarely, and is judged by what stands in the database.
    known = (knowing.kept if request.method == "POST" else knowing.read)(pk, ports().clock)
    if known is None:
        return _unknown()
    if request.method not in ("POST", "GET", "HEAD"):
        return _refusal(405, "METHOD_NOT_ALLOWED", "Webhooks are sent by POST.")
    ip = client_address(request)
    if _size(request) > _limit():
        judgement = Judgement(judging.Verdict.TOO_LARGE, 413, f"Larger than {_limit()} bytes.")
        return _refused(pk, _bare(request, known.integration), ip, judgement)
    call = _bare(request, known.integration, request.body)
    found = _judged(known, call, ip)
    if isinstance(found, Judgement) and not found.accepted and not known.fresh:
        known = knowing.read(pk, ports().clock)
        if known is None:
            return _unknown()
        found = _judged(known, call, ip)
    if isinstance(found, HttpResponse):
        return _passed_on(found)
    return _taken(known, call, ip, found) if found.accepted else _refused(pk, call, ip, found)


def _judged(known: Known, call: HttpRequest, ip: str) -> Judgement | HttpResponse:
    """What is thought of a delivery, or the answer to what is none."""
    try:
        early = _greeting(known.integration, known.listener, call)
        return early or judging.judge(known.integration, known.listener, call, ip, ports().clock.now())
    except ConfigError as problem:
        return Judgement(judging.Verdict.INACTIVE, 403, problem.message, unproven=True)


def _taken(known: Known, call: HttpRequest, ip: str, judgement: Judgement) -> DjangoResponse:
    integration = known.integration
    try:
        stored = accepting.accept(integration.pk, call, ip, judgement, ports().clock.now())
    except IntegrityError:
        if knowing.read(integration.pk, ports().clock) is None:  # it was removed a moment ago
            return _unknown()
        raise
    if stored.repeated:
        if stored.queued:
            announce.announce(integration)
        return _success(status="SUCCESS", duplicate=True)
    webhook_accepted.send_robust(sender=Integration, integration=integration, delivery_id=stored.id)
    return _success(**at_once.work(known, judgement, stored))


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


def _unknown() -> DjangoResponse:
    return _refusal(404, "NOT_FOUND", "There is no such integration.")


def _refused(pk: UUID, call: HttpRequest, ip: str, judgement: Judgement) -> DjangoResponse:
    deliveries.refuse(pk, call, ip, judgement, ports().clock.now())
    return _refusal(judgement.status, CODES.get(judgement.status, "INTERNAL_ERROR"), judgement.reason)


def _refusal(status: int, code: str, message: str) -> DjangoResponse:
    return _json(status, {"success": False, "error": {"code": code, "message": message}})


def _json(status: int, body: dict[str, Any]) -> DjangoResponse:
    return DjangoResponse(orjson.dumps(body), status=status, content_type="application/json")


def _passed_on(answer: HttpResponse) -> DjangoResponse:
    given = dict(answer.headers)
    kind = given.pop("content-type", "text/plain")
    return DjangoResponse(answer.body, status=answer.status, content_type=kind, headers=given)
