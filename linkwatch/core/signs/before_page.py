"""The rules that need no look into the page: faults, walls, doors, status, 304."""

from collections.abc import Mapping

from linkwatch.core.models import Ask, Code, FaultKind, Probe, Suggestion
from linkwatch.core.signs import logins, redirects, staleness, walls
from linkwatch.core.signs.look import Look
from linkwatch.core.signs.verdicts import Answer, all_of, arrived, fault_evidence, kept, verdict
from linkwatch.core.urls import is_root, join

_FIRST_LINES = 0.6  # words of a page by those of its copy


def our_side(look: Look) -> Answer:
    fault = look.visit.fault
    codes = {FaultKind.OURS: Code.INCONCLUSIVE, FaultKind.ADDRESS: Code.FORBIDDEN_ADDRESS}
    if fault is None or fault.kind not in codes:
        return None
    return verdict(codes[fault.kind], fault.reason, "our_side", fault_evidence(look))


def wall(look: Look) -> Answer:
    if look.visit.fault:
        found = walls.on_the_way(look.visit)
    else:
        found = None if look.carries else walls.find(look.visit, look.page, look.markup)
    if found is None:
        return None
    return verdict(Code.BLOCKED, found.name, "wall", {**found.evidence, "status": look.visit.status})


def login(look: Look) -> Answer:
    if look.visit.fault:
        found = logins.on_the_way(look.url, look.visit)
    else:
        found = None if look.carries else logins.find(look.url, look.visit, look.page)
    if found is None:
        return None
    evidence = {**found.evidence, "status": look.visit.status, "final_url": look.visit.final_url}
    return verdict(Code.LOGIN_REQUIRED, found.reason, "login", evidence)


def paywall(look: Look) -> Answer:
    """The approved heading over the first lines only, and a door after them."""
    kin = look.kinship
    if kin is None or look.copy is None or look.page is None or look.carries:
        return None
    if kin.other_heading or not 0 < kin.shrunk_to <= _FIRST_LINES or not logins.is_paywall(look.page, look.copy.text):
        return None
    return verdict(Code.LOGIN_REQUIRED, "paywall", "paywall", {**kept(look), "status": look.visit.status})


def robots(look: Look) -> Answer:
    """After the doors: an identity provider's robots.txt forbids what is a login all the same."""
    fault = look.visit.fault
    if fault is None or fault.kind is not FaultKind.ROBOTS:
        return None
    if answer := _led_where_strangers_are(look):
        return answer
    return verdict(Code.ROBOTS_DISALLOWED, fault.reason, "robots", fault_evidence(look))


def _led_where_strangers_are(look: Look) -> Answer:
    """Search pages are often forbidden to robots. That an address which cannot exist is redirected to the same one is
    enough: what is on it need not be read."""
    if not (look.way.to_error or look.way.to_search):
        return None
    if need := look.ask_siblings(1):
        return need
    if not any(
        redirects.is_same_end(probe.visit.final_url, look.way.end) and probe.visit.hops for probe in look.siblings
    ):
        return None
    if need := look.question(Ask.AGAIN, look.url):
        return need
    again = [redirects.is_same_end(probe.visit.final_url, look.way.end) for probe in look.answers(Ask.AGAIN, look.url)]
    evidence = {**look.way.evidence, "probe": "final_url", "confirmed": True}
    return verdict(Code.SOFT_404, "same_as_missing", "soft_404", evidence) if any(again) else None


# ---------------------------------------------------------------- no answer, or one that says it all


def transport(look: Look) -> Answer:
    fault = look.visit.fault
    if fault is None:
        return None
    code = Code.REDIRECT_LOOP if fault.kind is FaultKind.REDIRECT else Code.UNREACHABLE
    return verdict(code, fault.reason, "transport", fault_evidence(look))


_TRY_AGAIN = (408, 421, 425)  # RFC 9110 §15.5.9, §15.5.20, RFC 8470: of the request, not of the page


def status(look: Look) -> Answer:
    """Everything but 2xx and 304. A bare 403 is looked into by `forbidden`."""
    seen = look.visit.status or 0
    evidence = {"status": seen, **kept(look)}
    if 200 <= seen < 300 or seen in (304, 403):
        return None
    if seen in _BY_STATUS:
        code, reason = _BY_STATUS[seen]
        return verdict(code, reason, "status", evidence)
    if 300 <= seen < 400:
        return verdict(Code.REDIRECT_LOOP, "no_location", "status", evidence)
    if 400 <= seen < 500:
        return verdict(Code.CLIENT_ERROR, "try_again" if seen in _TRY_AGAIN else None, "status", evidence)
    if seen >= 500:
        return verdict(Code.SERVER_ERROR, None, "status", evidence)
    return verdict(Code.UNREACHABLE, "protocol", "status", evidence)


_BY_STATUS: Mapping[int, tuple[Code, str | None]] = {
    404: (Code.NOT_FOUND, None),
    410: (Code.GONE, None),
    429: (Code.BLOCKED, "rate_limited"),
    999: (Code.BLOCKED, "status_999"),
}


def forbidden(look: Look) -> Answer:
    """A bare 403: of the whole host, or of this page alone? It counts as no strike either way."""
    if look.visit.status != 403:
        return None
    root = join(look.url, "/") or ""
    if not is_root(look.url) and (need := look.question(Ask.ROOT, root)):
        return need
    if need := look.ask_siblings(1):
        return need
    asked = {"root": _statuses(look.answers(Ask.ROOT)), "sibling": _statuses(look.siblings)}
    everywhere = asked["sibling"] == 403 and (asked["root"] == 403 or is_root(look.url))
    evidence = {"status": 403, **{name: seen for name, seen in asked.items() if seen}}
    return verdict(Code.BLOCKED, "host_wall" if everywhere else "forbidden", "forbidden", evidence)


def _statuses(probes: tuple[Probe, ...]) -> int | None:
    return next((probe.visit.status for probe in probes if probe.visit.status), None)


def not_modified(look: Look) -> Answer:
    """304 to validators of this very address: the content is the approved one, only the way can have changed."""
    if not look.visit.not_modified:
        return None
    copy = look.copy
    if copy and (
        old := staleness.period_over((copy.title, copy.h1), all_of(copy.title, copy.h1, copy.text), look.case.now)
    ):
        return verdict(Code.OUTDATED, old.reason, "not_modified", old.evidence, saw_page=True)
    evidence = {**look.way.evidence, "status": 304}
    if look.way.leaves and look.way.is_permanent:
        suggestion = Suggestion(url=look.visit.final_url, score=1.0, why="redirect")
        return verdict(Code.MOVED, None, "not_modified", evidence, saw_page=True, suggestion=suggestion)
    code, reason = arrived(look)
    return verdict(code, reason, "not_modified", evidence, saw_page=True)
