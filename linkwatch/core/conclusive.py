"""Whether a run says something of the links, or only of our own network.

Hosts that nobody runs together do not fail together. So hosts are counted, not links, and each host once, by
registrable domain: when more than half of those that could bear witness fail in one run, the run is inconclusive.

What counts as failing depends on what was known. A host that was well before bears witness by anything but its page (a
captive portal answers everything, and a hijacked name leads to a private address). A host of which nothing is known
bears witness only by silence: an old list may well hold more dead pages than living ones. A host that was failing or
could not be verified, and is no better now, says nothing new.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Literal

from linkwatch.core.models import Code, State, Verdict
from linkwatch.core.urls import host, politeness_key, registrable_domain

PATIENCE = timedelta(days=7)
FEW = 3  # so many independent hosts can outvote a fault of their own

_SILENT = (Code.UNREACHABLE, Code.TLS_ERROR)
_OUR_DOORSTEP = (
    "dns_failure",
    "host_unreachable",
    "no_route",
)  # what an unplugged machine sees, whatever the host


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What one link's visit says of the network. `before` is the state that was believed until now."""

    url: str
    before: State
    verdict: Verdict


class _Vote(IntEnum):
    """What a host says, the strongest word last: one page seen well outweighs any number of failures beside it."""

    NOTHING_NEW = 0
    FAILED = 1
    WELL = 2


Judgement = Literal["conclusive", "inconclusive", "ask_controls"]


class Tally:
    """The witnesses of a run as they come in."""

    def __init__(self) -> None:
        self._votes: dict[str, _Vote] = {}
        self._well = 0
        self._all_silent = True
        self._some_changed = False
        self._all_at_our_doorstep = True

    @property
    def hosts(self) -> frozenset[str]:
        """The independent hosts heard so far."""
        return frozenset(self._votes)

    def add(self, one: Witness) -> None:
        if one.verdict.code is Code.INCONCLUSIVE and one.verdict.reason != "no_route":
            return
        key, vote = independent_host(one.url), _vote(one)
        before = self._votes.get(key)
        self._votes[key] = vote if before is None else max(before, vote)
        self._well += self._votes[key] is _Vote.WELL and before is not _Vote.WELL
        self._all_silent &= _is_silent(one.verdict)
        self._some_changed |= vote is _Vote.FAILED and not _is_silent(one.verdict)
        self._all_at_our_doorstep &= one.verdict.reason in _OUR_DOORSTEP

    @property
    def some_changed(self) -> bool:
        """Hosts that were well did answer, but otherwise than before: a portal or a proxy rather than a dead line."""
        return self._some_changed

    def is_certain(self, hosts_in_all: int) -> bool:
        """Whether a run that goes on is conclusive already: more than half of all its hosts are well."""
        return self._well * 2 > hosts_in_all

    def judgement(self, *, doubted_for: timedelta = timedelta(0)) -> Judgement:
        """Of a finished run. `ask_controls`: so few hosts were visited, all silent, that others should be tried.

        `doubted_for`: how long runs have been inconclusive in a row. After `PATIENCE` of that, hosts that do answer
        are believed after all, or a list of which most really broke would never be reported.
        """
        if doubted_for >= PATIENCE and not self._all_silent:
            return "conclusive"
        failed = sum(vote is _Vote.FAILED for vote in self._votes.values())
        witnesses = self._well + failed or len(self._votes)
        if not self._votes or (self._well and failed <= self._well):
            return "conclusive"
        if failed == 0 and not self._all_silent:  # nobody is left to bear witness, and somebody did answer
            return "conclusive"
        if witnesses >= FEW:
            return "inconclusive"
        if not self._all_silent or doubted_for >= PATIENCE:
            return "conclusive"
        return "inconclusive" if self._all_at_our_doorstep else "ask_controls"


def independent_host(url: str) -> str:
    """By what hosts are told apart: the registrable domain; for bare addresses, address and port."""
    name = host(url)
    domain = registrable_domain(name)
    return politeness_key(url) if domain == name and not _has_suffix(name) else domain


def _has_suffix(name: str) -> bool:
    return not name.rpartition(".")[2].rstrip("]").isdigit() and "." in name and ":" not in name


def _vote(one: Witness) -> _Vote:
    if one.verdict.saw_page and one.verdict.code is not Code.TLS_ERROR:  # with a wrong clock all certificates fail
        return _Vote.WELL
    if _is_silent(one.verdict):
        return _Vote.NOTHING_NEW if one.before in (State.FAILING, State.BROKEN) else _Vote.FAILED
    if one.before in (State.FAILING, State.BROKEN, State.UNVERIFIABLE):
        return _Vote.NOTHING_NEW
    if one.before is State.UNKNOWN:
        return _Vote.NOTHING_NEW if one.verdict.code is Code.FORBIDDEN_ADDRESS else _Vote.WELL
    return _Vote.FAILED


def _is_silent(verdict: Verdict) -> bool:
    return verdict.code in _SILENT or verdict.reason == "no_route"
