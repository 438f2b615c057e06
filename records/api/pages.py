"""Pages in R1's shape: `{"logs": [...], "pagination": {"total", "limit", "offset", "hasMore"}}`."""

from __future__ import annotations

from typing import Any

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
