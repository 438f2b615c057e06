"""Pages by keyset: no count and no OFFSET, however big the table.

`{"pagination": {"limit", "hasMore", "nextCursor"}}`
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response


class Keyset(CursorPagination):
    """`limit` 50, at most 200; `cursor` is the `nextCursor` of the page before. The list stands under the view's
    `results_key`, in the order that the view's queryset has."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    key = "results"
    ordering: tuple[str, ...] = ("-created_at", "-id")

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        self.key = getattr(view, "results_key", self.key)
        found: list[Any] | None = super().paginate_queryset(queryset, request, view)
        return found

    def get_next_cursor(self) -> str | None:
        """The opaque part of the next page's address."""
        link = self.get_next_link()
        return parse_qs(urlsplit(link).query)[self.cursor_query_param][0] if link else None

    def decode_cursor(self, request: Request) -> Any:
        """Raises 400 for a cursor that is none of ours."""
        if "\0" in request.query_params.get(self.cursor_query_param, ""):
            raise ValidationError({self.cursor_query_param: ["This is no cursor."]})
        return super().decode_cursor(request)

    def get_page_size(self, request: Request) -> int:
        self.limit = int(super().get_page_size(request))
        return self.limit

    def get_paginated_response(self, data: Any) -> Response:
        pagination = {"limit": self.limit, "hasMore": self.has_next, "nextCursor": self.get_next_cursor()}
        return Response({self.key: data, "pagination": pagination})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        pagination = {
            "type": "object",
            "required": ["limit", "hasMore", "nextCursor"],
            "properties": {
                "limit": {"type": "integer"},
                "hasMore": {"type": "boolean"},
                "nextCursor": {"type": "string", "nullable": True},
            },
        }
        return {
            "type": "object",
            "required": [self.key, "pagination"],
            "properties": {self.key: schema, "pagination": pagination},
        }
