"""R1's cron routes, for those who run no beat: `Authorization: Bearer CRON_SECRET`, else 401.

Runs are carried out in the call for as long as `CRON_SECONDS` allows; what is left is filed, so a worker or the next
call takes it up. A call may come as often as one likes: what is not due is not run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from integrations.models import JobExecution
from sync_engine.api.serializers import cron as shapes
from sync_engine.ports import ports
from sync_engine.running import filed, relay, runs, schedule
from sync_engine.upkeep import pruning


class CronSecret(BaseAuthentication):
    """The bearer token is `CRON_SECRET`. Nobody is signed in by it."""

    def authenticate(self, request: Request) -> None:
        scheme, _, given = get_authorization_header(request).partition(b" ")
        secret = settings.CRON_SECRET
        known = scheme.lower() == b"bearer" and constant_time_compare(given.strip(), secret.encode())
        if not secret or not known:
            raise AuthenticationFailed("This needs Authorization: Bearer and the value of CRON_SECRET.")

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="cron"'


class CronSecretScheme(OpenApiAuthenticationExtension):
    """`CronSecret` in the OpenAPI document."""

    target_class = CronSecret
    name = "cronSecret"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class CronDoor(APIView):
    """Open to whoever knows the secret, and to nobody else."""

    authentication_classes = (CronSecret,)
    permission_classes = (AllowAny,)


class SyncIntegrations(CronDoor):
    """The scheduled syncs."""

    @extend_schema(operation_id="cron_sync_integrations", request=None, responses=shapes.RanAnswer)
    def post(self, request: Request) -> Response:
        """Syncs every integration whose interval is over, and what waits from earlier calls."""
        schedule.file_runs(schedule.due(), "cron")
        return _answer(_carried_out(filed.take()))


class RetryFailedSyncs(CronDoor):
    """Retries of failed runs."""

    @extend_schema(operation_id="cron_retry_failed_syncs", request=None, responses=shapes.RanAnswer)
    def post(self, request: Request) -> Response:
        """Carries out the retries whose time has come, runs of workers that died among them."""
        runs.reap()
        return _answer(_carried_out(filed.take()))


class CleanupOldLogs(CronDoor):
    """The clean-up."""

    @extend_schema(operation_id="cron_cleanup_old_logs", request=None, responses=shapes.CleanedAnswer)
    def post(self, request: Request) -> Response:
        """Removes what is older than `LOG_RETENTION_DAYS`, in batches."""
        gone = pruning.prune_old()
        answer = {"success": True, "timestamp": ports().clock.now(), "processed": gone.total(), "deleted": dict(gone)}
        return Response(shapes.CleanedAnswer(answer).data)


def _carried_out(rows: Iterable[JobExecution]) -> list[JobExecution]:
    """Each row as it stands afterwards; those that came too late are handed to the workers."""
    clock = ports().clock
    end = clock.monotonic() + settings.CRON_SECONDS
    done = []
    for row in rows:
        if clock.monotonic() < end:
            schedule.carry_out(str(row.pk))
        else:
            relay.queue(row)
        row.refresh_from_db()
        done.append(row)
    return done


def _answer(rows: list[JobExecution]) -> Response:
    results: list[dict[str, Any]] = [shapes.result_of(row) for row in rows]
    answer = {"success": True, "timestamp": ports().clock.now(), "processed": len(rows), "results": results}
    return Response(shapes.RanAnswer(answer).data)
