"""Works on what webhooks queued: reads the records again, believes deletes that are confirmed, pushes what follows.

What it cannot do now (another worker is at the type, the provider is away, the first sync is not done) stays
queued, and the next hearing or the next run does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection
from django.db.models import Q

from connectors.base.capabilities import Pulls
from connectors.base.connector import Connector
from connectors.base.errors import AuthError, ConfigError, ConnectorError
from integrations import log_context
from integrations.connect import connect
from integrations.enums import JobType, SyncDirection
from integrations.mapping.errors import MappingError
from integrations.models import ExternalChange, Integration, SyncCursor, WebhookDelivery
from sync_engine import build
from sync_engine.ports import ports
from sync_engine.running import filed, ladder, urgent, verdicts
from sync_engine.running.leases import LeaseHeld, LeaseLost
from sync_engine.running.options import Options
from sync_engine.running.verdicts import sentence_for
from sync_engine.shape import Shape
from sync_engine.webhooks.run import CAUSE, WebhookRun

PATIENCE = 2.0
"""Seconds that a hearing waits for a run that is at the type."""
AGAIN = timedelta(seconds=30)
"""When what could not be heard is tried again."""
DELIVERIES = 5_000


def integrations_to_hear() -> list[str]:
    """Ids of integrations with something due that may run now."""
    awake = filed.awake()
    due = ExternalChange.objects.filter(_due(), integration__in=awake)
    queued = WebhookDelivery.objects.filter(status=WebhookDelivery.Status.QUEUED, integration__in=awake)
    found = set(due.values_list("integration_id", flat=True)) | set(queued.values_list("integration_id", flat=True))
    return sorted(str(pk) for pk in found)


def hear(integration_id: str, *, patience: float = PATIENCE, connector: Connector | None = None) -> bool:
    """Whether everything that waited is done. Expected failures end on rows."""
    integration = filed.awake().filter(pk=integration_id).first()
    if integration is None:
        return False
    with log_context.at(integration):
        return _hear(integration, patience, connector)


def _hear(integration: Integration, patience: float, connector: Connector | None) -> bool:
    # First the deliveries, then what they queued: whatever is seen here was queued before.
    waiting = _queued(integration)
    types = _types(integration)
    run: WebhookRun | None = None
    done = not ExternalChange.objects.filter(integration=integration).exclude(_due()).exists()
    if types:
        run = WebhookRun(integration)
        done = _work(run, integration, types, patience, connector) and done
    if done and waiting:
        _processed(waiting, run)
    return done


def _work(
    run: WebhookRun, integration: Integration, types: Sequence[str], patience: float, connector: Connector | None
) -> bool:
    """Whether all types were worked on. Ends the run."""
    trouble: Exception | None = None
    done = False
    try:
        connector = connector or connect(integration, clock=ports().clock)
        shapes = _ready(integration, build.shapes(integration, connector, resource_types=types))
        held = [shape for shape in shapes if not _one(run, shape, patience)]
        done = not held and {shape.type for shape in shapes} >= set(types)
    except (ConnectorError, MappingError, LeaseLost) as problem:
        trouble = problem
        _postpone(integration, problem)
    if not run.finish(connector, sentence_for(trouble) if trouble else ""):
        run.row.pk = None
    elif trouble is not None:
        _again(run, integration, types, trouble)
    return done


def _again(run: WebhookRun, integration: Integration, types: Sequence[str], trouble: Exception) -> None:
    """A provider that is away is asked again by the steps of the ladder, like after any other run. What else went
    wrong may be a matter of one record: the next listing is the judge of that."""
    if isinstance(trouble, LeaseLost) or (ladder.lasting(trouble) and not isinstance(trouble, AuthError)):
        return
    asked = Options(direction="pull", resource_types=tuple(types), job_type=JobType.WEBHOOK_BATCH, cause=CAUSE)
    verdicts.failed_beside(integration, run.row, asked, trouble)


def _one(run: WebhookRun, shape: Shape, patience: float) -> bool:
    """False if another worker is at the type."""
    try:
        run.take(shape, patience)
    except LeaseHeld:
        return False
    try:
        urgent.catch_up(run.ctx, shape)
    finally:
        run.release(shape)
    return True


def _ready(integration: Integration, shapes: Sequence[Shape]) -> list[Shape]:
    """Types that are read at all, and whose first sync is over: a hint does not run ahead of its plan."""
    complete = SyncCursor.objects.filter(integration=integration, complete=True)
    started = set(complete.values_list("resource_type", flat=True))
    return [one for one in shapes if one.pulls and isinstance(one.connector, Pulls) and one.type in started]


def _queued(integration: Integration) -> list[int]:
    found = WebhookDelivery.objects.filter(integration=integration, status=WebhookDelivery.Status.QUEUED)
    return list(found.order_by("id").values_list("pk", flat=True)[:DELIVERIES])


def _types(integration: Integration) -> list[str]:
    if integration.sync_direction == SyncDirection.LOCAL_TO_EXTERNAL:
        return []
    found = ExternalChange.objects.filter(_due(), integration=integration)
    types = found.values_list("resource_type", flat=True).distinct().order_by()
    return sorted(kind for kind in types if build.syncs(integration, kind))


def _due() -> Q:
    return Q(not_before=None) | Q(not_before__lte=ports().clock.now())


def _processed(waiting: Sequence[int], run: WebhookRun | None) -> None:
    WebhookDelivery.objects.filter(pk__in=waiting).update(
        status=WebhookDelivery.Status.PROCESSED,
        processed_at=ports().clock.now(),
        run=run.row.pk if run else None,
    )


def _postpone(integration: Integration, problem: Exception) -> None:
    """The queue rests for a while, so that a provider in trouble is not asked at every delivery."""
    if not isinstance(problem, LeaseLost) and not ladder.lasting(problem):
        return
    wait = timedelta(minutes=5) if isinstance(problem, ConfigError) else AGAIN
    now = ports().clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE integrations_externalchange SET not_before = %s WHERE integration_id = %s "
            "AND (not_before IS NULL OR not_before <= %s)",
            [now + wait, integration.pk, now],
        )
