"""Case → Verdict, or a Need: what was found, by the first rule that has an answer.

    our own side, guards ─▶ walls, logins ─▶ robots ─▶ certificate ─▶ transport ─▶ status ─▶ not modified
      ─▶ moved with its content ─▶ parked ─▶ pages that only send on ─▶ out of order ─▶ led to a front page ─▶ paywall
      ─▶ unreadable ─▶ soft 404 ─▶ no site, closed down ─▶ drift ─▶ moved unseen ─▶ outdated ─▶ well

A rule asks for a look beside the page only when something is wrong, each question once and three requests a page at
most; a look that failed says nothing. "Missing" and "replaced" are said only after a second fetch found the same.

Without an approved copy nothing can have drifted, and a redirect is called a move only where the page's name went
along; any other is `redirected`, and a front page that was reached so is not taken for the page.
"""

from dataclasses import replace

from linkwatch.core.models import (
    Ask,
    Case,
    Code,
    FaultKind,
    Hop,
    Need,
    Probe,
    Severity,
    Suggestion,
    Verdict,
)
from linkwatch.core.signs import closing, drift, parked, redirects, soft404, staleness, trouble, unread
from linkwatch.core.signs.before_page import (
    forbidden,
    login,
    not_modified,
    our_side,
    paywall,
    robots,
    status,
    transport,
    wall,
)
from linkwatch.core.signs.look import Look
from linkwatch.core.signs.verdicts import Answer, Rule, all_of, arrived, fault_evidence, kept, verdict
from linkwatch.core.urls import host, is_root

_SENT_ON = 301  # how a page that sends its reader on at once is counted: as a permanent redirect
_UNSEEN_SCORE = 0.6  # of a permanent redirect whose target could not be compared but bears the name


def classify(case: Case) -> Verdict | Need:
    """What this check found, or which addresses to fetch before it can be said.

    Each question is asked once, so that at most four rounds end in a verdict.
    """
    return _first_answer(Look(case=case))


def _first_answer(look: Look) -> Verdict | Need:
    return next(answer for rule in RULES if (answer := rule(look)) is not None)


# ---------------------------------------------------------------- behind a certificate that fails


def certificate(look: Look) -> Answer:
    """The fault is said, unless what is behind it is itself broken or has moved away from it."""
    fault = look.visit.fault
    if fault is None or fault.kind is not FaultKind.TLS:
        return None
    if need := look.question(Ask.UNTRUSTED, look.url):
        return need
    behind = next(iter(look.answers(Ask.UNTRUSTED)), None)
    inner = Look(case=replace(look.case, visit=behind.visit, page=behind.page, probes=())) if behind else None
    said = classify(inner.case) if inner and inner.visit.fault is None else None
    evidence = {**fault_evidence(look), "tls": fault.reason}
    if isinstance(said, Verdict) and inner and _outweighs(said, inner, fault.url or look.url):
        return replace(said, evidence={**said.evidence, "tls": fault.reason})
    if inner and inner.visit.status is not None:
        evidence["status_behind"] = inner.visit.status
    saw_page = inner is not None and inner.carries
    return verdict(Code.TLS_ERROR, fault.reason, "certificate", evidence, saw_page=saw_page)


def _outweighs(said: Verdict, inner: Look, faulty: str) -> bool:
    if said.code is Code.MOVED:
        return host(inner.visit.final_url) != host(faulty)
    return said.severity is Severity.BROKEN and said.code is not Code.SERVER_ERROR


# ---------------------------------------------------------------- led elsewhere


def forwarded(look: Look) -> Answer:
    """A page that only sends its reader on is a redirect: what it leads to is judged in its place."""
    page = look.page
    if page is None or look.carries:
        return None
    target = redirects.forward(look.visit, page)
    is_notice = target is None
    if target is None and not is_root(look.url):
        target = redirects.notice(page, look.visit.final_url)
    if target is None:
        return None
    if need := look.question(Ask.AGAIN, target):
        return need
    seen = next(iter(look.answers(Ask.AGAIN, target)), None)
    return _judged_in_its_place(look, seen, is_notice=is_notice) if seen else None


