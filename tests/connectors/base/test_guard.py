from ipaddress import ip_address

import pytest

from connectors.base.errors import ConfigError
from connectors.base.guard import check_base_url, is_public, origin

PRIVATE = [
    "127.0.0.1",
    "127.9.9.9",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "0.0.0.0",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "64:ff9b:1::7f00:1",
    "::7f00:1",
    "fec0::1",
    "fd00:ec2::254",
    "100.100.100.200",
    "::ffff:169.254.169.254",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111"])
def test_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("url", ["http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://[::1]/"])
def test_disguised_loopback_is_refused(url):
    with pytest.raises(ConfigError):
        check_base_url(url, allow_private=False)


@pytest.mark.parametrize("url", ["ftp://x.example", "x.example", "http://", "https://u:p@x.example", "http://x:99999/"])
def test_only_plain_http_urls(url):
    with pytest.raises(ConfigError):
        origin(url)


def test_origin_knows_default_ports():
    assert origin("https://API.example.com/x") == origin("https://api.example.com:443")
