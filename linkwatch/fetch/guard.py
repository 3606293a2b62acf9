"""Which addresses and ports may be connected to. Asked at connect time, of the address really connected to."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TypeAlias

IPAddress: TypeAlias = IPv4Address | IPv6Address
IPNetwork: TypeAlias = IPv4Network | IPv6Network

# What `is_global` lets through in one Python or another, though it leads inwards, nowhere, or to many at once.
_DENIED: tuple[IPNetwork, ...] = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this network (RFC 1122)
            "100.64.0.0/10",  # carrier-grade NAT (RFC 6598)
            "192.0.0.0/24",  # protocol assignments (RFC 6890)
            "192.88.99.0/24",  # 6to4 relays (RFC 7526)
            "224.0.0.0/3",  # multicast, reserved, broadcast
            "::/96",  # IPv4-compatible (RFC 4291 §2.5.5.1): ::127.0.0.1
            "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
            "64:ff9b::/96",  # NAT64 (RFC 6052): carries any IPv4 address
            "64:ff9b:1::/48",  # local NAT64 (RFC 8215)
            "100::/64",  # discard (RFC 6666)
            "2001::/23",  # protocol assignments, Teredo (RFC 4380) among them
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4 (RFC 3056): carries any IPv4 address
            "3fff::/20",  # documentation (RFC 9637)
            "5f00::/16",  # segment routing (RFC 9602)
            "fec0::/10",  # site-local, deprecated (RFC 3879)
            "ff00::/8",  # multicast
        ),
    )
)

# https://fetch.spec.whatwg.org/#port-blocking: services that would take an HTTP request for a command of their own.
_BAD_PORTS = frozenset(
    (0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
     109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526,
     530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045,
     4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080)
)  # fmt: skip


def allowed(ip: IPAddress, allow_networks: Iterable[IPNetwork] = ()) -> bool:
    """Whether a connection to this address may be made: it is public, or the operator named its network."""
    plain = _plain(ip)
    if any(plain in network or ip in network for network in allow_networks):
        return True
    return plain.is_global and not any(plain in network for network in _DENIED)


def port_allowed(port: int) -> bool:
    return port not in _BAD_PORTS


def _plain(ip: IPAddress) -> IPAddress:
    """An IPv4 address in IPv6 clothes (::ffff:127.0.0.1) is the IPv4 address: the kernel connects to that."""
    return (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip
