"""Starting a run of an integration."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from automations.actions.base import Action, Doing, Done, Parameter, wanted_integration
from automations.errors import Refused
from integrations.enums import JobType
from sync_engine.running.schedule import RUNNABLE


class StartRun(Action):
    """Files a run and queues it with the firing's transaction, so it starts exactly once."""

    type = "start_run"
    label = gettext_noop("Start a sync")
    parameters = (
        Parameter("integration", gettext_noop("Integration"), "integration", required=True),
        Parameter(
            "direction",
            gettext_noop("Direction"),
            "choice",
            choices=(
                ("both", gettext_noop("Both ways")),
                ("pull", gettext_noop("Only read")),
                ("push", gettext_noop("Only write")),
            ),
        ),
        Parameter("full", gettext_noop("Read everything, not only what changed"), "switch"),
    )

    def plan(self, doing: Doing) -> str:
        return f"Start a sync of '{wanted_integration(doing).name}'"

    def perform(self, doing: Doing) -> Done:
        # Celery comes with it, which a plain sync from the command line need not import.
        from sync_engine.api.starting import start

        integration = wanted_integration(doing)
        if integration.status not in RUNNABLE:
            raise Refused(f"'{integration.name}' is {integration.status.lower()}. Resume it, then try this again.")
        run = start(
            integration,
            cause=f"rule '{doing.rule_name}'"[:200],
            job_type=JobType.SCHEDULED_SYNC,
            direction=doing.given.get("direction") or "both",
            full=bool(doing.given.get("full")),
        )
        return Done(f"Started run {run.pk} of '{integration.name}'.", (run.pk,))
