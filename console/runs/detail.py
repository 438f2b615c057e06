"""The page of a run: how it proceeds, what a plan would do, what came of it, and what failed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from console.pages import Page
from console.paging import paged
from console.records.addresses import linked_to_records
from console.runs import plan
from integrations.enums import JobStatus, JobType, SyncStatus
from integrations.models import JobExecution, PlanStep, SyncLog
from sync_engine.api import starting
from sync_engine.ports import ports

FAILURES = 50
SECONDS = 2
COUNTED = (
    ("records", _("Read")),
    ("created", _("Created")),
    ("pulled", _("Written here")),
    ("pushed", _("Written there")),
    ("matched", _("Matched")),
    ("merged", _("Merged")),
    ("resolved", _("Decided by rule")),
    ("conflicts", _("Conflicts")),
    ("deleted", _("Deleted")),
    ("skipped", _("Skipped")),
    ("parked", _("Parked")),
    ("failed", _("Failed")),
    ("stale", _("Dropped as outdated")),
    ("api_calls", _("Calls of the provider")),
)
OVER = (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED)


class RunPage(Page):
    """A page about the run of the address."""

    @cached_property
    def run(self) -> JobExecution:
        return self.own_run(self.kwargs["pk"])

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield _("Runs"), reverse("console:runs")
        assert self.run.integration is not None
        yield self.run.integration.name, reverse("console:integration_runs", args=[self.run.integration_id])


class Run(RunPage):
    """One run, live while it moves."""

    template_name = "console/runs/run.html"

    def context(self) -> dict[str, Any]:
        run = self.run
        moves = run.status in (JobStatus.RUNNING, JobStatus.PENDING)
        is_plan = bool(run.options.get("dryRun"))
        lists = plan.lists(run, first=self._first()) if is_plan else []
        failures = self._failures()
        return {
            "run": run,
            "is_plan": is_plan,
            "seconds": SECONDS if moves else 0,
            "progress": self._progress() if run.status == JobStatus.RUNNING else None,
            "lists": lists,
            "to_write": sum(one.number for one in lists if one.kind.action not in plan.NOTED),
            "counters": [(label, run.counters[name]) for name, label in COUNTED if run.counters.get(name)],
            "quiet": not any(
                run.counters.get(name) for name, _label in COUNTED if name not in ("records", "api_calls")
            ),
            "failures": failures,
            "places": linked_to_records((log.resource_type, log.resource_id) for log in failures if log.resource_id),
            "undone": run.progress if run.job_type == JobType.ROLLBACK and "of" in run.progress else None,
            "skipped": run.progress.get("skipped", ())[:FAILURES],
            "can_roll_back": run.status in OVER and not is_plan and run.job_type != JobType.ROLLBACK,
            "over": run.status in OVER,
            "follow_ups": JobExecution.objects.filter(plan=run).order_by("-started_at")[:5],
        }

    def heading(self) -> Any:
        return _("Preview") if self.run.options.get("dryRun") else self.run.get_job_type_display()

    def _quiet(self) -> bool:
        """It read, and there was nothing to do."""
        told = [name for name, _label in COUNTED if name not in ("records", "api_calls")]
        return not self.run.error_message and not any(self.run.counters.get(name) for name in told)

    def _first(self) -> bool:
        """A plan before anything is linked is a first sync."""
        run = self.run
        assert run.integration is not None
        return not run.integration.mappings.filter(created_at__lt=run.started_at).order_by()[:1].exists()

    def _progress(self) -> dict[str, Any]:
        """How far it may be, by how long such runs take."""
        run = self.run
        assert run.integration is not None
        if run.job_type == JobType.ROLLBACK:
            return {
                "percent": round(100 * run.progress["done"] / run.progress["of"]) if run.progress.get("of") else None
            }
        passed = (ports().clock.now() - run.started_at).total_seconds()
        known = run.integration.job_executions.filter(status=JobStatus.COMPLETED).exists()
        usual = starting.estimate(run.integration) if known else 0
        return {
            "passed": int(passed * 1000),
            "usual": usual * 1000,
            "percent": round(100 * passed / usual) if passed < usual else None,
        }

    def _failures(self) -> list[SyncLog]:
        failed = SyncLog.objects.filter(run=self.run, status=SyncStatus.FAILED).exclude(status=SyncStatus.SUCCESS)
        return list(failed.order_by("-id")[:FAILURES])


class Steps(RunPage):
    """Every step of one list."""

    template_name = "console/runs/steps.html"

    def context(self) -> dict[str, Any]:
        steps = PlanStep.objects.filter(run=self.run, action=self.kwargs["action"])
        page = paged(steps, self.request.GET)
        if not page and not self.request.GET:
            raise Http404
        kind = plan.kind_of(self.kwargs["action"])
        places = linked_to_records((step.resource_type, step.internal_id) for step in page if step.internal_id)
        return {"run": self.run, "kind": kind, "page": page, "places": places}

    def heading(self) -> Any:
        return plan.kind_of(self.kwargs["action"]).title

    def parents(self) -> Iterable[tuple[Any, str]]:
        yield from super().parents()
        yield _("Preview"), reverse("console:run", args=[self.run.pk])
