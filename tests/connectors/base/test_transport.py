import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from connectors.base.errors import ConfigError, Transient, UnknownOutcome
from connectors.base.http import HttpRequest
from connectors.base.transport import HttpTransport


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        getattr(self, f"on_{self.path.strip('/')}")()

    def reply(self, status=200, body=b"{}", length=None, **headers):
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body) if length is None else length}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.wfile.write(head.encode() + b"\r\n" + body)

    def on_good(self):
        self.reply(body=b'{"a":1}', ETag="7")

    def on_slow(self):
        time.sleep(0.1)
        self.reply()

    def on_stuck(self):
        time.sleep(1)

    def on_truncated(self):
        self.reply(body=b'{"a":', length=500)
        self.close_connection = True

    def on_huge(self):
        self.reply(body=b"x" * 200_000)

    def on_redirect(self):
        self.reply(302, b"", Location="/good")

    def on_reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.connection.close()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def base():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def get(url, *, timeout=5.0, **options):
    transport = HttpTransport(**{"allow_private": True, **options})
    try:
        return transport.send(HttpRequest("GET", url), timeout=timeout)
    finally:
        transport.close()


def test_a_good_answer(base):
    response = get(f"{base}/good")
    assert (response.status, response.body, response.headers["etag"]) == (200, b'{"a":1}', "7")


@pytest.mark.parametrize("path", ["truncated", "stuck", "reset"])
def test_an_answer_that_does_not_arrive_whole_is_an_unknown_outcome(base, path):
    with pytest.raises(UnknownOutcome):
        get(f"{base}/{path}", timeout=0.3)


def test_a_huge_answer_is_not_read(base):
    with pytest.raises(ConfigError, match="larger than"):
        get(f"{base}/huge", max_bytes=100_000)


def test_a_redirect_is_not_followed(base):
    assert get(f"{base}/redirect").status == 302


def test_a_closed_port_never_got_the_request():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    with pytest.raises(Transient, match="cannot be reached"):
        get(f"http://127.0.0.1:{port}/good")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_private_address_is_refused_before_any_connection(base, host):
    with pytest.raises(ConfigError, match="private or local address"):
        get(base.replace("127.0.0.1", host) + "/good", allow_private=False)


def test_a_name_is_resolved_once_and_the_checked_address_is_called(base, monkeypatch):
    asked = []

    def resolve(host, port, **_):
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    dialled = []
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: dialled.append(address[0]) or _refuse())
    with pytest.raises(Transient):
        get("http://rebind.example/good", allow_private=False)
    assert (asked, dialled) == (["rebind.example"], ["93.184.216.34"])


def _refuse():
    raise OSError("refused")


def test_threads_call_in_parallel(base):
    transport = HttpTransport(allow_private=True)
    started = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: transport.send(HttpRequest("GET", f"{base}/slow"), timeout=5), range(8)))
    assert {each.status for each in answers} == {200}
    assert time.perf_counter() - started < 0.6
    transport.close()