def _judged_in_its_place(look: Look, seen: Probe, *, is_notice: bool) -> Answer:
    """The verdict on the target. None where it leads back, or is not what a notice announced."""
    if any(redirects.is_same_place(seen.visit.final_url, been.url) for been in look.visit.hops):
        return None
    if seen.visit.fault or (seen.visit.status or 0) >= 500:
        return verdict(Code.UNREADABLE, "forward_failed", "forwarded", {"target": seen.url})
    hop = Hop(url=look.visit.final_url, status=_SENT_ON, location=seen.url)
    visit = replace(seen.visit, url=look.url, hops=(*look.visit.hops, hop, *seen.visit.hops))
    inner = Look(case=replace(look.case, visit=visit, page=seen.page))
    announced = inner.carries or (look.copy is None and inner.way.same_name)
    if is_notice and not announced:
        return None
    answer = classify(inner.case)
    # What the shell holds is the page that sends on: neither its text nor its ETag may stand for the target's.
    return replace(answer, learnable=False) if isinstance(answer, Verdict) else answer


def moved(look: Look) -> Answer:
    """The approved content, at another address, and the way there says for good."""
    if not (look.way.leaves and look.way.is_permanent and look.carries and look.kinship):
        return None
    score = max(look.kinship.kept, _UNSEEN_SCORE) if look.is_next_period else look.kinship.kept
    suggestion = Suggestion(url=look.visit.final_url, score=round(score, 3), why="redirect")
    reason = "next_period" if look.is_next_period and not look.kinship.is_alive else None
    evidence = {**look.way.evidence, **kept(look)}
    return verdict(Code.MOVED, reason, "moved", evidence, saw_page=True, suggestion=suggestion)


def parking(look: Look) -> Answer:
    if look.carries or look.page is None:
        return None
    found = _parking(look)
    if not found.is_named:
        return None
    if not found.is_certain and (need := look.ask_siblings(1)):
        return need
    evidence = {"signals": list(found.signals), **kept(look)}
    reason = "for_sale" if "sale_phrase" in found.signals else None
    return verdict(Code.PARKED, reason, "parked", evidence) if found.is_certain else None


def _parking(look: Look) -> parked.Parking:
    kin = look.kinship
    return parked.find(
        look.visit,
        look.page,
        look.markup,
        asked=look.url,
        lost=kin is not None and kin.measure == "containment" and kin.kept < 0.02,
        same_everywhere=any(soft404.same_text_as(look, p) or soft404.ends_with(look, p) for p in look.strangers),
    )


def out_of_order(look: Look) -> Answer:
    """Maintenance is trouble on their side that passes: nothing can be said of the page now."""
    if look.page is None or look.carries or not trouble.is_maintenance(look.page):
        return None
    return verdict(Code.UNREADABLE, "maintenance", "out_of_order", {"title": look.page.title, "h1": look.page.h1})


def led_to_front(look: Look) -> Answer:
    """Redirected to a front page, a hub, or the place where every unknown address ends."""
    way = look.way
    if not way.leaves or look.carries or not look.is_markup or way.to_error or way.to_search or is_root(look.url):
        return None
    if look.new_phrase or (look.kinship is None and way.same_name and not way.to_front):
        return None
    evidence = {**way.evidence, **kept(look), "others_ending_here": look.case.others_ending_here}
    reason = "front_page" if is_root(way.end) else "hub_page"
    if way.to_front and look.case.others_ending_here >= 2:
        return verdict(Code.MOVED_TO_HOME, reason, "led_to_front", evidence)
    if need := look.ask_siblings():
        return need
    if any(soft404.ends_with(look, probe) for probe in look.siblings):
        return verdict(Code.MOVED_TO_HOME, reason, "led_to_front", {**evidence, "sibling_ends_here": True})
    if way.to_front and look.kinship and (look.kinship.is_gone or look.kinship.other_heading):
        return _confirmed(
            look, verdict(Code.MOVED_TO_HOME, reason, "led_to_front", {**evidence, "sibling_ends_here": False})
        )
    return None


