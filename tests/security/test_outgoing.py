"""Outgoing calls and what they must not reach: our own network, by whatever name or spelling."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.base.auth import BearerToken
from connectors.base.client import RestClient
from connectors.base.context import Context
from connectors.base.errors import ConfigError, ConnectorError, Transient
from connectors.base.guard import check_base_url
from connectors.base.http import HttpRequest
from connectors.base.transport import HttpTransport
from tests.connectors.clock import EagerClock

PUBLIC = "93.184.216.34"
Resolver = Callable[..., list[Any]]


def answers_of(*addresses: str) -> list[Any]:
    family = {True: socket.AF_INET6, False: socket.AF_INET}
    return [(family[":" in one], socket.SOCK_STREAM, 6, "", (one, 443)) for one in addresses]


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[Any]]]:
    """Names and what they resolve to, time after time; the last answer stays."""
    names: dict[str, list[list[Any]]] = {}
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        if host not in names:
            return real(host, port, *args, **options)
        asked = names[host]
        return asked.pop(0) if len(asked) > 1 else asked[0]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return names


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Addresses that a connection was tried to; none is made."""
    tried: list[Any] = []

    def refuse(self: socket.socket, address: Any) -> None:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return tried


def get(url: str, *, allow_private: bool = False) -> None:
    HttpTransport(allow_private=allow_private).send(HttpRequest("GET", url), timeout=5)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0",
        "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]",
        "169.254.169.254", "0xa9fea9fe", "2852039166", "[::ffff:169.254.169.254]", "localhost", "LOCALHOST.",
        "10.0.0.1", "192.168.0.1", "172.31.255.255", "100.64.0.1", "0.0.0.0",
    ],
)  # fmt: skip
def test_no_spelling_of_a_private_address_is_dialled(host: str, dialled: list[Any]) -> None:
    with pytest.raises((ConfigError, Transient)):  # a spelling that this machine cannot read at all is refused too
        get(f"http://{host}/")
    with pytest.raises((ConfigError, Transient)):
        check_base_url(f"http://{host}/", allow_private=False)
    assert dialled == []


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254"])
@pytest.mark.parametrize("name", ["metadata.google.internal", "innocent.example"])
def test_metadata_services_stay_closed_where_private_addresses_are_open(
    name: str, address: str, dns: dict[str, Any], dialled: list[Any]
) -> None:
    dns[name] = [answers_of(address)]
    with pytest.raises(ConfigError, match="never called"):
        get(f"http://{name}/computeMetadata/v1/", allow_private=True)
    assert dialled == []


@pytest.mark.parametrize("private", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fec0::1"])
def test_a_public_name_with_a_private_address_is_refused(private: str, dns: dict[str, Any], dialled: list[Any]) -> None:
    dns["innocent.example"] = [answers_of(private)]
    dns["both.example"] = [answers_of(PUBLIC, private)]
    for name in ("innocent.example", "both.example"):
        with pytest.raises(ConfigError):
            get(f"https://{name}/")
    assert dialled == []


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(dns: dict[str, Any], dialled: list[Any]) -> None:
    """DNS rebinding: the form saw a public address, the second answer is private."""
    dns["rebind.example"] = [answers_of(PUBLIC), answers_of("127.0.0.1")]
    check_base_url("https://rebind.example/", allow_private=False)
    with pytest.raises(ConfigError):
        get("https://rebind.example/")
    assert dialled == []


def test_what_was_checked_is_what_is_dialled(dns: dict[str, Any], dialled: list[Any]) -> None:
    """One look-up a connection: a second answer is never asked for."""
    dns["rebind.example"] = [answers_of(PUBLIC), answers_of("127.0.0.1")]
    with pytest.raises(Transient):
        get("https://rebind.example/")
    assert dialled == [PUBLIC]
    assert len(dns["rebind.example"]) == 1, "the second answer was not asked for"


class Seen(BaseHTTPRequestHandler):
    hosts: list[str] = []  # noqa: RUF012 - read by the test

    def do_GET(self) -> None:
        self.hosts.append(self.headers["Host"])
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def plain() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Seen)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_the_host_keeps_its_name_although_the_address_is_called(plain: int, dns: dict[str, Any]) -> None:
    dns["api.example"] = [answers_of("127.0.0.1")]
    get(f"http://api.example:{plain}/", allow_private=True)
    assert Seen.hosts[-1] == f"api.example:{plain}"


def test_a_redirect_to_another_host_is_refused_and_the_token_stays(plain: int) -> None:
    base = f"http://127.0.0.1:{plain}"
    client = RestClient(
        Context(base, {}, {"token": "a-secret-token"}, EagerClock(), allow_private=True), auth=BearerToken()
    )
    with pytest.raises(ConfigError, match="another host"):
        client.get("/away")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "api.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path / "both.pem"
    plain_key = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(plain_key + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_tls_asks_for_the_name_and_does_not_trust_just_any_certificate(certificate: Path, dns: dict[str, Any]) -> None:
    asked: list[str | None] = []
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(certificate)
    secure.sni_callback = lambda _socket, name, _context: asked.append(name)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Seen)
    server.socket = secure.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    dns["api.example"] = [answers_of("127.0.0.1")]
    try:
        with pytest.raises(ConnectorError, match="certificate"):
            get(f"https://api.example:{server.server_port}/", allow_private=True)
    finally:
        server.shutdown()
        server.server_close()
    assert asked == ["api.example"]
