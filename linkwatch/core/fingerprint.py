"""What of a finding an answer is bound to: when it changes, the answer has ended."""

import hashlib

from linkwatch.core.models import Belief, Code, Facts, LinkView, Severity, State
from linkwatch.core.urls import essence

_NOTHING_FOUND = (State.UNKNOWN, State.NO_LINK, State.PAUSED)


def fingerprint(belief: Belief, facts: Facts) -> str | None:
    """A short text that stays the same as long as state, finding, status and final address do.

    None where the latest check found something else than what the state stands on: then nothing has changed yet.
    """
    if belief.finding is None or belief.finding is not belief.verdict:
        return None
    return _of(belief.state, belief.finding, facts)


def of(link: LinkView) -> str:
    """The fingerprint of the finding that a link is shown with, reckoned anew; "" where nothing was found yet."""
    belief = link.belief
    if belief.finding is None or belief.state in _NOTHING_FOUND:
        return ""
    is_latest = belief.finding is belief.verdict
    return _of(belief.state, belief.finding, link.facts if is_latest or not link.grounds else link.grounds.facts)


def _of(state: State, finding: Code, facts: Facts) -> str:
    status = None if _is_fickle(finding) else facts.http_status
    seen = (state.value, finding.value, status, _place(finding, facts.final_url))
    return hashlib.sha256(repr(seen).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _is_fickle(finding: Code) -> bool:
    """A server in trouble answers 500 today and 503 tomorrow, or gives up one hop earlier; walls answer with any
    status: none of it is a change."""
    return finding.is_trouble or finding is Code.BLOCKED


def _place(finding: Code, url: str | None) -> object:
    """Two addresses that differ in spelling only are one place. A login or a page for missing pages may put a new
    number into its query each time; in what is alive, the query may say which page it is."""
    if url is None or finding.is_trouble:
        return None
    is_alive = finding.severity in (Severity.OK, Severity.NOTICE, Severity.WARNING)
    place = url if is_alive else url.partition("?")[0]
    return essence(place) or place