# ---------------------------------------------------------------- what the page itself says


def unreadable(look: Look) -> Answer:
    reason = None if look.carries else unread.why(look)
    if reason is None:
        return None
    evidence = {"content_type": look.visit.header("content-type"), "bytes": len(look.visit.body)}
    return verdict(Code.UNREADABLE, reason, "unreadable", evidence)


def soft_404(look: Look) -> Answer:
    """`gone` in other words: 200, but the page is the site's page for missing pages, or says so twice."""
    if not soft404.is_suspicious(look):
        return None
    plain = soft404.is_plain(soft404.others(look), lost=soft404.is_lost(look))
    if not plain and (need := look.ask_siblings()):
        return need
    found = soft404.find(look)
    if not found.is_certain:
        return None
    evidence = {**found.evidence, **look.way.evidence, **kept(look)}
    said = closing.notice(look.page) if look.page and not look.new_phrase else None
    if said is not None:  # a site that says at every address that it has closed
        return _confirmed(look, verdict(Code.REPLACED, "closed_down", "closed_down", {"notice": said, **evidence}))
    return _confirmed(look, verdict(Code.SOFT_404, found.reason, "soft_404", evidence))


def no_site(look: Look) -> Answer:
    """The web server's own page, where a site should be."""
    if look.page is None or look.carries or not trouble.is_default(look.page):
        return None
    evidence = {"title": look.page.title, **kept(look)}
    return _confirmed(look, verdict(Code.REPLACED, "default_page", "no_site", evidence))


def closed_down(look: Look) -> Answer:
    said = closing.notice(look.page) if look.page and look.is_markup and not look.carries else None
    if said is None or not (look.kinship or is_root(look.url) or closing.is_of_site(said)):
        return None
    return _confirmed(look, verdict(Code.REPLACED, "closed_down", "closed_down", {"notice": said, **kept(look)}))


def application_error(look: Look) -> Answer:
    """A short "something went wrong" with 200: their trouble, and no word of the page."""
    if look.page is None or look.carries or not trouble.is_error(look.page):
        return None
    return verdict(Code.UNREADABLE, "error_page", "application_error", {"title": look.page.title, "h1": look.page.h1})


def drifted(look: Look) -> Answer:
    """Against the approved copy: the same from .5, changed down to .05, below that replaced."""
    kin = look.kinship
    if kin is None or kin.is_same or _is_living_front(look):
        return None
    evidence = {**kept(look), **look.way.evidence}
    if look.is_next_period:
        return verdict(Code.CHANGED, "next_period", "drift", evidence, saw_page=True)
    led_astray = look.way.leaves and kin.other_heading and not kin.is_alive
    if led_astray or (kin.is_gone and not _is_rewritten(look)):
        return _confirmed(look, verdict(Code.REPLACED, "content_gone", "drift", evidence))
    return verdict(Code.CHANGED, "rewritten" if kin.is_gone else None, "drift", evidence, saw_page=True)


def _is_living_front(look: Look) -> bool:
    """A front page is news: it is the same page as long as its headings are."""
    if not is_root(look.url) or look.copy is None or look.page is None or look.kinship is None:
        return False
    return drift.has_same_heading(look.copy, look.page) and look.kinship.shrunk_to > drift.SHRUNK


def _is_rewritten(look: Look) -> bool:
    """Every sentence is new, but title and h1 stand, no shorter, and they are not what all the site's pages bear."""
    if look.copy is None or look.page is None or not drift.has_same_heading(look.copy, look.page):
        return False
    if look.way.leaves or (look.kinship and look.kinship.shrunk_to <= drift.SHRUNK):
        return False
    borne_by_all = any(soft404.has_same_front(look, probe) for probe in look.siblings)
    return not borne_by_all and (is_root(look.url) or bool(look.siblings))


