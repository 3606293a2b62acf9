"""Cookies of one visit, from hop to hop, forgotten at its end.

Some servers redirect to the same address until a cookie comes back. Without it a page that everybody sees looks like a
redirect loop. Nothing is kept from one visit to another: nobody is followed.
"""

import re
from collections.abc import Iterable

from linkwatch.core.urls import host

_MOST = 20
_LONGEST = 4096
_PAIR = re.compile(r"\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*=\s*([\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e\"]*)\s*\Z")
_GONE = re.compile(r"max-age\s*=\s*(?:0|-\d+)\s*\Z", re.IGNORECASE)
_DOMAIN = re.compile(r"domain\s*=\s*\.?(.+?)\s*\Z", re.IGNORECASE)


class Jar:
    """Paths are left out of it: within one visit they make no difference that matters."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], str] = {}  # (domain, name) → value; a leading dot: subdomains too

    def take(self, url: str, set_cookies: Iterable[str]) -> None:
        for line in set_cookies:
            pair, *attributes = line[:_LONGEST].split(";")
            match = _PAIR.match(pair)
            if match is None:
                continue
            key = (_domain(host(url), attributes), match[1])
            if any(_GONE.match(each.strip()) for each in attributes):
                self._values.pop(key, None)
            elif len(self._values) < _MOST or key in self._values:
                self._values[key] = match[2]

    def header(self, url: str) -> str:
        """The value of Cookie for a request to this address, "" when there is none to send."""
        return "; ".join(f"{name}={value}" for name, value in self._for(url))

    def names(self, url: str) -> frozenset[str]:
        return frozenset(name for name, _ in self._for(url))

    def _for(self, url: str) -> list[tuple[str, str]]:
        own = host(url)
        return [
            (name, value)
            for (domain, name), value in self._values.items()
            if own == domain or (domain.startswith(".") and f".{own}".endswith(domain))
        ]


def _domain(own: str, attributes: list[str]) -> str:
    """The host itself, or the domain that it may and does name (RFC 6265 §5.3)."""
    for each in attributes:
        match = _DOMAIN.match(each.strip())
        named = f".{match[1].lower()}" if match else ""
        if named.count(".") > 1 and f".{own}".endswith(named):
            return named
    return own
