"""The words linkwatch thinks in: frozen records and closed lists, without behaviour that needs a clock or a wire.

A check in one line: `Source` → `Visit` → `Page` → `Verdict` → `Belief` (+ `Transition`), all in one `Decision`.
Times are aware datetimes in UTC. What is not known is None.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from linkwatch.core.outbox import Counts, Parcel
from linkwatch.core.reviews import Review


class Severity(IntEnum):
    """How much a verdict asks of the editor; ordered, the worst last."""

    OK = 0
    NOTICE = 1
    UNVERIFIABLE = 2
    WARNING = 3
    BROKEN = 4


class Code(StrEnum):
    """What one check found: the closed list of the contract."""

    OK = "ok"
    REDIRECTED = "redirected"
    CHANGED = "changed"
    OUTDATED = "outdated"
    BLOCKED = "blocked"
    LOGIN_REQUIRED = "login_required"
    ROBOTS_DISALLOWED = "robots_disallowed"
    UNREADABLE = "unreadable"
    FORBIDDEN_ADDRESS = "forbidden_address"
    INCONCLUSIVE = "inconclusive"
    MOVED = "moved"
    TLS_ERROR = "tls_error"
    NOT_FOUND = "not_found"
    GONE = "gone"
    SOFT_404 = "soft_404"
    MOVED_TO_HOME = "moved_to_home"
    REPLACED = "replaced"
    PARKED = "parked"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"
    UNREACHABLE = "unreachable"
    REDIRECT_LOOP = "redirect_loop"

    @property
    def severity(self) -> Severity:
        return _SEVERITY[self]

    @property
    def is_trouble(self) -> bool:
        """Broken in a way that often passes: confirmed by `trouble_*`, the others by `missing_*`."""
        return self in (Code.SERVER_ERROR, Code.UNREACHABLE, Code.REDIRECT_LOOP)


_SEVERITY: dict[Code, Severity] = {
    Code.OK: Severity.OK,
    **dict.fromkeys((Code.REDIRECTED, Code.CHANGED, Code.OUTDATED), Severity.NOTICE),
    **dict.fromkeys(
        (Code.BLOCKED, Code.LOGIN_REQUIRED, Code.ROBOTS_DISALLOWED, Code.UNREADABLE, Code.FORBIDDEN_ADDRESS,
         Code.INCONCLUSIVE),
        Severity.UNVERIFIABLE,
    ),
    **dict.fromkeys((Code.MOVED, Code.TLS_ERROR), Severity.WARNING),
    **dict.fromkeys(
        (Code.NOT_FOUND, Code.GONE, Code.SOFT_404, Code.MOVED_TO_HOME, Code.REPLACED, Code.PARKED,
         Code.CLIENT_ERROR, Code.SERVER_ERROR, Code.UNREACHABLE, Code.REDIRECT_LOOP),
        Severity.BROKEN,
    ),
}  # fmt: skip


class State(StrEnum):
    """What is believed of a link over time: the closed list of the contract."""

    UNKNOWN = "unknown"
    OK = "ok"
    FAILING = "failing"
    BROKEN = "broken"
    MOVED = "moved"
    ATTENTION = "attention"
    UNVERIFIABLE = "unverifiable"
    NO_LINK = "no_link"
    PAUSED = "paused"


ALARMS = (State.BROKEN, State.MOVED, State.ATTENTION)  # what somebody has to see to

LISTING_PREFIX = "listing:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One watched link, as configured. `url == ""` is a legitimate "no programme"."""

    id: str
    name: str
    url: str
    owner: str
    contact: str | None = None
    county: str | None = None
    listing: str | None = None
    tags: tuple[str, ...] = ()
    paused: bool = False

    @property
    def is_listing(self) -> bool:
        """Whether this is a page of our own that lists links, watched like any other."""
        return self.id.startswith(LISTING_PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """When a failure counts as confirmed: so many checks in a row, spread over at least so long."""

    missing_runs: int = 2
    missing_for: timedelta = timedelta(hours=24)
    trouble_runs: int = 3
    trouble_for: timedelta = timedelta(hours=144)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPolicy:
    """How the web is visited: the `[fetch]` table, who we say we are, and the caps that no server can raise."""

    timeout_s: float = 30.0  # for one link, all hops together; waiting for a host's pace is not counted
    per_host_delay_s: float = 1.0
    concurrency: int = 16
    max_body_bytes: int = 10_000_000  # after decoding; on the wire no more than this either
    respect_robots: bool = True
    allow_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    resolve: Mapping[str, str] = field(default_factory=dict)  # host → "address" or "address:port" ("[::1]:8443")
    ca_file: str | None = None  # further trusted certificates, PEM
    user_agent: str = "linkwatch"
    contact: str | None = None  # sent as From:
    max_hops: int = 10
    max_header_bytes: int = 65_536


# ---------------------------------------------------------------- what a visit brings home


class FaultKind(StrEnum):
    """At which layer a visit ended without an answer that could be read."""

    DNS = "dns"
    CONNECT = "connect"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"
    TLS = "tls"
    ADDRESS = "address"  # the guard refused: private or otherwise not to be visited
    REDIRECT = "redirect"  # a loop, too many hops, a Location that leads nowhere
    ROBOTS = "robots"
    OURS = "ours"  # our own side: no route, out of files, a bug


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a visit has no answer. `reason` is a stable word of the contract, `detail` for the operator's eyes."""

    kind: FaultKind
    reason: str
    detail: str = ""
    url: str = ""  # the hop it fell on


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One answer on the way that redirected. `location` is the target as sent, decoded, not yet resolved."""

    url: str
    status: int
    location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFacts:
    """The certificate of the final host (presented, whether or not it could be trusted)."""

    expires_at: datetime | None
    issuer: str | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a conditional request sends (RFC 9110 §13), and only to the address that gave it."""

    url: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One address visited, hop by hop. Either `fault` says why there is no final answer, or `status` is that answer's.

    `hops` are the redirects only, first to last; `final_url` is where the last request went. `headers` are those of
    the final answer, names lower-case, in order, repeated names kept. `body` is decoded (content-encoding undone) and
    bounded; `complete` is False when it was cut at a cap (`cut` says which) or ended early.
    """

    url: str
    started_at: datetime
    elapsed_ms: int
    final_url: str
    hops: tuple[Hop, ...] = ()
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    complete: bool = True
    cut: str | None = None  # body_too_large | bad_encoding | ended_early | headers_too_large
    fault: Fault | None = None
    tls: TlsFacts | None = None
    peer: str | None = None  # IP address of the final host
    wire_bytes: int = 0

    @property
    def not_modified(self) -> bool:
        return self.status == 304

    def header(self, name: str) -> str | None:
        """The first header of that (lower-case) name."""
        return next((value for key, value in self.headers if key == name), None)


# ---------------------------------------------------------------- what a page says


class PageKind(StrEnum):
    HTML = "html"
    PDF = "pdf"
    TEXT = "text"
    OTHER = "other"  # an office file, an image: bytes that we do not read
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    url: str  # absolute
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What could be read of a body. `fault` is a stable word when it could not (`pdf_damaged`, `undecodable`, …)."""

    kind: PageKind
    title: str | None = None
    h1: str | None = None
    text: str = ""  # main text: without navigation, header, footer; white space folded; bounded
    full_text: str = ""  # all visible text, bounded; for short pages and for walls
    links: tuple[Link, ...] = ()  # of the main part, absolute, in order, bounded
    last_modified: datetime | None = None
    last_modified_from: str | None = None  # header | meta | pdf
    declared_charset: str | None = None
    charset: str | None = None  # the one that was used
    language: str | None = None
    canonical: str | None = None  # absolute
    refresh: tuple[float, str] | None = None  # meta refresh or Refresh: header: seconds, absolute address
    noindex: bool = False
    password_field: bool = False
    scripts: int = 0  # number of script elements, for script-only shells
    fault: str | None = None

    @property
    def words(self) -> int:
        return len(self.text.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The approved copy: what the page was when it was good.

    `shingles` are the smallest ≤ 1,024 hashes of its main text's 4-word shingles, sorted (a bottom-k sample: the share
    of them found in a page estimates containment); `shingle_count` is how many there were before sampling.
    """

    title: str | None
    h1: str | None
    text: str
    shingles: tuple[int, ...]
    shingle_count: int
    links: tuple[str, ...]
    learnt_at: datetime
    url: str


# ---------------------------------------------------------------- what is made of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    url: str
    score: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one check found, with the rule that said so and the numbers it saw (JSON values only)."""

    code: Code
    reason: str | None = None
    rule: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    saw_page: bool = False  # the page itself was read: only then can a failure be over
    learnable: bool = True  # and it is what the visit brought home, not what a look beside it found
    suggestion: Suggestion | None = None

    @property
    def severity(self) -> Severity:
        return self.code.severity

    @property
    def is_trouble(self) -> bool:
        """Broken in a way that often passes: its code says so, or a 4xx that asks to be tried again."""
        return self.code.is_trouble or self.reason == "try_again"

    @property
    def grounds(self) -> Mapping[str, Any]:
        """The evidence with the rule that saw it: what is kept with a check."""
        return {**self.evidence, "rule": self.rule} if self.rule else self.evidence


class Ask(StrEnum):
    """What a rule can want to know before it decides."""

    SIBLING = "sibling"  # an address in the same folder that cannot exist
    ROOT = "root"
    AGAIN = "again"  # the same address once more
    UNTRUSTED = "untrusted"  # the page behind a certificate that fails


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A rule's question to the shell: fetch these addresses, then judge again."""

    ask: Ask
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The answer to a `Need`: one address visited. A probe that failed is a `Visit` with a fault."""

    ask: Ask
    url: str
    visit: Visit
    page: Page | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that a judgement may look at."""

    url: str
    visit: Visit
    page: Page | None  # None when there was no body to read (a fault, 304)
    copy: Copy | None
    now: datetime
    max_age: timedelta = timedelta(days=1825)  # older Last-Modified is `outdated`
    probes: tuple[Probe, ...] = ()
    others_ending_here: int = 0  # other watched links whose last visit ended at this visit's final address
    twins: int = 0  # approved copies of other watched links that this page matches ≥ .90


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """What is believed of a link, and the strikes against it so far.

    `failures` and `failing_since` count every broken verdict in a row; `missing` and `missing_since` only those that
    are not `Code.is_trouble`. `finding` is the verdict on which `state` stands, `verdict` the latest one.
    """

    state: State = State.UNKNOWN
    since: datetime | None = None
    verdict: Code | None = None
    reason: str | None = None
    finding: Code | None = None
    finding_reason: str | None = None
    failures: int = 0
    failing_since: datetime | None = None
    missing: int = 0
    missing_since: datetime | None = None
    checked_at: datetime | None = None
    seen_at: datetime | None = None  # the page itself was last seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A change of state: what alerts and histories are made of."""

    link_id: str
    at: datetime
    old: State
    new: State
    verdict: Code | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One cause, told once: links of one owner or host that failed the same way in the same days."""

    id: str
    owner: str
    host: str
    code: Code
    reason: str | None
    opened_at: datetime
    last_at: datetime  # a link of it was last seen failing
    closed_at: datetime | None
    links: tuple[str, ...]  # every link that was ever in it
    open_links: tuple[str, ...]  # those that still fail
    closed_as: str | None = None  # fixed_on_page, accepted: it has another address, and that is well


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a check saw, apart from what was made of it."""

    http_status: int | None = None
    final_url: str | None = None
    redirects: tuple[Hop, ...] = ()
    title: str | None = None
    h1: str | None = None
    last_modified: datetime | None = None
    content_type: str | None = None
    charset: str | None = None
    elapsed_ms: int | None = None
    tls_expires_at: datetime | None = None
    wire_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All that one check changes, committed together."""

    source: Source
    at: datetime
    verdict: Verdict
    facts: Facts
    belief: Belief
    transition: Transition | None = None
    validators: Validators | None = None  # replaces what was kept
    body_hash: bytes | None = None  # of the body that the validators stand for
    new_copy: Copy | None = None
    seen: Copy | None = None  # the page as it was read, where it is not the approved one
    incident: Incident | None = None  # as this check leaves it
    fingerprint: str | None = None  # of the finding (`core.fingerprint`); None: as it was
    parcels: tuple[Parcel, ...] = ()  # to whom it is told at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is remembered of a link before a visit."""

    belief: Belief = Belief()
    facts: Facts = Facts()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    validators: Validators | None = None
    body_hash: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostMemory:
    """What is remembered of a host: its robots.txt, and until when it asked to be left alone."""

    host: str  # politeness key: "name" or "name:port"
    robots_status: int | None = None  # None: never asked
    robots_body: str = ""
    robots_at: datetime | None = None
    not_before: datetime | None = None  # Retry-After as a deadline


# ---------------------------------------------------------------- what is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    id: int
    started_at: datetime
    finished_at: datetime | None
    conclusive: bool | None  # None: it has not finished
    note: str | None  # stable word: own_network, most_changed, interrupted, stopped
    visited: int
    asked: bool = False  # only links that somebody named, not all that were due


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a link's state stands on: the checks in a row that found it, first to last.

    `facts` has what the history keeps of a check: status, addresses, title, Last-Modified and content type.
    """

    first_seen: datetime
    last_seen: datetime
    times: int
    facts: Facts
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """One link with everything a report says of it."""

    source: Source
    belief: Belief
    facts: Facts
    evidence: Mapping[str, Any]  # of the latest check; `grounds` are those of the finding that stands
    grounds: Grounds | None = None
    incident: Incident | None = None
    mended: Incident | None = None  # the last one it was in, where that closed lately
    suggestion: Suggestion | None = None
    possible: tuple[Suggestion, ...] = ()
    transitions: tuple[Transition, ...] = ()  # newest first
    reviews: tuple[Review, ...] = ()  # the answers that hold
    fingerprint: str | None = None  # of the finding, as an answer to it is bound to


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The state of the world as reports show it."""

    generated_at: datetime
    run: RunSummary | None
    links: tuple[LinkView, ...]  # in the configuration's order
    listings: tuple[LinkView, ...] = ()  # the pages of ours that list them
    outbox: Counts | None = None  # what waits to be sent, where anybody is told

    @property
    def summary(self) -> dict[State, int]:
        """Number of links in each state that occurs, in the order of `State`."""
        found = Counter(link.belief.state for link in self.links)
        return {state: found[state] for state in State if state in found}