def moved_unseen(look: Look) -> Answer:
    """A permanent redirect whose target could not be compared: moved only where it bears the old page's name."""
    way = look.way
    if look.kinship or not (way.leaves and way.is_permanent) or is_root(way.end):
        return None
    headings = (look.page.title, look.page.h1) if look.page else ()
    if not (way.same_name or redirects.name_in(look.url, headings)):
        return None
    suggestion = Suggestion(url=way.end, score=_UNSEEN_SCORE, why="redirect")
    return verdict(
        Code.MOVED, None, "moved_unseen", {**way.evidence, **kept(look)}, saw_page=True, suggestion=suggestion
    )


def outdated(look: Look) -> Answer:
    page = look.page
    if page is None:
        return None
    everything = all_of(page.title, page.h1, page.text, *(link.text for link in page.links))
    old = staleness.period_over((page.title, page.h1), everything, look.case.now) or staleness.too_old(
        page.last_modified, page.last_modified_from, look.case.max_age, look.case.now
    )
    if old is None:
        return None
    return verdict(Code.OUTDATED, old.reason, "outdated", {**old.evidence, **kept(look)}, saw_page=True)


def well(look: Look) -> Answer:
    code, reason = arrived(look)
    strange = reason == "unrecognised" and look.way.to_front  # a front page is not the page that was linked
    evidence = {**kept(look), **(look.way.evidence if look.visit.hops else {})}
    said = verdict(code, reason, "well", evidence, saw_page=not strange)
    # Nobody knows whether what it was sent to is the page that was linked: it must not become the approved copy.
    return replace(said, learnable=reason != "unrecognised")


RULES: tuple[Rule, ...] = (
    our_side,
    wall,
    login,
    robots,
    certificate,
    transport,
    status,
    forbidden,
    not_modified,
    moved,
    parking,
    forwarded,
    out_of_order,
    led_to_front,
    paywall,
    unreadable,
    soft_404,
    no_site,
    closed_down,
    application_error,
    drifted,
    moved_unseen,
    outdated,
    well,
)


# ---------------------------------------------------------------- said, and said twice


def _confirmed(look: Look, said: Verdict) -> Verdict | Need:
    """`said` once a second fetch has found the same; the second answer's own verdict where the page is back."""
    if need := look.question(Ask.AGAIN, look.url):
        return need
    again = next(iter(look.answers(Ask.AGAIN, look.url)), None)
    agrees = _agrees(look, again) if again else None
    if agrees is None or again is None:
        return _unconfirmed(said)
    if agrees:
        return replace(said, evidence={**said.evidence, "confirmed": True})
    second = _first_answer(Look(case=replace(look.case, visit=again.visit, page=again.page), is_second=True))
    if isinstance(second, Need):
        return _unconfirmed(said)
    # What the shell holds is the first answer, which is not the page: it must not be learnt.
    return replace(second, evidence={**second.evidence, "first": said.code.value}, saw_page=False, learnable=False)


def _unconfirmed(said: Verdict) -> Verdict:
    return verdict(Code.INCONCLUSIVE, "unconfirmed", said.rule, {**said.evidence, "first": said.code.value})


def _agrees(look: Look, again: Probe) -> bool | None:
    """True: the page is missing in the second answer too. False: it is there. None: the second answer says nothing."""
    visit = again.visit
    if visit.fault or visit.status is None or (visit.status >= 300 and visit.status not in (404, 410)):
        return None
    if visit.status in (404, 410):
        return True
    same_end = redirects.is_same_end(redirects.ending(visit, again.page), look.visit.final_url)
    if redirects.forward(visit, again.page):
        return same_end
    second = Look(case=replace(look.case, visit=visit, page=again.page))
    if second.carries:
        return False
    if any(rule(second) for rule in (wall, login, out_of_order, unreadable)):
        return None
    if look.kinship is not None:
        return second.kinship is not None or same_end
    return same_end and (second.new_phrase == look.new_phrase or soft404.same_text_as(look, again))
