"""The twin of a plain JSON REST API: any collection, bearer token, one envelope, signed webhooks in R1's scheme.

    GET    /{collection}         {"data": [...], "total": n}, see below      POST   /webhooks   {"url", "secret"}
    POST   /{collection}         201 and the record                          DELETE /webhooks/{id}
    GET    /{collection}/{id}    the record, with ETag
    PATCH  /{collection}/{id}    merges, PUT replaces; 412 where If-Match is another version
    DELETE /{collection}/{id}    204, then 404

Listings take `per_page` (at most 100), `updated_since`, `sort=updated_at,id`, `ids=a,b` and `deleted=true` (only
what was deleted). Settings, besides those of every twin:

    paging       page (default: `page`), offset (`offset`), link (Link header), cursor (`cursor`, `next_cursor`),
                 next_url (`next`)
    one_second   stamps have no fraction
    etags        False: no ETag is sent
    webhook      {"url", "secret"}: a hook that exists from the start
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from connectors.base import stamps
from connectors.base.http import HttpResponse
from connectors.base.sandbox.store import Change, Entry, Store
from connectors.base.sandbox.twin import Call, Problem, Twin, json_response, route
from connectors.base.webhooks import DefaultWebhooks

from .sandbox_data import CONTRACT, contact

__all__ = ["CONTRACT", "GenericRestTwin"]

MAX_PAGE = 100
_VERBS = {"added": "created", "changed": "updated", "deleted": "deleted", "undeleted": "restored"}
_READ_ONLY = ("id", "created_at", "updated_at")


class GenericRestTwin(Twin):
    """`twin.hook(url, secret)` registers a webhook by hand."""

    slug = "generic_rest"
    resources = ("contacts", "tasks", "members", "events")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if self.settings.get("one_second"):
            self.store = Store(self.clock, self.faults, resolution=timedelta(seconds=1))
            self.setup()

    def setup(self) -> None:
        self.hooks: dict[str, dict[str, str]] = {}
        if self._changed not in self.store.listeners:
            self.store.listeners.append(self._changed)
        if given := self.settings.get("webhook"):
            self.hook(given["url"], given["secret"])

    def seed_demo(self, size: int = 200) -> None:
        """`size` contacts."""
        for number in range(size):
            self.hand_create("contacts", contact(number))

    def hook(self, url: str, secret: str) -> str:
        hook_id = self.ids.new()
        self.hooks[hook_id] = {"url": url, "secret": secret}
        return hook_id

    def problem(self, problem: Problem) -> HttpResponse:
        error = {"message": problem.message, "code": problem.extra.get("code", "error")}
        answer = json_response(problem.status, {"error": error})
        wait = problem.extra.get("retry_after")
        more = {} if wait is None else {"retry-after": str(wait)}
        return HttpResponse(answer.status, {**answer.headers, **more}, answer.body)

    def render(self, entry: Entry) -> dict[str, Any]:
        spell = stamps.iso_seconds if self.settings.get("one_second") else stamps.iso_ms
        made = {"created_at": spell(entry.created_at), "updated_at": spell(entry.modified_at)}
        return {**entry.fields, "id": entry.id, **made}

    def hand_create(self, resource: str, fields: Mapping[str, Any], *, author: str = "person") -> Entry:
        own = {name: value for name, value in fields.items() if name not in _READ_ONLY}
        with self.lock:
            return self.store.create(resource, str(fields.get("id") or self.new_id(resource)), own, author=author)

    # Webhooks

    @route("POST", "/webhooks")
    def add_hook(self, call: Call) -> HttpResponse:
        body = _object(call)
        return json_response(201, {"id": self.hook(str(body.get("url", "")), str(body.get("secret", "")))})

    @route("DELETE", "/webhooks/{id}")
    def drop_hook(self, call: Call) -> HttpResponse:
        if self.hooks.pop(call.params["id"], None) is None:
            raise Problem(404, "No such webhook")
        return HttpResponse(204)

    def _changed(self, change: Change) -> None:
        if not self.hooks:
            return
        event = f"{change.entry.collection.removesuffix('s')}.{_VERBS[change.action]}"
        data = {"id": change.entry.id} if change.action == "deleted" else self.render(change.entry)
        body = orjson.dumps({"event": event, "timestamp": stamps.iso_ms(change.at), "data": data})
        delivery = self.ids.new()
        for hook in self.hooks.values():
            self.webhooks.queue(hook["url"], body, self._signer(event, delivery, hook["secret"]))

    def _signer(self, event: str, delivery: str, secret: str) -> Any:
        def sign(body: bytes) -> dict[str, str]:
            signed = DefaultWebhooks().sign(event, body, secret, at=self.clock.now())
            return {**signed, "X-Webhook-Id": delivery}

        return sign

    # Records

    @route("GET", "/{collection}")
    def records_list(self, call: Call) -> HttpResponse:
        found = self._chosen(call)
        at, size = self._position(call)
        page = found[at : at + size]
        body: dict[str, Any] = {"data": [self.render(entry) for entry in page], "total": len(found)}
        headers: dict[str, str] = {}
        following = at + len(page)
        more = following < len(found)
        match self.settings.get("paging", "page"):
            case "cursor":
                body = {"data": body["data"], "next_cursor": f"c{following}" if more else None}
            case "next_url":
                body = {"data": body["data"], "next": _next(call, following) if more else None}
            case "link":
                headers = {"link": f'<{_next(call, following)}>; rel="next"'} if more else {}
                body = body["data"]
        answer = json_response(200, body)
        return HttpResponse(200, {**answer.headers, **headers}, answer.body)

    @route("POST", "/{collection}")
    def records_create(self, call: Call) -> HttpResponse:
        fields = self.rewritten(_writable(call))
        _validate(call.params["collection"], fields, whole=True)
        collection = call.params["collection"]
        return self._one(self.store.create(collection, self.new_id(collection), fields, author=call.who), 201)

    @route("GET", "/{collection}/{id}")
    def records_read(self, call: Call) -> HttpResponse:
        return self._one(self.found(call.params["collection"], call.params["id"]))

    @route("PATCH", "/{collection}/{id}")
    def records_update(self, call: Call) -> HttpResponse:
        entry = self._matching(call)
        fields = self.rewritten(_writable(call))
        _validate(entry.collection, fields)
        return self._one(self.store.update(entry, fields, author=call.who))

    @route("PUT", "/{collection}/{id}")
    def records_replace(self, call: Call) -> HttpResponse:
        entry = self._matching(call)
        fields = self.rewritten(_writable(call))
        _validate(entry.collection, fields, whole=True)
        gone = {name: None for name in entry.fields if name not in fields}
        return self._one(self.store.update(entry, {**fields, **gone}, author=call.who))

    @route("DELETE", "/{collection}/{id}")
    def records_delete(self, call: Call) -> HttpResponse:
        self.trash(self._matching(call), author=call.who)
        return HttpResponse(204)

    def _one(self, entry: Entry, status: int = 200) -> HttpResponse:
        answer = json_response(status, self.render(entry))
        extra = {"location": f"/{self.slug}/{entry.collection}/{entry.id}"} if status == 201 else {}
        if self.settings.get("etags", True):
            extra["etag"] = self._etag(entry)
        return HttpResponse(status, {**answer.headers, **extra}, answer.body)

    def _etag(self, entry: Entry) -> str:
        return f'"{hash_of(self.render(entry))}"'

    def _matching(self, call: Call) -> Entry:
        entry = self.found(call.params["collection"], call.params["id"])
        wanted = call.headers.get("if-match")
        if wanted is not None and wanted != self._etag(entry):
            raise Problem(412, "The record has changed since it was read", code="precondition_failed")
        return entry

    def _chosen(self, call: Call) -> list[Entry]:
        """The records of a listing, filtered and ordered."""
        entries = list(self.store.all(call.params["collection"]))
        wanted, named = call.query.get("deleted") == "true", "ids" in call.query
        # Records that are named are read themselves; a search index, which may lag, has no part in it.
        found = [entry for entry in entries if entry.deleted == wanted and (named or not self._lags(entry))]
        if since := _since(call):
            found = [entry for entry in found if entry.modified_at >= since]
        if named:
            ids = set(call.query["ids"].split(","))
            found = [entry for entry in found if entry.id in ids]
        if call.query.get("sort", "").startswith("updated_at"):
            found.sort(key=lambda entry: (entry.modified_at, entry.id))
        return found

    def _lags(self, entry: Entry) -> bool:
        return bool(self.faults) and self.store.hidden(entry.modified_at)

    def _position(self, call: Call) -> tuple[int, int]:
        size = min(_count(call, "per_page", MAX_PAGE), MAX_PAGE) or 1
        if "cursor" in call.query:
            cursor = call.query["cursor"]
            if not cursor[1:].isdigit():
                raise Problem(400, "Unknown cursor", code="bad_cursor")
            at = int(cursor[1:])
        else:
            at = _count(call, "offset", (max(_count(call, "page", 1), 1) - 1) * size)
        shift = self.faults.draw("shifting_pages", "GET", call.path) if at and self.faults else None
        return max(at + int(shift.params.get("by", 1)), 0) if shift else at, size


def hash_of(record: Mapping[str, Any]) -> str:
    """Short and stable: a record's version."""
    return blake2b(orjson.dumps(record, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()


def _next(call: Call, at: int) -> str:
    parts = urlsplit(call.request.url)
    query = {name: value for name, value in call.query.items() if name not in ("page", "offset")}
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode({**query, 'offset': at})}"


def _count(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isdigit():
        raise Problem(400, f"{name} must be a number", code="bad_request")
    return int(text)


def _since(call: Call) -> datetime | None:
    try:
        return stamps.parse(call.query.get("updated_since"))
    except ValueError as error:
        raise Problem(400, "updated_since must be a time", code="bad_request") from error


def _object(call: Call) -> dict[str, Any]:
    body = call.json()
    if not isinstance(body, dict):
        raise Problem(400, "The body must be an object", code="bad_request")
    return body


def _writable(call: Call) -> dict[str, Any]:
    return {name: value for name, value in _object(call).items() if name not in _READ_ONLY}


def _validate(collection: str, fields: Mapping[str, Any], *, whole: bool = False) -> None:
    """What this API refuses: an e-mail without @, a task without a title."""
    email = fields.get("email")
    if email and "@" not in str(email):
        raise Problem(422, f"email {email!r} is not an e-mail address", code="invalid")
    if collection == "tasks" and not fields.get("title") and (whole or "title" in fields):
        raise Problem(422, "title is required", code="invalid")
