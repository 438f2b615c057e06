"""The first sync of an integration that was made through the API: it runs by itself, unless a person must look first.

Where many records would be created outward or a match may be ambiguous, the run begins as a plan. If the plan is
clear, the same run then carries on as any other; if not, it stays a plan that waits for approval, and until then
nobody but the person who approves it starts a run of the integration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import connection
from django.db.models import QuerySet

from integrations.enums import JobStatus, JobType
from integrations.models import Integration, JobExecution, PlanStep
from sync_engine import phases, pipeline
from sync_engine.context import Context
from sync_engine.gate import OpenGate
from sync_engine.inward import matching
from sync_engine.running import added_types
from sync_engine.running.options import Options
from sync_engine.shape import Shape

OUTWARD = 100
"""Records that a first sync may create at the provider unasked."""


def stopped() -> QuerySet[JobExecution]:
    """First syncs that wait for approval."""
    return _whole().filter(status=JobStatus.AWAITING_APPROVAL)


def under_way() -> QuerySet[JobExecution]:
    """First syncs that have not ended, those that wait for approval among them: no other run belongs beside them."""
    unfinished = (JobStatus.PENDING, JobStatus.RUNNING, JobStatus.AWAITING_APPROVAL)
    return _whole().filter(status__in=unfinished)


def _whole() -> QuerySet[JobExecution]:
    """First syncs of everything that is mapped; those of added types (`added_types`) name them."""
    return JobExecution.objects.filter(job_type=JobType.INITIAL_IMPORT, options__resourceTypes__0__isnull=True)


def sentence(integration: Integration, resource_types: Sequence[str] = ()) -> str:
    """Why no run (of these types) may start, and what to do; "" if one may."""
    plan = stopped().filter(integration=integration).order_by("-started_at").first()
    if plan is None and resource_types:
        waiting = added_types.looks().filter(integration=integration, status=JobStatus.AWAITING_APPROVAL)
        plan = next((one for one in waiting if set(resource_types) & set(one.options["resourceTypes"])), None)
    if plan is None:
        return ""
    return (
        f"The first sync of '{integration.name}' waits for approval (plan {plan.pk}). "
        "Look at the plan and approve it, or cancel it."
    )


def undone(integration: Integration) -> bool:
    """A first sync was begun, and no run both ways has ever come to its end."""
    own = JobExecution.objects.filter(integration=integration)
    ended = own.filter(status=JobStatus.COMPLETED, options__direction="both", options__items=[])
    return _whole().filter(integration=integration).exists() and not ended.exists()


def allowed(integration: Integration, asked: Options, *, filed: bool) -> Options | None:
    """What a worker's run is to do: as asked; the first sync again, where that is not over; or nothing at all. A run
    that was filed is never dropped without a word."""
    if asked.dry_run or asked.plan:
        return asked
    if not undone(integration):
        return added_types.as_look(integration, asked)
    if stopped().filter(integration=integration).exists():
        return asked if filed else None
    if asked.direction == "both" and not asked.items:
        return replace(asked, job_type=JobType.INITIAL_IMPORT, full=True, resource_types=())
    return asked if filed else None


def look(ctx: Context, made: Sequence[Shape], run: JobExecution, lease: str, patience: float) -> bool:
    """Whether the first sync may write; from then on its gate is open. Raises what `pipeline.run_shapes` raises."""
    if ctx.stint.looked:
        return True
    if ctx.stint.places or must_look(made):
        pipeline.run_shapes(ctx, made, lease, patience)
        if not judge(ctx, run):
            return False
        ctx.counters.clear()
        ctx.stint.places.clear()
    ctx.gate, ctx.stint.looked = OpenGate(), True
    return True


def must_look(made: Sequence[Shape]) -> bool:
    """Can a match be ambiguous, or would too much be created outward? A cheap question, asked of our side only."""
    if any(shape.match_keys and shape.pulls and _any_here(shape) for shape in made):
        return True
    return sum(phases.count_only_here(shape, OUTWARD + 1) for shape in made if shape.pushes) > OUTWARD


def _any_here(shape: Shape) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM {shape.sync_type.table} WHERE organization_id = %s AND deleted_at IS NULL)",
            [shape.integration.organization_id],
        )
        return bool(cursor.fetchone()[0])


def judge(ctx: Context, run: JobExecution) -> bool:
    """After the plan: may the run carry on? If not, it says what a person must look at, opens the cases that can be
    decided meanwhile, and stays a plan."""
    steps = PlanStep.objects.filter(run=run)
    outward = steps.filter(action="create_external").count()
    ambiguous = list(steps.filter(action="ambiguous").order_by("id"))
    if outward <= OUTWARD and not ambiguous:
        steps.delete()
        return True
    for step in ambiguous:
        candidates = (step.before or {}).get("candidates", [])
        matching.open_case(
            ctx, step.resource_type, step.external_id, candidates, step.after or {}, step.detail, ctx.now()
        )
    ctx.approvals += _sentences(outward, len(ambiguous), ctx.integration.name)
    run.options = {**run.options, "dryRun": True}
    run.save(update_fields=["options"])
    return False


def _sentences(outward: int, ambiguous: int, name: str) -> list[str]:
    found: list[str] = []
    if ambiguous:
        found.append(f"{ambiguous} record(s) match more than one record, or one that is linked. Decide each case.")
    if outward > OUTWARD:
        found.append(f"{outward} records would be created in '{name}' (more than {OUTWARD}).")
    return [*found, "Nothing was written. Look at the plan, then approve it."]
