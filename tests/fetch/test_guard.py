from ipaddress import ip_address, ip_network

import pytest

from linkwatch.fetch.guard import allowed, port_allowed


@pytest.mark.parametrize("address", ["8.8.8.8", "193.10.0.1", "2a00:1450:400f::1", "::ffff:8.8.8.8"])
def test_it_allows_public_addresses(address: str) -> None:
    assert allowed(ip_address(address))


@pytest.mark.parametrize(
    "address",
    """127.0.0.1 127.8.8.8 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 100.127.255.254
    192.0.0.8 192.0.0.170 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 192.88.99.1 224.0.0.1 239.255.255.255
    240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1
    64:ff9b::7f00:1 64:ff9b::8.8.8.8 64:ff9b:1::1 100::1 2001::1 2001:0:7f00:1:: 2001:10::1 2001:db8::1
    2002:7f00:1:: 2002:808:808::1 3fff::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 fec0::1 ff02::1 ff0e::1""".split(),
)
def test_it_denies_what_leads_inwards_nowhere_or_to_many(address: str) -> None:
    assert not allowed(ip_address(address))


def test_it_allows_a_network_that_the_operator_named() -> None:
    loopback = [ip_network("127.0.0.0/8")]
    assert allowed(ip_address("127.0.0.1"), loopback)
    assert allowed(ip_address("::ffff:127.0.0.1"), loopback)
    assert not allowed(ip_address("::1"), loopback)
    assert not allowed(ip_address("10.0.0.1"), loopback)
    assert allowed(ip_address("fd00::1"), [ip_network("fd00::/8")])


@pytest.mark.parametrize(("port", "is_allowed"), [(80, True), (443, True), (8080, True), (0, False), (25, False)])
def test_it_leaves_the_ports_of_other_services_alone(port: int, is_allowed: bool) -> None:
    assert port_allowed(port) is is_allowed
