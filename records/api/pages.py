"""Pages in R1's shape: `{"logs": [...], "pagination": {"total", "limit", "offset", "hasMore"}}`."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response

FARTHEST = 2**31 - 1


class Pages(LimitOffsetPagination):
    """`limit` 50, at most 200. The list stands under the view's `results_key`."""

    default_limit = 50
    max_limit = 200
    key = "results"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        self.key = getattr(view, "results_key", self.key)
        found: list[Any] | None = super().paginate_queryset(queryset, request, view)
        return found

    def get_offset(self, request: Request) -> int:
        return min(int(super().get_offset(request)), FARTHEST)

    def get_paginated_response(self, data: Any) -> Response:
        more = self.offset + len(data) < self.count
        pagination = {"total": self.count, "limit": self.limit, "offset": self.offset, "hasMore": more}
        return Response({self.key: data, "pagination": pagination})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        number = {"type": "integer"}
        pagination = {
            "type": "object",
            "required": ["total", "limit", "offset", "hasMore"],
            "properties": {"total": number, "limit": number, "offset": number, "hasMore": {"type": "boolean"}},
        }
        return {
            "type": "object",
            "required": [self.key, "pagination"],
            "properties": {self.key: schema, "pagination": pagination},
        }


class BigPages(Pages):
    """Pages of tables that grow without end, newest first by id. Counting stops at 10,000: then `total` is that and
    `totalIsExact` is false. `before=ID` goes on after that row, as fast far down as on top; `offset` is not."""

    counted = 10_000
    more = False
    exact = True

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        self.request, self.key = request, getattr(view, "results_key", self.key)
        self.limit, self.offset = self.get_limit(request), self.get_offset(request)
        self.count = queryset.order_by()[: self.counted + 1].count()
        if self.count > self.counted:
            self.count, self.exact = self.counted, False
        rows = list(self._from(queryset, request)[self.offset : self.offset + self.limit + 1])
        self.more = len(rows) > self.limit
        return rows[: self.limit]

    def _from(self, queryset: Any, request: Request) -> Any:
        before = request.query_params.get("before", "")
        if not before:
            return queryset
        if not (before.isascii() and before.isdigit() and int(before) <= FARTHEST**2):
            raise ValidationError({"before": ["This must be the id of a row."]})
        return queryset.filter(pk__lt=int(before))

    def get_paginated_response(self, data: Any) -> Response:
        pagination = {"total": self.count, "limit": self.limit, "offset": self.offset, "hasMore": self.more}
        if not self.exact:
            pagination["totalIsExact"] = False
        return Response({self.key: data, "pagination": pagination})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        page["properties"]["pagination"]["properties"]["totalIsExact"] = {"type": "boolean"}
        return page

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        before = {"name": "before", "in": "query", "required": False, "schema": {"type": "integer"}}
        return [*super().get_schema_operation_parameters(view), before]
