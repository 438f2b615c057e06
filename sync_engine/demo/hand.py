"""A person's hand at the twins, through the sandbox's control API."""

from __future__ import annotations

from typing import Any

import orjson

from connectors.base.http import HttpRequest
from connectors.base.transport import shared

READING_POSTS = ("/batch",)
"""Paths that are posted to and change nothing."""


class Hand:
    """Edits at one twin as a person would, and looks at what is there."""

    def __init__(self, url: str, slug: str) -> None:
        self._url = url
        self._slug = slug

    def all(self, resource: str) -> dict[str, dict[str, Any]]:
        """Live records by id."""
        rows = self._call("GET", f"{self._slug}/{resource}")
        return {str(row.get("gid") or row["id"]): row for row in rows if not row["_deleted"]}

    def edit(self, resource: str, record_id: str, **fields: Any) -> None:
        self._call("PATCH", f"{self._slug}/{resource}/{record_id}", fields)

    def delete(self, resource: str, record_id: str) -> None:
        self._call("DELETE", f"{self._slug}/{resource}/{record_id}")

    def fill(self, size: int) -> None:
        """Empties the twin and fills it with so many records of demo data."""
        self._call("POST", "reset", {"slug": self._slug, "seed_demo": size})

    def writes(self) -> int:
        """How many calls so far could have changed something at any twin."""
        log = self._call("GET", "requests")["requests"]
        return sum(line["method"] != "GET" and not line["path"].endswith(READING_POSTS) for line in log)

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        payload = b"" if body is None else orjson.dumps(body)
        headers = {"Content-Type": "application/json", "X-Sandbox-Author": "dana"}
        request = HttpRequest(method, f"{self._url}/_sandbox/{path}", headers, payload)
        response = shared(True).send(request, timeout=30)
        if response.status >= 400:
            raise RuntimeError(f"The sandbox answered {response.status}: {response.body[:200]!r}")
        return orjson.loads(response.body)
