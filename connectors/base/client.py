"""The REST client: one request in, parsed JSON or an error named by what happens next out."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

import orjson

from . import transport as real
from .answers import Answer, ErrorRules, error_for, failure_in, is_html
from .auth import Auth, NoAuth, Query, Session
from .context import Call, Context
from .errors import AuthError, ConfigError, ConnectorError, RateLimited, Rejected, Transient, UnknownOutcome
from .exchange import Exchange
from .guard import origin
from .http import HttpRequest, HttpResponse
from .redaction import redact_text, redact_url, secret_values

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PAUSES = (0.2, 1.0)
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS = 3
TIMEOUT = 30.0
AWAITED_TIMEOUT = 6.0
Arrays = Literal["repeat", "brackets", "indices", "comma"]
Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Sending:
    method: str
    url: str
    body: bytes
    headers: dict[str, str]
    auth: Auth
    writes: bool
    timeout: float


class RestClient:
    """Calls of one integration. Safe for threads.

    `calls` counts requests that were sent, `writes` those of them that may change something, `seconds` the time
    that they took together. `skew` is how far the provider's clock is ahead of ours, by the Date of its last
    answer (whole seconds).
    Reads and requests that never arrived are repeated twice, after 0.2 and 1 second; nothing else is.
    """

    def __init__(
        self,
        context: Context,
        *,
        base_url: str = "",
        auth: Auth | None = None,
        rules: ErrorRules | None = None,
        headers: Mapping[str, str] | None = None,
        arrays: Arrays = "repeat",
        timeout: float = TIMEOUT,
        max_bytes: int = real.MAX_BYTES,
    ) -> None:
        self.context = context
        self.base_url = (base_url or context.base_url).rstrip("/")
        self.origin = origin(self.base_url)
        self.auth = auth or NoAuth()
        self.rules = rules or ErrorRules()
        self.headers = {"Accept": "application/json", **(headers or {})}
        self.arrays = arrays
        self.timeout = min(timeout, AWAITED_TIMEOUT) if context.awaited else timeout
        self.max_bytes = max_bytes
        self.calls = 0
        self.writes = 0
        self.seconds = 0.0
        self.skew = timedelta(0)
        self._secrets = secret_values(context.credentials)
        self._session = Session(context, self._login)
        self._transport = context.transport or real.shared(context.allow_private)
        self._lock = threading.Lock()
        self._thread = threading.local()

    def get(self, path: str, params: Params | None = None, **options: Any) -> Answer:
        return self.request("GET", path, params=params, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Answer:
        return self.request("POST", path, json=json, **options)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        writes: bool | None = None,
        idempotent: bool | None = None,
        timeout: float | None = None,
        priority: bool = False,
        anonymous: bool = False,
    ) -> Answer:
        """Sends and parses. `path` is below the base URL, or an absolute URL of the same origin.

        writes      whether it may change something; default: every method but GET, HEAD, OPTIONS
        idempotent  whether a lost answer may be answered by asking again; default: reads only
        priority    may use the reserved share of the budget (webhooks, people)
        Raises the errors of `errors`.
        """
        method = method.upper()
        writes = method not in SAFE if writes is None else writes
        url = self.url(path, params)
        body, kind = _body(json, form)
        given = {**self.headers, **kind, **(headers or {})}
        send = _Sending(method, url, body, given, NoAuth() if anonymous else self.auth, writes, timeout or self.timeout)
        self._thread.last = None
        try:
            return self._repeated(send, not writes if idempotent is None else idempotent, priority)
        except ConnectorError as problem:
            problem.exchange = problem.exchange or self._thread.last
            raise

    def last_write(self) -> Exchange | None:
        """The last exchange of this thread that may have changed something; told once."""
        found: Exchange | None = getattr(self._thread, "write", None)
        self._thread.write = None
        return found

    def _repeated(self, send: _Sending, repeat: bool, priority: bool) -> Answer:
        for pause in PAUSES:
            try:
                return self._once(send, priority)
            except (Transient, UnknownOutcome) as problem:
                if isinstance(problem, RateLimited) or not (repeat or _never_arrived(problem)):
                    raise
            self.context.clock.sleep(pause)
        return self._once(send, priority)

    def url(self, path: str, params: Params | None = None) -> str:
        """The absolute URL. Raises `ConfigError` for an address of another origin."""
        url = (
            path
            if "://" in path.partition("?")[0]
            else f"{self.base_url}/{path.lstrip('/')}"
            if path
            else self.base_url
        )
        if origin(url) != self.origin:
            raise ConfigError(
                f"The provider points to {origin(url)[1]}, another host than {self.origin[1]}; it was not called."
            )
        pairs = _pairs(params or {}, self.arrays)
        return _with_query(url, pairs) if pairs else url

    def join(self, found: str, current: str) -> str:
        """A next URL from an answer, made absolute and freed of credentials, checked for its origin."""
        parts = urlsplit(urljoin(current, found))
        hidden = set(self.auth.secret_query_names())
        kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in hidden]
        query = urlencode(kept) if hidden else parts.query
        return self.url(urlunsplit((parts.scheme, parts.netloc, parts.path, query, "")))

    def _once(self, send: _Sending, priority: bool) -> Answer:
        """One try, with one more after a token that was refused."""
        response, used = self._exchange(send, priority)
        if response.status in send.auth.expired and used and send.auth.refresh(self._session, used):
            response, _ = self._exchange(send, priority)
        for _ in range(MAX_REDIRECTS):
            if response.status not in REDIRECTS or send.writes:
                break
            send = replace(send, url=self._redirect(send.url, response))
            response, _ = self._exchange(send, priority)
        return self._judge(send, response)

    def _exchange(self, send: _Sending, priority: bool) -> tuple[HttpResponse, str]:
        self.context.budget.take(priority=priority)
        headers, query = dict(send.headers), Query()
        used = send.auth.apply(self._session, headers, query)
        if used and used not in self._secrets:
            self._secrets = (used, *self._secrets)  # tokens come and go; none may be quoted back to us
        url = _with_query(send.url, query) if query else send.url
        with self._lock:
            self.calls += 1
            self.writes += send.writes
        started = self.context.clock.monotonic()
        try:
            response = self._transport.send(HttpRequest(send.method, url, headers, send.body), timeout=send.timeout)
        except ConnectorError as problem:
            self._log(send, 0, b"", started, problem.message)
            raise _lost(problem, send.writes) from problem
        self._log(send, response.status, response.body, started)
        self._heard(response)
        return response, used

    def _judge(self, send: _Sending, response: HttpResponse) -> Answer:
        if len(response.body) > self.max_bytes:
            raise real.too_large(self.max_bytes, "POST" if send.writes else "GET")
        if 300 <= response.status < 400 and response.status != 304:
            raise ConfigError(
                "The provider redirects this call to another address, which is not followed; check the base URL.",
                status=response.status,
            )
        if response.status >= 400:
            raise self._error(send, response)
        data = _parse(response, writes=send.writes)
        if problem := failure_in(response.status, data, self.rules, writes=send.writes):
            raise self._without_secrets(problem)
        return Answer(response.status, response.headers, data, send.url)

    def _error(self, send: _Sending, response: HttpResponse) -> ConnectorError:
        try:
            data: Any = response.body if is_html(response.headers, response.body) else orjson.loads(response.body)
        except orjson.JSONDecodeError:
            data = response.body.decode(errors="replace")
        now = self.context.clock.now()
        problem = error_for(response.status, response.headers, data, self.rules, writes=send.writes, now=now)
        if isinstance(problem, RateLimited) and problem.retry_after is not None:
            self.context.budget.heard(retry_after=problem.retry_after)
        return self._without_secrets(problem)

    def _without_secrets(self, problem: ConnectorError) -> ConnectorError:
        """Providers like to quote the key that they refused."""
        problem.message = redact_text(problem.message, self._secrets)
        problem.args = (problem.message,)
        return problem

    def _heard(self, response: HttpResponse) -> None:
        if date := Answer(response.status, response.headers, None).date:
            self.skew = date - self.context.clock.now()
        left = response.headers.get(self.rules.remaining, "")
        if left.isascii() and left.isdigit():
            self.context.budget.heard(remaining=int(left))

    def _redirect(self, url: str, response: HttpResponse) -> str:
        target = response.headers.get("location", "")
        if not target:
            raise ConfigError(
                "The provider redirects without saying where; check the base URL.", status=response.status
            )
        return self.url(urljoin(url, target))

    def _login(self, path: str, body: Mapping[str, Any]) -> Any:
        """A refused login is a matter of credentials, whatever status says it."""
        try:
            return self.request("POST", path, json=body, anonymous=True, writes=False).data
        except Rejected as problem:
            raise AuthError(f"The login was refused: {problem.message}", status=problem.status) from problem

    def _log(self, send: _Sending, status: int, answer: bytes, started: float, error: str = "") -> None:
        took = self.context.clock.monotonic() - started
        with self._lock:
            self.seconds += took
        hidden = send.auth.secret_query_names()
        told = Exchange(send.method, send.url, send.body, status, answer, took * 1000, self._secrets, hidden)
        self._thread.last = told
        if send.writes:
            self._thread.write = told
        if self.context.on_call is not None:
            ms = took * 1000
            url = redact_text(redact_url(send.url, hidden), self._secrets)
            self.context.on_call(Call(send.method, url, status, ms, redact_text(error, self._secrets)))


def _never_arrived(problem: ConnectorError) -> bool:
    return isinstance(problem, Transient) and problem.status is None


def _lost(problem: ConnectorError, writes: bool) -> ConnectorError:
    """A lost answer to a read is only a read to repeat."""
    return Transient(problem.message) if isinstance(problem, UnknownOutcome) and not writes else problem


def _parse(response: HttpResponse, *, writes: bool) -> Any:
    if not response.body.strip():
        return None
    try:
        return orjson.loads(response.body)
    except orjson.JSONDecodeError:
        raise _unreadable(response, writes) from None


def _unreadable(response: HttpResponse, writes: bool) -> ConnectorError:
    html = is_html(response.headers, response.body)
    what = "This is a web page, not the API; check the base URL." if html else "The answer broke off or is not JSON."
    if writes:
        return UnknownOutcome(what, status=response.status)
    return (ConfigError if html else Transient)(what, status=response.status)


def _body(json: Any, form: Mapping[str, Any] | None) -> tuple[bytes, dict[str, str]]:
    if form is not None:
        return urlencode(_pairs(form, "repeat")).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    return (b"", {}) if json is None else (orjson.dumps(json), {"Content-Type": "application/json"})


def _pairs(params: Params, arrays: Arrays) -> Query:
    """None is left out; yes/no is spelled true/false; lists as the provider wants them."""
    pairs: Query = []
    for name, value in params.items():
        if isinstance(value, (list, tuple)):
            pairs.extend(_array(name, [_plain(each) for each in value], arrays))
        elif value is not None:
            pairs.append((name, _plain(value)))
    return pairs


def _array(name: str, values: list[str], arrays: Arrays) -> Query:
    match arrays:
        case "comma":
            return [(name, ",".join(values))]
        case "brackets":
            return [(f"{name}[]", each) for each in values]
        case "indices":
            return [(f"{name}[{at}]", each) for at, each in enumerate(values)]
        case _:
            return [(name, each) for each in values]


def _plain(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _with_query(url: str, pairs: Query) -> str:
    """The pairs added to the query; a name given anew replaces the one in the URL."""
    parts = urlsplit(url)
    fresh = {name for name, _ in pairs}
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in fresh]
    query = urlencode([*kept, *pairs], safe="[]:,*$", quote_via=quote)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
