"""Types that are mapped after the first sync of an integration was begun get a look of their own: a first sync of
these types alone (`first_sync`), as a plan where a person adds them in the console. The other types go on as ever;
until the look has gone through, other runs leave the added ones out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from integrations.enums import JobStatus, JobType
from integrations.models import Integration, JobExecution
from records.asking import asker
from sync_engine import build
from sync_engine.ports import ports
from sync_engine.running import filed, relay
from sync_engine.running.ladder import NotNow
from sync_engine.running.options import Options
from sync_engine.shape import Shape


def looks() -> QuerySet[JobExecution]:
    """First syncs of added types: they name these, a first sync of everything names none."""
    return JobExecution.objects.filter(
        job_type=JobType.INITIAL_IMPORT, options__resourceTypes__0__isnull=False
    ).order_by("-created_at")


def added(integration: Integration, resource_type: str) -> None:
    """Files the look at a type that has just been mapped, unless the integration has never run. Types that are mapped
    in one transaction are looked at together. Call it inside that transaction."""
    if not integration.job_executions.exists():
        return
    own = looks().filter(integration=integration, status=JobStatus.PENDING, progress={})
    waiting = own.select_for_update().first()
    if waiting is not None:
        waiting.options = {**waiting.options, "resourceTypes": [*waiting.options["resourceTypes"], resource_type]}
        waiting.save(update_fields=["options"])
        return
    file(integration, [resource_type], as_plan=_in_console())


def _in_console() -> bool:
    """There a person looks at every first sync."""
    who = asker()
    return who is not None and who.via == "console"


def file(integration: Integration, resource_types: Sequence[str], *, as_plan: bool = False) -> JobExecution:
    """The look, queued once the transaction is through. With `as_plan` it waits for a person's approval."""
    asked = Options(
        resource_types=tuple(resource_types),
        full=True,
        dry_run=as_plan,
        job_type=JobType.INITIAL_IMPORT,
        cause="first sync of added types",
    )
    run = filed.file(integration, asked, ports().clock.now() + relay.OVERDUE)
    transaction.on_commit(lambda: relay.queue(run))
    return run


def under_way(integration: Integration) -> JobExecution | None:
    """The newest look that has not ended."""
    unfinished = (JobStatus.PENDING, JobStatus.RUNNING, JobStatus.AWAITING_APPROVAL)
    return looks().filter(integration=integration, status__in=unfinished).first()


def unseen(integration: Integration) -> dict[str, JobExecution]:
    """Added types whose look has not gone through, with the newest one: no run of them both ways, that look among
    them, has come to its end since."""
    newest: dict[str, JobExecution] = {}
    for look in looks().filter(integration=integration):
        for kind in look.options["resourceTypes"]:
            newest.setdefault(kind, look)
    ended = JobExecution.objects.filter(
        integration=integration, status=JobStatus.COMPLETED, options__direction="both", options__items=[]
    )
    return {
        kind: look
        for kind, look in newest.items()
        if not ended.filter(created_at__gte=look.created_at, options__resourceTypes__contains=[kind]).exists()
    }


def as_look(integration: Integration, asked: Options) -> Options:
    """A run that is asked for an unseen type is its look."""
    wanted = set(asked.resource_types)
    if not wanted or asked.direction != "both" or asked.items or not wanted <= unseen(integration).keys():
        return asked
    return replace(asked, job_type=JobType.INITIAL_IMPORT, full=True)


def left_in(integration: Integration, made: Sequence[Shape]) -> list[Shape]:
    """What a run of everything moves. Raises `NotNow` where that is nothing."""
    waiting = unseen(integration)
    left = [shape for shape in made if shape.type not in waiting]
    if not left:
        names = ", ".join(shape.type for shape in made)
        raise NotNow(
            f"The first sync of {names} in '{integration.name}' is not done yet. "
            "Approve its plan, or start a sync of that type both ways in the console or over the API."
        )
    return left


def look_again(integration: Integration, *, by_hand: bool = False) -> None:
    """Files the looks that broke off, and `by_hand` those that a person discarded."""
    over = (JobStatus.FAILED, JobStatus.CANCELLED) if by_hand else (JobStatus.FAILED,)
    left_out = sorted(kind for kind, look in unseen(integration).items() if look.status in over)
    if left_out:
        file(integration, left_out, as_plan=_in_console())


def pushable(waiting: Iterable[tuple[Any, str]]) -> list[str]:
    """Of pairs (integration id, resource type) with something to push: the integrations that may push one of them."""
    pairs = [(str(integration_id), kind) for integration_id, kind in waiting]
    own = {str(one.pk): one for one in Integration.objects.filter(pk__in={pk for pk, _ in pairs}).only("data_types")}
    looked_at = Integration.objects.filter(pk__in=looks().values("integration")).filter(pk__in=own)
    out = {str(one.pk): unseen(one).keys() for one in looked_at}
    return list(dict.fromkeys(pk for pk, kind in pairs if kind not in out.get(pk, ()) and build.syncs(own[pk], kind)))
