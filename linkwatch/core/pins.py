"""Pinned addresses (`[fetch] resolve`): "192.0.2.1", "192.0.2.1:8443", "2001:db8::1" or "[2001:db8::1]:8443"."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

_WITH_PORT = re.compile(r"^(?:\[(?P<six>[^\]]+)\]|(?P<four>[0-9.]+))(?::(?P<port>[0-9]{1,5}))?$")


def pinned(text: str) -> tuple[IPv4Address | IPv6Address, int | None] | None:
    """The address and, where one is given, the port to connect to in place of the URL's. None: not a pin."""
    match = _WITH_PORT.match(text)
    address, port = (match["six"] or match["four"], match["port"]) if match else (text, None)
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    number = int(port) if port else None
    return (parsed, number) if number is None or 0 < number < 65_536 else None
