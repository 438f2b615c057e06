"""Feed, webhooks with their handshake, and batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from connectors.base.http import HttpRequest, HttpResponse
from connectors.base.sandbox.twin import Call, Problem, json_response, route
from connectors.base.sandbox.webhooks import DeliveryFailed

from .answers import Answers, data_of, raw


class EventCalls(Answers):
    """`/events`, `/webhooks`, `/batch`."""

    @route("GET", "/events")
    def events(self, call: Call) -> HttpResponse:
        resource = call.query.get("resource", "")
        if self.store.get("projects", resource) is None and self.store.get("tasks", resource) is None:
            raise Problem(400, f"resource: Unknown object: {resource}")
        found = self.feed.since(resource, call.query.get("sync", ""))
        if found is None:
            raise Problem(412, "Sync token invalid or too old. If you are attempting to keep resources in sync, you "
                          "must fetch the full dataset for this query now and use the new sync token for the next "
                          "sync.", sync=self.feed.token(resource))  # fmt: skip
        events, token, more = found
        return json_response(200, {"data": events, "sync": token, "has_more": more})

    @route("GET", "/webhooks")
    def list_webhooks(self, call: Call) -> HttpResponse:
        return self._page(call, self.store.live("webhooks"))

    @route("GET", "/webhooks/{gid}")
    def get_webhook(self, call: Call) -> HttpResponse:
        return self._one(call, self.found("webhooks", call.params["gid"]))

    @route("POST", "/webhooks", locked=False)
    def create_webhook(self, call: Call) -> HttpResponse:
        """Asana calls the target while this request is open, so no lock is held here."""
        data = data_of(call)
        with self.lock:
            fields = self._webhook_fields(data)
        self._handshake(fields["target"], fields["secret"])
        with self.lock:
            hook = self.store.create("webhooks", self.new_id("webhooks"), fields, author=call.who)
            self.feed.send(hook, [])
            shown = self.shapes.full(hook)
        return json_response(201, {"data": shown, "X-Hook-Secret": fields["secret"]})

    @route("DELETE", "/webhooks/{gid}")
    def delete_webhook(self, call: Call) -> HttpResponse:
        self.store.delete(self.found("webhooks", call.params["gid"]), author=call.who, soft=False)
        return json_response(200, {"data": {}})

    @route("POST", "/batch")
    def batch(self, call: Call) -> HttpResponse:
        actions = data_of(call).get("actions") or []
        if not isinstance(actions, list) or not 1 <= len(actions) <= 10:
            raise Problem(400, "actions: Must be a list of 1 to 10 actions")
        answers = [self._action(call, action) for action in actions]
        parts = [b'{"status_code":%d,"headers":{},"body":%s}' % (answer.status, answer.body) for answer in answers]
        return raw(b'{"data":[' + b",".join(parts) + b"]}")

    def _action(self, call: Call, action: Mapping[str, Any]) -> HttpResponse:
        path, method = str(action.get("relative_path", "")), str(action.get("method", "")).upper()
        if "?" in path:
            raise Problem(400, "relative_path: Must not have a query string")
        options = dict(action.get("options") or {})
        if "fields" in options:
            options["opt_fields"] = ",".join(options.pop("fields"))
        data = action.get("data") or {}
        query = {name: str(value) for name, value in ({**data, **options} if method == "GET" else options).items()}
        body = b"" if method == "GET" else orjson.dumps({"data": data})
        inner = HttpRequest(method, path, call.request.headers, body)
        return self._dispatch(Call(inner, method, path, query, call.headers))

    def _webhook_fields(self, data: Mapping[str, Any]) -> dict[str, Any]:
        resource, target = str(data.get("resource", "")), str(data.get("target", ""))
        if self.store.get("projects", resource) is None and self.store.get("tasks", resource) is None:
            raise Problem(400, f"resource: Unknown object: {resource}")
        hooks = [hook.fields for hook in self.store.live("webhooks")]
        if any((hook["resource"], hook["target"]) == (resource, target) for hook in hooks):
            raise Problem(403, "Duplicated webhook")
        secret = self.ids.new().replace("-", "")
        filters = list(data.get("filters") or ())
        return {"resource": resource, "target": target, "active": True, "filters": filters, "secret": secret}

    def _handshake(self, target: str, secret: str) -> None:
        if self.webhooks.deliver is None:
            raise Problem(400, "The remote server which is intended to receive the webhook cannot be reached")
        try:
            answer = self.webhooks.deliver(HttpRequest("POST", target, {"X-Hook-Secret": secret}, b"{}"))
        except DeliveryFailed as problem:
            raise Problem(
                400, "The remote server which is intended to receive the webhook cannot be reached"
            ) from problem
        echo = {name.lower(): value for name, value in answer.headers.items()}.get("x-hook-secret")
        if answer.status not in (200, 204) or echo != secret:
            raise Problem(400, "The remote server did not respond to the handshake with the X-Hook-Secret")
