"""The tab of conflicts: what waits for a decision, with the way to it."""

from __future__ import annotations

from typing import Any

from conflicts.models import ConflictResolution
from console.integrations.tabs import Tab
from console.navigation import conflict_address, conflicts_address
from console.paging import paged


class OpenConflicts(Tab):
    key = "conflicts"
    template_name = "console/integrations/conflicts.html"

    def context(self) -> dict[str, Any]:
        waiting = ConflictResolution.objects.filter(integration=self.one, status=ConflictResolution.Status.PENDING)
        page = paged(waiting, self.request.GET, key=("created_at", "pk"))
        return {
            "page": page,
            "cases": [(case, conflict_address(case.pk)) for case in page],
            "all_conflicts": conflicts_address(),
        }
