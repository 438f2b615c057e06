"""Rolling a run back: a preview of every write that would be taken back, and the button."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.base.errors import ConnectorError
from console.records.addresses import linked_to_records
from console.runs.detail import RunPage
from integrations.enums import JobStatus
from integrations.mapping.errors import MappingError
from integrations.models import JobExecution
from sync_engine.running.leases import LeaseHeld
from sync_engine.running.runs import sentence_for
from sync_engine.undo import rollback
from sync_engine.undo.rollback import Compensation

WORDS = {
    "update_local": gettext_lazy("Gets back its earlier values here"),
    "update_external": gettext_lazy("Gets back its earlier values at the provider"),
    "archive_local": gettext_lazy("Was created here, is archived"),
    "restore_local": gettext_lazy("Was deleted here, comes back"),
    "delete_external": gettext_lazy("Was created at the provider, is deleted there"),
    "none": gettext_lazy("Is left alone"),
}
REFUSALS = (rollback.CannotRollBack, LeaseHeld, MappingError, ConnectorError)


class RollBack(RunPage):
    """GET asks the provider what stands there now; POST does it, decided once more on that very moment."""

    template_name = "console/runs/rollback.html"
    title = gettext_lazy("Roll back")

    def context(self) -> dict[str, Any]:
        going = JobExecution.objects.filter(rolls_back=self.run, status__in=(JobStatus.PENDING, JobStatus.RUNNING))
        if under_way := going.first():
            return {"run": self.run, "under_way": under_way}
        if self.large:
            return {"run": self.run, "large": rollback.writes(self.run).count()}
        try:
            steps = rollback.preview(self.run)
        except REFUSALS as error:
            return {"run": self.run, "problem": sentence_for(error)}
        return {"run": self.run, "problem": "", **_shown(steps)}

    def parents(self) -> Any:
        yield from super().parents()
        yield self.run.get_job_type_display(), reverse("console:run", args=[self.run.pk])

    @cached_property
    def large(self) -> bool:
        """Too much to wait for."""
        return rollback.large(self.run)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        cause = _("rolled back by %(who)s") % {"who": self.who}
        try:
            if self.large:
                filed = rollback.file(self.run, cause=cause)
                return HttpResponseRedirect(reverse("console:run", args=[filed.pk]))
            undo, steps = rollback.roll_back(self.run, cause=cause)
        except REFUSALS as error:
            messages.error(request, sentence_for(error))
            return HttpResponseRedirect(request.path)
        done = sum(1 for one in steps if one.action != "none")
        messages.success(request, _("%(done)d of %(all)d writes were taken back.") % {"done": done, "all": len(steps)})
        return HttpResponseRedirect(reverse("console:run", args=[undo.pk]))


def _shown(steps: list[Compensation]) -> dict[str, Any]:
    counted = Counter(one.action for one in steps)
    return {
        "steps": [(one, WORDS.get(one.action, one.action)) for one in steps],
        "places": linked_to_records((one.resource_type, one.internal_id) for one in steps if one.internal_id),
        "summary": [(WORDS.get(action, action), number) for action, number in counted.most_common()],
        "to_do": sum(number for action, number in counted.items() if action != "none"),
    }
