"""Which addresses may be called: a base URL comes from a person, and must not reach our own network."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from .errors import ConfigError, Transient

Address = IPv4Address | IPv6Address
Target = tuple[int, tuple[str, int]]

_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """True for addresses of the open internet: not private, loopback, link-local, multicast or reserved."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return all(is_public(inner) for inner in _inside(address))


def resolve(host: str, port: int, *, allow_private: bool) -> list[Target]:
    """Checked addresses of `host`, in the resolver's order, to be connected to as they are.

    The caller connects to these and never resolves again, so a name that changes its address between
    the check and the connection gains nothing. One bad address among good ones refuses the host.
    Raises `ConfigError` for a refused address, `Transient` if the name cannot be resolved.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as problem:
        raise Transient(f"The host name {host!r} cannot be resolved ({problem.strerror or problem}).") from problem
    targets = [(int(family), (str(address[0]), port)) for family, _, _, _, address in found]
    if not allow_private:
        for _, (address, _port) in targets:
            _check(host, address)
    return targets


def origin(url: str) -> tuple[str, str, int]:
    """(scheme, host, port). Raises `ConfigError` for anything but an absolute http or https URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        raise ConfigError("The address is not a valid URL.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError("The address must start with http:// or https:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise ConfigError("The address must not hold a user name or a password; enter them as credentials.")
    return parts.scheme, parts.hostname.lower().rstrip("."), port


def check_base_url(url: str, *, allow_private: bool) -> None:
    """For forms: refuses a base URL that the transport would refuse later."""
    _, host, port = origin(url)
    resolve(host, port, allow_private=allow_private)


def _check(host: str, address: str) -> None:
    if not is_public(ip_address(address.partition("%")[0])):
        raise ConfigError(
            f"{host} leads to {address}, a private or local address, which this installation does not allow. "
            "Use a public address, or ask the operator to allow private ones."
        )


def _inside(address: Address) -> list[IPv4Address]:
    """IPv4 addresses that an IPv6 address carries."""
    if isinstance(address, IPv4Address):
        return []
    carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        carried.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [inner for inner in carried if inner is not None]
