"""Serves twins over HTTP/1.1 with keep-alive, one thread a connection.

Its own small reader of requests: the standard library's spends more on parsing headers than a twin on a page.
"""

from __future__ import annotations

import http.client
import importlib
import socket
import socketserver
import threading
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from ..http import HttpRequest, HttpResponse
from .control import PREFIX, Control
from .twin import Refused, ResponseLost, Twin, json_response
from .webhooks import DeliveryFailed

MAX_BODY = 256 * 1024 * 1024


class _Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    wbufsize = 0
    timeout = 300

    def handle(self) -> None:
        try:
            while self._exchange():
                pass
        except (ConnectionError, TimeoutError):
            return

    def _exchange(self) -> bool:
        """One request and its answer; False when the connection is to be closed."""
        request = _read(self.rfile, self.server.address)  # type: ignore[attr-defined, arg-type]
        if request is None:
            return False
        try:
            response = self.server.app(request)  # type: ignore[attr-defined]
        except (Refused, ResponseLost):
            return False
        close = request.headers.get("connection", "").lower() == "close"
        self.request.sendall(_encode(response, close=close))
        return not close


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


class Server:
    """Running twins. `url` is the address of the host, `url_of(slug)` that of one twin's API."""

    def __init__(self, port: int, twins: Mapping[str, Twin], *, host: str = "127.0.0.1") -> None:
        self.twins = dict(twins)
        self._control = Control(self.twins)
        self._tcp = _Tcp((host, port), _Handler)
        self._tcp.app = self.answer  # type: ignore[attr-defined]
        self.port: int = self._tcp.server_address[1]
        self.url = f"http://{host}:{self.port}"
        self._tcp.address = self.url  # type: ignore[attr-defined]
        self._stop = threading.Event()
        self._started = False

    def url_of(self, slug: str) -> str:
        return f"{self.url}/{slug}{self.twins[slug].base_path}"

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Control API or twin, by path."""
        path = urlsplit(request.url).path
        if path.startswith(PREFIX):
            return self._control.handle(request)
        twin = self.twins.get(path.split("/", 2)[1])
        if twin is None:
            return json_response(404, {"error": f"No twin at {path}. Known: {', '.join(self.twins)}."})
        return twin.handle(request)

    def start(self) -> Server:
        """Serves in threads of this process. Once started, a further call does nothing."""
        if self._started:
            return self
        self._started = True
        threading.Thread(target=self._tcp.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        for twin in self.twins.values():
            twin.webhooks.deliver = twin.webhooks.deliver or deliver
            threading.Thread(target=twin.webhooks.run, args=(self._stop,), daemon=True).start()
        return self

    def stop(self) -> None:
        self._stop.set()
        if self._started:
            self._tcp.shutdown()
        self._tcp.server_close()

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve(port: int, twins: Mapping[str, Twin] | Iterable[Twin]) -> Server:
    """Starts a server (port 0 = any free one). Use as a context manager or call `stop()`."""
    by_slug = twins if isinstance(twins, Mapping) else {twin.slug: twin for twin in twins}
    return Server(port, by_slug).start()


def twin_of(key: str, **options: Any) -> Twin:
    """The twin in `connectors.<key>.sandbox`. Raises `LookupError` where a provider has none."""
    try:
        module = importlib.import_module(f"connectors.{key}.sandbox")
    except ModuleNotFoundError as error:
        raise LookupError(f"The connector {key!r} has no sandbox.") from error
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Twin) and value is not Twin:
            return value(**options)
    raise LookupError(f"connectors.{key}.sandbox defines no Twin.")


def deliver(request: HttpRequest, timeout: float = 10) -> HttpResponse:
    """Carries a webhook over HTTP. Raises `DeliveryFailed` when nobody answers."""
    parts = urlsplit(request.url)
    secure = parts.scheme == "https"
    connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(parts.netloc, timeout=timeout)
    try:
        target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        connection.request(request.method, target, body=request.body, headers=dict(request.headers))
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return HttpResponse(answer.status, headers, answer.read())
    except (OSError, http.client.HTTPException) as error:
        raise DeliveryFailed(f"{request.url}: {error}") from error
    finally:
        connection.close()


def _read(stream: BinaryIO, address: str) -> HttpRequest | None:
    """The next request of a connection; None at its end or when it is not HTTP."""
    line = stream.readline(65_536)
    words = line.decode("latin-1").split()
    if len(words) != 3:
        return None
    headers: dict[str, str] = {}
    while (line := stream.readline(65_536)) not in (b"\r\n", b"\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length") or 0)
    if length > MAX_BODY or "chunked" in headers.get("transfer-encoding", ""):
        raise ConnectionError("A body must come with its Content-Length.")
    return HttpRequest(words[0], address + words[1], headers, stream.read(length) if length else b"")


def _encode(response: HttpResponse, *, close: bool) -> bytes:
    phrase = HTTPStatus(response.status).phrase if response.status in HTTPStatus._value2member_map_ else "Status"
    head = [f"HTTP/1.1 {response.status} {phrase}", f"Content-Length: {len(response.body)}"]
    head += [f"{name}: {value}" for name, value in response.headers.items()]
    if close:
        head.append("Connection: close")
    return "\r\n".join([*head, "", ""]).encode("latin-1") + response.body


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
