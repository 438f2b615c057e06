"""The tab of conflicts: what waits for a decision, with the way to it."""

from __future__ import annotations

from typing import Any

from conflicts.models import ConflictResolution
from console.conflicts.rows import rows_of
from console.integrations.tabs import Tab
from console.navigation import conflicts_address
from console.paging import paged


class OpenConflicts(Tab):
    key = "conflicts"
    template_name = "console/integrations/conflicts.html"

    def context(self) -> dict[str, Any]:
        waiting = ConflictResolution.objects.filter(integration=self.one, status=ConflictResolution.Status.PENDING)
        waiting = waiting.select_related("integration")
        page = paged(waiting, self.request.GET, key=("created_at", "pk"))
        return {
            "page": page,
            "rows": rows_of(page.rows),
            "query": f"integration={self.one.pk}",
            "all_conflicts": conflicts_address(),
        }
