"""What the corpus is made of: hosts that answer, and items, each a link with the verdicts that would be right."""

import hashlib
import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Phase(StrEnum):
    BEFORE = "before"  # day 0: the approved copies are learnt
    AFTER = "after"  # day 1: what is judged


class Group(StrEnum):
    """The kinds of truth that are counted apart."""

    HEALTHY = "healthy"
    DEAD = "dead"
    WALL = "wall"
    LOGIN = "login"
    PARKED = "parked"
    DRIFT = "drift"
    MOVED = "moved"
    OUTDATED = "outdated"
    TLS = "tls"
    SERVER = "server"
    TRANSPORT = "transport"
    ROBOTS = "robots"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as the server read it. `number` counts the requests to this host, from 1."""

    scheme: str
    host: str
    target: str  # path and query, as sent
    phase: Phase
    number: int = 1
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. `fault` replaces it by something that is no answer: reset, silence, garbage, short, empty."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    fault: str | None = None


Answer = Callable[[Request], Reply]


@dataclass(slots=True, kw_only=True)
class Host:
    """One host name: what it answers to each target, and to every other one. `tls` names its certificate."""

    name: str
    site: str
    unknown: Answer
    routes: dict[str, Answer] = field(default_factory=dict)
    sections: dict[str, Answer] = field(default_factory=dict)  # prefix → what answers strangers below it
    ident: re.Pattern[str] | None = None  # where an address bears a number that alone decides, whatever else it says
    idents: dict[str, str] = field(default_factory=dict)  # that number → the page's address
    corrects: bool = False  # a wrong spelling with a right number is redirected, not answered
    tls: str = "good"  # good | expired | wrong_host | self_signed | unknown_issuer | incomplete
    tls_before: str = "good"
    closed_after: bool = False  # nothing listens any longer on day 1
    head_fails: bool = False  # HEAD is answered 404, as many servers do

    def answer(self, request: Request) -> Reply:
        return self._answer_to(request.target)(request)

    def _answer_to(self, target: str) -> Answer:
        if target in self.routes:
            return self.routes[target]
        if section := next((prefix for prefix in self.sections if target.startswith(prefix)), None):
            return self.sections[section]
        match = self.ident.search(target) if self.ident else None
        meant = self.idents.get(match[0]) if match else None
        if meant is None:
            return self.unknown
        return _redirected(meant) if self.corrects else self.routes[meant]

    def put(self, target: str, answer: Answer) -> None:
        self.routes[target] = answer
        if self.ident and (match := self.ident.search(target)):
            self.idents[match[0]] = target


def _redirected(target: str) -> Answer:
    return lambda _: Reply(status=301, headers=(("Location", target),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One watched link. `expected` is the verdict that names it best; any code in `accept` is right.

    `before` says whether the link was good, and its approved copy learnt, on day 0.
    """

    id: str
    url: str
    site: str
    group: Group
    family: str
    language: str
    expected: str
    accept: frozenset[str]
    before: bool

    @property
    def half(self) -> str:
        return half_of(self.site)


@dataclass(slots=True, kw_only=True)
class World:
    hosts: dict[str, Host] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)

    def host(self, host: Host) -> Host:
        assert host.name not in self.hosts, host.name
        self.hosts[host.name] = host
        return host

    def link(
        self,
        url: str,
        *,
        site: str,
        group: Group,
        family: str,
        language: str,
        expected: str,
        also: Iterable[str] = (),
        before: bool,
    ) -> None:
        """Adds an item; `also` are further codes that are right."""
        self.items.append(
            Item(
                id=f"{site}-{len(self.items):04d}",
                url=url,
                site=site,
                group=group,
                family=f"{group}/{family}",
                language=language,
                expected=expected,
                accept=frozenset({expected, *also}),
                before=before,
            )
        )


def half_of(site: str) -> str:
    """ "calibration" or "test": decided by a hash of the site alone, so that no site is in both."""
    return ("calibration", "test")[hashlib.sha256(f"half:{site}".encode()).digest()[0] & 1]


def rng_of(*parts: object) -> random.Random:
    """A generator that depends on these parts alone."""
    return random.Random("/".join(map(str, parts)))


def phased(before: Answer, after: Answer) -> Answer:
    """`before` on day 0, `after` on day 1."""
    return lambda request: (before if request.phase is Phase.BEFORE else after)(request)
