"""Real HTTP. Pooled connections on urllib3, safe for threads, every peer checked by the guard.

urllib3 itself rather than requests on top of it: half the import time and less work per call, and
nothing is lost, since redirects, cookies, netrc and proxies from the environment are all unwanted here.
"""

from __future__ import annotations

import socket
import threading
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
)

from .errors import ConfigError, ConnectorError, Transient, UnknownOutcome
from .guard import origin, resolve
from .http import HttpRequest, HttpResponse

MAX_BYTES = 32 * 1024 * 1024
CONNECT_TIMEOUT = 10.0
CHUNK = 256 * 1024


class HttpTransport:
    """`send` follows no redirect and repeats nothing. `max_bytes` counts the decoded answer, so a
    compressed bomb ends there too. With `cut` an answer's body is not wanted: its first bytes are kept and the rest
    is left, so neither its size nor its slowness matters. One instance serves any number of threads and
    integrations."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        max_bytes: int = MAX_BYTES,
        connections: int = 16,
        cut: bool = False,
    ) -> None:
        self.max_bytes = max_bytes
        self.cut = cut
        self._pool = _manager(allow_private, connections)

    def send(self, request: HttpRequest, *, timeout: float) -> HttpResponse:
        origin(request.url)
        try:
            answer = self._pool.urlopen(
                request.method,
                request.url,
                body=request.body or None,
                headers=_headers(request),
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=urllib3.Timeout(connect=min(timeout, CONNECT_TIMEOUT), read=timeout),
            )
            return self._read(answer, request.method)
        except HTTPError as problem:
            raise _translate(problem, request) from problem

    def close(self) -> None:
        self._pool.clear()

    def _read(self, answer: urllib3.BaseHTTPResponse, method: str) -> HttpResponse:
        if self.cut:
            return self._glance(answer)
        whole = False
        try:
            body = self._body(answer, method)
            whole = True
        finally:
            answer.release_conn() if whole else answer.close()
        return HttpResponse(answer.status, {name.lower(): text for name, text in answer.headers.items()}, body)

    def _glance(self, answer: urllib3.BaseHTTPResponse) -> HttpResponse:
        try:
            body = answer.read1(self.max_bytes)
        except HTTPError:
            body = b""  # the status has come, and it alone is what the sender asked for
        finally:
            answer.close()
        return HttpResponse(answer.status, {name.lower(): text for name, text in answer.headers.items()}, body)

    def _body(self, answer: urllib3.BaseHTTPResponse, method: str) -> bytes:
        chunks: list[bytes] = []
        size = 0
        for chunk in answer.stream(CHUNK, decode_content=True):
            chunks.append(chunk)
            size += len(chunk)
            if size > self.max_bytes:
                raise too_large(self.max_bytes, method)
        return b"".join(chunks)


def too_large(max_bytes: int, method: str) -> ConnectorError:
    """A read can be asked for in smaller pages; a write has happened, only its answer is unreadable."""
    kind = ConfigError if method in ("GET", "HEAD") else UnknownOutcome
    return kind(f"The answer is larger than {max_bytes // 1024} KiB. Ask for smaller pages.")


_shared: dict[bool, HttpTransport] = {}
_shared_lock = threading.Lock()


def shared(allow_private: bool) -> HttpTransport:
    """The transport of this process, so that connections stay open between runs."""
    with _shared_lock:
        if allow_private not in _shared:
            _shared[allow_private] = HttpTransport(allow_private=allow_private)
        return _shared[allow_private]


def _headers(request: HttpRequest) -> dict[str, str]:
    return {"Accept-Encoding": "gzip, deflate", "User-Agent": "Lockstep", **request.headers}


def _translate(problem: HTTPError, request: HttpRequest) -> ConnectorError:
    host = origin(request.url)[1]
    if isinstance(problem, NameResolutionError | NewConnectionError | ConnectTimeoutError):
        return Transient(f"{host} cannot be reached; no connection was made. Check the address and whether it is up.")
    if isinstance(problem, SSLError):
        return ConfigError(f"The certificate or the encryption of {host} was not accepted.")
    if isinstance(problem, LocationParseError):
        return ConfigError("The address is not a valid URL.")
    return UnknownOutcome(f"{host} was called, but its answer did not arrive whole.")


def _connect(host: str, port: int, timeout: Any, allow_private: bool, options: Any) -> socket.socket:
    """A socket to the first checked address that answers."""
    problem: OSError | None = None
    for family, address in resolve(host, port, allow_private=allow_private):
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            for option in options or ():
                sock.setsockopt(*option)
            sock.settimeout(timeout)
            sock.connect(address)
            return sock
        except OSError as found:
            problem = found
            sock.close()
    raise Transient(
        f"{host} cannot be reached; no connection was made ({problem}). Check the address and whether it is up."
    )


class _Guarded:
    """Connects only to addresses that the guard has seen."""

    allow_private = False

    def _new_conn(self) -> socket.socket:
        host, port = self._dns_host, self.port  # type: ignore[attr-defined]
        timeout, options = self.timeout, self.socket_options  # type: ignore[attr-defined]
        return _connect(host, port, timeout, self.allow_private, options)


class _Http(_Guarded, HTTPConnection):
    pass


class _Https(_Guarded, HTTPSConnection):
    pass


class _HttpAnywhere(_Http):
    allow_private = True


class _HttpsAnywhere(_Https):
    allow_private = True


def _manager(allow_private: bool, connections: int) -> urllib3.PoolManager:
    plain, tls = (_HttpAnywhere, _HttpsAnywhere) if allow_private else (_Http, _Https)
    manager = urllib3.PoolManager(num_pools=64, maxsize=connections, block=False)
    manager.pool_classes_by_scheme = {
        "http": type("HttpPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("HttpsPool", (HTTPSConnectionPool,), {"ConnectionCls": tls}),
    }
    return manager
