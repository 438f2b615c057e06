"""The rows that the filters of the page choose, as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from console.logs.asked import LogFilter, chosen
from console.logs.lists import rows_of
from console.pages import Door
from integrations.log_csv import lines


class Export(Door):
    """The newest first, streamed."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        wanted = LogFilter(request.GET, integrations=self.integrations).asked()
        rows = chosen(rows_of(self.integrations), wanted, self.integrations)
        names = dict(self.integrations.values_list("pk", "name"))
        stamp = timezone.localtime().strftime("%Y-%m-%d-%H%M")
        return StreamingHttpResponse(
            lines(rows, names),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="lockstep-logs-{stamp}.csv"'},
        )
