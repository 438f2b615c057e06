"""`Twin`: a provider as a state machine. Requests in, answers out, no socket, nothing left to chance."""

from __future__ import annotations

import inspect
import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from email.utils import format_datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from ..http import HttpRequest, HttpResponse
from ..ports import Clock, Ids, Rng
from .calls import Call, Logged, Observer, Problem, Refused, ResponseLost, Route, json_response, route
from .faults import Fault, FaultBook, rewritten
from .ports import SeededIds, SeededRng, SystemClock
from .store import Entry, Store
from .webhooks import WebhookSender

LOG_LENGTH = 10_000
__all__ = ["Call", "Problem", "Refused", "ResponseLost", "Twin", "json_response", "route"]


class Twin:
    """Base of all twins. A provider's twin sets `slug`, `base_path`, `resources` and has routes.

    `settings`: `tokens` ({token: user id}), `latency_ms` (added to every call), `rate_limit` (calls per minute
    and token, None = off), and what the provider's twin adds.
    """

    slug: ClassVar[str]
    base_path: ClassVar[str] = ""
    resources: ClassVar[tuple[str, ...]] = ()
    resolution: ClassVar[timedelta] = timedelta(milliseconds=1)
    default_token: ClassVar[str] = "sandbox-token"

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        ids: Ids | None = None,
        rng: Rng | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.ids: Ids = ids or SeededIds()
        self.rng: Rng = rng or SeededRng()
        self.settings = dict(settings or {})
        self.latency_ms: float = self.settings.get("latency_ms", 0)
        self.rate_limit: int | None = self.settings.get("rate_limit")
        self.faults = FaultBook(self.rng)
        self.store = Store(self.clock, self.faults, resolution=self.resolution)
        self.webhooks = WebhookSender(self.clock, self.faults)
        self.log: deque[Logged] = deque(maxlen=LOG_LENGTH)
        self.counts: Counter[str] = Counter()
        self.observers: list[Observer] = []
        self.lock = threading.RLock()
        self._routes: list[Route] = [
            item for _, member in inspect.getmembers(type(self)) for item in getattr(member, "routes", ())
        ]
        self._window: dict[str, deque[float]] = {}
        self.setup()

    # What a provider's twin fills in.

    def setup(self) -> None:
        """What exists in an account from its first minute. Runs at construction and after a reset."""

    def tokens(self) -> Mapping[str, str]:
        """Valid tokens and the user id behind each."""
        tokens: Mapping[str, str] = self.settings.get("tokens") or {self.default_token: "1"}
        return tokens

    def authenticate(self, call: Call) -> str:
        """The user id of the caller. Raises `Problem` 401. Bearer unless overridden."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        user = self.tokens().get(token.strip()) if scheme.lower() == "bearer" else None
        if user is None:
            raise Problem(401, "Not Authorized")
        call.token = token.strip()
        return user

    def problem(self, problem: Problem) -> HttpResponse:
        """A refusal in the provider's own shape."""
        return json_response(problem.status, {"error": problem.message, **problem.extra})

    def new_id(self, resource: str) -> str:
        return self.ids.new()

    def render(self, entry: Entry) -> dict[str, Any]:
        """The record as a person's tool would show it: what the control API answers."""
        return {"id": entry.id, **entry.fields}

    def seed_demo(self, size: int = 1000) -> None:
        """Fills the account with believable data."""

    # A person's hand: like the provider's own screen, its author is not the API's user.

    def hand_create(self, resource: str, fields: Mapping[str, Any], *, author: str = "person") -> Entry:
        with self.lock:
            entry_id = str(fields.get("id") or self.new_id(resource))
            return self.store.create(resource, entry_id, dict(fields), author=author)

    def hand_update(self, resource: str, entry_id: str, fields: Mapping[str, Any], *, author: str = "person") -> Entry:
        with self.lock:
            return self.store.update(self.found(resource, entry_id), fields, author=author)

    def hand_delete(self, resource: str, entry_id: str, *, author: str = "person") -> None:
        with self.lock:
            self.trash(self.found(resource, entry_id), author=author)

    def found(self, resource: str, entry_id: str) -> Entry:
        """The live record. Raises `Problem` 404."""
        entry = self.store.get(resource, entry_id)
        if entry is None:
            raise Problem(404, f"{resource}: Unknown object: {entry_id}")
        return entry

    def trash(self, entry: Entry, *, author: str, soft: bool = True) -> None:
        """Deletes as the provider does, unless a fault says otherwise."""
        if self.faults.draw("hard_delete", "DELETE", entry.collection):
            soft = False
        elif self.faults.draw("soft_delete", "DELETE", entry.collection):
            soft = True
        self.store.delete(entry, author=author, soft=soft)

    def rewritten(self, fields: dict[str, Any]) -> dict[str, Any]:
        """What the provider stores for what an API call sent."""
        fault = self.faults.draw("rewrite_values") if self.faults else None
        for name, how in (fault.params.get("fields", {}) if fault else {}).items():
            if isinstance(fields.get(name), str):
                fields[name] = rewritten(fields[name], how)
        return fields

    def reset(self) -> None:
        """Back to the first minute: no records, faults, log, hooks."""
        with self.lock:
            self.store.clear()
            self.faults.reset()
            self.webhooks.clear()
            self.log.clear()
            self.counts.clear()
            self._window.clear()
            self.setup()

    # One exchange.

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answers one request. Raises `Refused` or `ResponseLost` where a fault cuts the connection."""
        call = self._call(request)
        if self.latency_ms:
            self.clock.sleep(self.latency_ms / 1000)
        try:
            response = self._before(call) if self.faults else None
            if response is None:
                response = self._dispatch(call)
                for observer in self.observers:
                    observer(request, response)
        except (Refused, ResponseLost):
            self._note(call, 0)
            raise
        if self.faults:
            response = self._after(call, response)
        self._note(call, response.status)
        return response

    def _call(self, request: HttpRequest) -> Call:
        parts = urlsplit(request.url)
        path = unquote(parts.path)
        for prefix in (f"/{self.slug}", self.base_path):
            path = path.removeprefix(prefix)
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return Call(request, request.method.upper(), path, query, headers)

    def _dispatch(self, call: Call) -> HttpResponse:
        try:
            item = self._route(call)
            if item.auth:
                call.who = self.authenticate(call)
            self._meter(call)
            if not item.locked:
                return self._dated(item.handler(self, call))
            with self.lock:
                return self._dated(item.handler(self, call))
        except Problem as problem:
            return self._dated(self.problem(problem))

    def _route(self, call: Call) -> Route:
        item: Route
        for item in self._routes:
            match = item.method == call.method and item.pattern.match(call.path)
            if match:
                call.params = match.groupdict()
                return item
        raise Problem(404, f"No matching route for request: {call.method} {call.path}")

    def _meter(self, call: Call) -> None:
        if self.rate_limit is None:
            return
        now = self.clock.monotonic()
        with self.lock:
            window = self._window.setdefault(call.token, deque())
            while window and window[0] <= now - 60:
                window.popleft()
            window.append(now)
            if len(window) > self.rate_limit:
                raise Problem(429, "You have made too many requests recently.", retry_after=int(window[0] + 61 - now))

    def _dated(self, response: HttpResponse) -> HttpResponse:
        date = format_datetime(self.clock.now(), usegmt=True)
        return HttpResponse(response.status, {**response.headers, "date": date}, response.body)

    def _before(self, call: Call) -> HttpResponse | None:
        with self.lock:
            drawn = {kind: self.faults.draw(kind, call.method, call.path) for kind in ("slow", "refused")}
            fault = drawn["refused"] or next(filter(None, (self._draw(call, kind) for kind in _ANSWERS)), None)
        if drawn["slow"]:
            self.clock.sleep(drawn["slow"].params.get("seconds", 1))
        if fault is None:
            return None
        if fault.kind == "refused":
            raise Refused(call.path)
        if fault.kind == "fail_before_write" and "status" not in fault.params:
            raise ResponseLost(call.path)
        return self._dated(self._faulty(fault))

    def _draw(self, call: Call, kind: str) -> Fault | None:
        return self.faults.draw(kind, call.method, call.path)

    def _faulty(self, fault: Fault) -> HttpResponse:
        if fault.kind == "html":
            page = b"<!DOCTYPE html><html><body><h1>Down for maintenance</h1></body></html>"
            return HttpResponse(fault.params.get("status", 200), {"content-type": "text/html"}, page)
        if fault.kind == "rate_limited":
            retry_after = fault.params.get("retry_after", 1)
            return self.problem(Problem(429, "You have made too many requests recently.", retry_after=retry_after))
        if fault.kind == "token_expired":
            return self.problem(Problem(401, "The bearer token has expired."))
        status = fault.params.get("status", 500)
        failure = self.problem(Problem(status, fault.params.get("message", "Server Error")))
        return failure if fault.kind != "ok_with_error_body" else HttpResponse(200, failure.headers, failure.body)

    def _after(self, call: Call, response: HttpResponse) -> HttpResponse:
        with self.lock:
            lost = response.status < 400 and self._draw(call, "lose_response")
            cut = not lost and self._draw(call, "truncated")
        if lost or (cut and cut.params.get("connection")):
            self._note(call, response.status)
            raise ResponseLost(call.path)
        if cut:
            return HttpResponse(response.status, response.headers, response.body[: len(response.body) // 2])
        return response

    def _note(self, call: Call, status: int) -> None:
        self.counts[call.method] += 1
        query = urlsplit(call.request.url).query
        self.log.append(Logged(call.method, call.path, query, status, call.who, self.clock.now().isoformat()))

    def requests(self) -> list[dict[str, Any]]:
        """The request log, oldest first. Status 0 = the connection was cut before the work."""
        return [asdict(line) for line in list(self.log)]


_ANSWERS = ("fail_before_write", "rate_limited", "server_error", "token_expired", "html", "ok_with_error_body")
