"""What a webhook costs at the least: the signature checked and one row written, by Django's ORM and by one statement.
Neither judges, deduplicates nor queues."""

from __future__ import annotations

import hashlib
import hmac
import os

import orjson
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from integrations.models import WebhookDelivery
from sync_engine.ports import ports
from sync_engine.webhooks.receive import receive

SECRET = os.environ.get("BENCH_WEBHOOK_SECRET", "").encode()
DONE = orjson.dumps({"success": True})
_INSERT = (
    "INSERT INTO integrations_webhookdelivery (integration_id, received_at, method, headers, body, event, event_count, "
    "verdict, reason, status) VALUES (%s, %s, 'POST', '{}', %s, '', 1, 'ACCEPTED', '', 'PROCESSED')"
)


def _genuine(request: HttpRequest) -> bool:
    signed = hmac.new(SECRET, request.body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signed, request.headers["X-Webhook-Signature"])


@csrf_exempt
def orm(request: HttpRequest, id: str) -> HttpResponse:
    """One model instance."""
    if not _genuine(request):
        return HttpResponse(status=401)
    WebhookDelivery.objects.create(
        integration_id=id, received_at=ports().clock.now(), method="POST", body=request.body, event_count=1,
        verdict="ACCEPTED", status="PROCESSED",
    )  # fmt: skip
    return HttpResponse(DONE, content_type="application/json")


@csrf_exempt
def raw(request: HttpRequest, id: str) -> HttpResponse:
    """One statement."""
    if not _genuine(request):
        return HttpResponse(status=401)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [id, ports().clock.now(), request.body])
    return HttpResponse(DONE, content_type="application/json")


urlpatterns = [
    path("bench/orm/<uuid:id>", orm),
    path("bench/raw/<uuid:id>", raw),
    path("api/webhooks/integrations/<uuid:id>/receive", receive),
]
