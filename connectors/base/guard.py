"""Which addresses may be called: a base URL comes from a person, and must not reach our own network."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from .errors import ConfigError, Transient

Address = IPv4Address | IPv6Address
Target = tuple[int, tuple[str, int]]

_NAT64 = IPv6Network("64:ff9b::/96")
# Where clouds hand out the credentials of the machine. No on-premise system lives there, so these stay closed even
# where private addresses are allowed: link-local, and what providers use beside it (Alibaba, AWS by IPv6).
_METADATA = (
    IPv4Network("169.254.0.0/16"), IPv4Network("100.100.100.200/32"),
    IPv6Network("fe80::/10"), IPv6Network("fd00:ec2::/32"),
)  # fmt: skip


def is_public(address: Address) -> bool:
    """True for addresses of the open internet: not private, loopback, link-local, multicast or reserved."""
    if not address.is_global or address.is_multicast or address.is_reserved or is_metadata(address):
        return False
    if isinstance(address, IPv6Address) and address.is_site_local:  # deprecated, and "global" to the library
        return False
    return all(is_public(inner) for inner in _inside(address))


def is_metadata(address: Address) -> bool:
    """True for addresses at which a cloud's metadata service may answer, however they are spelled."""
    if any(address.version == network.version and address in network for network in _METADATA):
        return True
    return any(is_metadata(inner) for inner in _inside(address))


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
    for _, (address, _port) in targets:
        _check(host, address, allow_private=allow_private)
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


def _check(host: str, address: str, *, allow_private: bool) -> None:
    found = ip_address(address.partition("%")[0])
    if is_metadata(found):
        raise ConfigError(f"{host} leads to {address}, where clouds keep their own secrets; it is never called.")
    if not allow_private and not is_public(found):
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
