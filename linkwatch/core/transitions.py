"""What is believed of a link after one more check.

A broken verdict is a strike. It counts as confirmed when enough strikes in a row are spread over enough hours
(`[confirm]` of the contract); what could not be verified neither adds a strike nor takes one away; and a failure is
over only when a check has seen the page.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from linkwatch.core.models import Belief, Code, Confirm, Severity, State, Transition, Verdict

JITTER = timedelta(minutes=1)  # a daily timer that starts a second early has still waited for a day

_STRUCK = (State.FAILING, State.BROKEN)
_STANDING = (*_STRUCK, State.MOVED, State.ATTENTION)


def step(
    belief: Belief, verdict: Verdict, *, link_id: str, now: datetime, confirm: Confirm
) -> tuple[Belief, Transition | None]:
    """The new belief, and the transition where the state changed. `inconclusive` changes nothing at all."""
    if verdict.code is Code.INCONCLUSIVE:
        return belief, None
    noted = replace(belief, verdict=verdict.code, reason=verdict.reason, checked_at=now)
    if verdict.saw_page:
        noted = replace(noted, seen_at=now)
    if verdict.severity is Severity.BROKEN:
        noted = _strike(noted, now, is_trouble=verdict.is_trouble)
    state = _state(noted, verdict, now, confirm)
    if state is None:
        return noted, None
    if state not in _STRUCK:
        noted = _clear(noted)
    return _enter(noted, state, verdict, link_id, now)


def _state(belief: Belief, verdict: Verdict, now: datetime, confirm: Confirm) -> State | None:
    """The state that this verdict puts a link in; None: it says nothing against the one it is in."""
    match verdict.severity:
        case Severity.BROKEN:
            confirmed = belief.state is State.BROKEN or _confirmed(belief, now, confirm)
            return State.BROKEN if confirmed else State.FAILING
        case Severity.UNVERIFIABLE:
            return None if belief.state in _STANDING else State.UNVERIFIABLE
    if belief.state in _STRUCK and not verdict.saw_page:
        return None
    if verdict.code is Code.MOVED:
        return State.MOVED
    return State.OK if verdict.code is Code.OK else State.ATTENTION


def _strike(belief: Belief, now: datetime, *, is_trouble: bool) -> Belief:
    struck = replace(belief, failures=belief.failures + 1, failing_since=_first(belief.failing_since, now))
    if is_trouble:
        return struck
    return replace(struck, missing=belief.missing + 1, missing_since=_first(belief.missing_since, now))


def _first(since: datetime | None, now: datetime) -> datetime:
    """A strike in the future was dated by a clock that has been set right."""
    return now if since is None else min(since, now)


def _confirmed(belief: Belief, now: datetime, confirm: Confirm) -> bool:
    """Missing pages are confirmed by strikes of their own kind; trouble by strikes of any kind, and it takes longer."""
    missing = (
        belief.missing_since is not None
        and belief.missing >= confirm.missing_runs
        and now - belief.missing_since >= confirm.missing_for - JITTER
    )
    trouble = (
        belief.failing_since is not None
        and belief.failures >= confirm.trouble_runs
        and now - belief.failing_since >= confirm.trouble_for - JITTER
    )
    return missing or trouble


def _clear(belief: Belief) -> Belief:
    return replace(belief, failures=0, failing_since=None, missing=0, missing_since=None)


def _enter(
    belief: Belief, state: State, verdict: Verdict, link_id: str, now: datetime
) -> tuple[Belief, Transition | None]:
    stands = replace(belief, finding=verdict.code, finding_reason=verdict.reason)
    if state is belief.state:
        return stands, None
    change = Transition(
        link_id=link_id, at=now, old=belief.state, new=state, verdict=verdict.code, reason=verdict.reason
    )
    return replace(stands, state=state, since=now), change
