"""The verdict table: what was seen → code and reason, with the questions that were asked on the way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.classify import RULES, classify
from linkwatch.core.models import Ask, Case, Code, FaultKind, Hop, Page, PageKind, Severity, Verdict
from tests.core.cases import (
    ELSEWHERE,
    FAILS,
    GONE,
    GOOD,
    NAV,
    NOT_FOUND,
    NOTHING,
    NOW,
    OTHER,
    PROGRAMME,
    URL,
    answer,
    case,
    copy_of,
    found,
    page,
    play,
    visit,
)

HOME = "https://www.region.example/"
NEW = "https://www.region.example/ny/plats/service-2030.html"
LOGIN_PAGE = page("Logga in", "Logga in", "Användarnamn Lösenord Glömt lösenordet?", password_field=True)
CHALLENGE = page("Just a moment...", None, "Enable JavaScript and cookies to continue", full_text="")
FRONT = page(
    "Region Exempel", "Välkommen", " ".join(f"Nyhet nummer {n} om helt andra saker i länet." for n in range(30))
)


# ---------------------------------------------------------------- our side, walls, doors


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ((FaultKind.OURS, "no_network"), ("inconclusive", "no_network")),
        ((FaultKind.ADDRESS, "private_address"), ("forbidden_address", "private_address")),
        ((FaultKind.ROBOTS, "robots"), ("robots_disallowed", "robots")),
        ((FaultKind.DNS, "dns_nxdomain"), ("unreachable", "dns_nxdomain")),
        ((FaultKind.CONNECT, "connect_refused"), ("unreachable", "connect_refused")),
        ((FaultKind.TIMEOUT, "read_timeout"), ("unreachable", "read_timeout")),
        ((FaultKind.PROTOCOL, "reset"), ("unreachable", "reset")),
        ((FaultKind.REDIRECT, "loop"), ("redirect_loop", "loop")),
    ],
)
def test_it_names_the_fault_of_a_visit_without_an_answer(
    fault: tuple[FaultKind, str], expected: tuple[str, str]
) -> None:
    said, needs = play(case(fault=fault))
    assert ((said.code.value, said.reason), needs, said.saw_page) == (expected, [], False)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (FaultKind.ROBOTS, "login_required"),
        (FaultKind.DNS, "login_required"),
        (FaultKind.REDIRECT, "login_required"),
        (FaultKind.ADDRESS, "forbidden_address"),
    ],
)
def test_it_knows_a_door_behind_which_the_visit_ended(kind: FaultKind, code: str) -> None:
    assert found(case(to="https://adfs.intern.example/adfs/ls/?wa=wsignin1.0", fault=(kind, "x")))[0] == code


@pytest.mark.parametrize("status", [200, 202, 403, 404, 429, 503])
def test_it_sees_a_wall_on_any_status(status: int) -> None:
    walled = case(CHALLENGE, status, headers={"cf-mitigated": "challenge"})
    assert found(walled) == ("blocked", "cloudflare")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, ("login_required", "http_auth")),
        (407, ("login_required", "http_auth")),
        (429, ("blocked", "rate_limited")),
        (999, ("blocked", "status_999")),
        (404, ("not_found", None)),
        (410, ("gone", None)),
        (400, ("client_error", None)),
        (418, ("client_error", None)),
        (451, ("client_error", None)),
        (500, ("server_error", None)),
        (503, ("server_error", None)),
        (520, ("server_error", None)),
        (301, ("redirect_loop", "no_location")),
        (204, ("unreadable", "empty")),
        (100, ("unreachable", "protocol")),
    ],
)
def test_it_reads_the_status(status: int, expected: tuple[str, str | None]) -> None:
    said, needs = play(case(NOTHING if status == 204 else NOT_FOUND, status))
    assert (said.code.value, said.reason) == expected
    assert needs == []


@pytest.mark.parametrize(
    ("root", "sibling", "reason"),
    [
        (answer(FRONT, 200), answer(NOT_FOUND, 404), "forbidden"),
        (answer(FRONT, 403), answer(NOT_FOUND, 403), "host_wall"),
        (answer(FRONT, 200), answer(NOT_FOUND, 403), "forbidden"),
        (FAILS, answer(NOT_FOUND, 403), "forbidden"),
        (FAILS, FAILS, "forbidden"),
    ],
)
def test_it_asks_whether_a_bare_403_is_of_the_whole_host(root, sibling, reason) -> None:  # type: ignore[no-untyped-def]  # a table's columns
    said, needs = play(case(page("403 Forbidden", "Forbidden", "nginx"), 403), root=root, sibling=sibling)
    assert (said.code, said.reason) == (Code.BLOCKED, reason)
    assert [(need.ask, len(need.urls)) for need in needs] == [(Ask.ROOT, 1), (Ask.SIBLING, 1)]


def test_it_never_calls_the_approved_page_a_wall_or_a_door() -> None:
    body = b"<script src='https://www.google.com/recaptcha/api.js'></script>_cf_chl_opt"
    approved = page("Logga in | Region", "Logga in", PROGRAMME, password_field=True)
    assert found(case(approved, copy=approved, body=body))[0] == "ok"


def test_it_sees_a_login_page_in_place_of_the_page() -> None:
    assert found(case(LOGIN_PAGE)) == ("login_required", "password_page")
    assert found(case(LOGIN_PAGE, to="https://login.microsoftonline.com/common/oauth2/authorize", by=302)) == (
        "login_required",
        "identity_provider",
    )


def test_it_sees_that_only_the_first_lines_are_shown() -> None:
    first = page(
        GOOD.title, GOOD.h1, " ".join(PROGRAMME.split()[:40]) + " Logga in för att läsa vidare. 1 kr första månaden."
    )
    assert found(case(first)) == ("login_required", "paywall")
    assert found(case(page(GOOD.title, GOOD.h1, " ".join(PROGRAMME.split()[:40]))))[0] == "replaced"


# ---------------------------------------------------------------- certificates


EXPIRED = (FaultKind.TLS, "expired")


def test_it_looks_behind_a_certificate_that_fails() -> None:
    said, needs = play(case(fault=EXPIRED), untrusted=answer(GOOD))
    assert (said.code, said.reason, said.saw_page) == (Code.TLS_ERROR, "expired", True)
    assert [(need.ask, need.urls) for need in needs] == [(Ask.UNTRUSTED, (URL,))]


@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        (answer(NOT_FOUND, 404), ("not_found", None)),
        (answer(NOT_FOUND, 410), ("gone", None)),
        (answer(GOOD, to="https://elsewhere.example/service"), ("moved", None)),
        (answer(GOOD, to="https://www.region.example/other/place.html"), ("tls_error", "expired")),
        (answer(ELSEWHERE), ("tls_error", "expired")),
        (answer(NOT_FOUND), ("tls_error", "expired")),
        (answer(NOTHING, 503), ("tls_error", "expired")),
        (answer(CHALLENGE, 403, headers={"cf-mitigated": "challenge"}), ("tls_error", "expired")),
        (FAILS, ("tls_error", "expired")),
    ],
)
def test_it_says_what_is_behind_only_where_that_is_clear(behind, expected) -> None:  # type: ignore[no-untyped-def]  # a table's columns
    assert found(case(fault=EXPIRED), untrusted=behind) == expected


def test_it_has_seen_the_page_behind_only_if_it_is_recognised() -> None:
    said, _ = play(case(fault=EXPIRED, copy=None), untrusted=answer(GOOD))
    assert (said.code, said.saw_page) == (Code.TLS_ERROR, False)


# ---------------------------------------------------------------- healthy pages cost nothing


@pytest.mark.parametrize(
    "asked",
    [
        case(),
        case(copy=None),
        case(page("Service saknas på landsbygden", "När service saknas", PROGRAMME), copy=None),
        case(page("Vårdprogram 404", "Vårdprogram 404", PROGRAMME), copy=None),
        case(page("Rum 404 – Hotell", "Rum 404", PROGRAMME), copy=None),
        case(page("Sidan 404 i protokollet", "Protokoll", PROGRAMME), copy=None),
        case(page("Flyttade mottagningar", "Flyttade mottagningar", PROGRAMME), copy=None),
        case(page("Hittegods: borttappat och upphittat", "Hittegods", PROGRAMME + " Sidan finns inte."), copy=None),
        case(page("Tre butiker har lagts ned", "Tre butiker har lagts ned", PROGRAMME), copy=None),
        case(page(body=PROGRAMME, kind=PageKind.PDF), copy=None),
        case(page(kind=PageKind.OTHER, full_text=""), copy=None),
        case(page("Regionalt serviceprogram", "Regionalt serviceprogram", PROGRAMME, noindex=True)),
        case(page("Regionalt serviceprogram", "Regionalt serviceprogram", PROGRAMME, canonical=HOME)),
    ],
)
def test_it_asks_nothing_of_a_healthy_page(asked: Case) -> None:
    said, needs = play(asked)
    assert (said.code, said.saw_page, needs) == (Code.OK, True, [])


def test_it_says_when_there_is_no_approved_copy() -> None:
    said, _ = play(case(copy=None))
    assert said.evidence["approved_copy"] is False


# ---------------------------------------------------------------- not modified


@pytest.mark.parametrize(
    ("to", "by", "expected"),
    [
        (None, 301, ("ok", None)),
        (f"{URL}/", 301, ("redirected", "trivial")),
        (NEW, 302, ("redirected", "temporary")),
        (NEW, 301, ("moved", None)),
    ],
)
def test_it_judges_only_the_way_of_an_unchanged_page(to: str | None, by: int, expected: tuple[str, str | None]) -> None:
    said, needs = play(case(None, 304, to=to, by=by))
    assert ((said.code.value, said.reason), said.rule, said.saw_page, needs) == (expected, "not_modified", True, [])


def test_it_notices_new_year_on_an_unchanged_page() -> None:
    ends = page("Serviceprogram 2020–2025", "Serviceprogram 2020–2025", PROGRAMME)
    assert found(case(None, 304, copy=ends, now=datetime(2025, 12, 31, tzinfo=UTC)))[0] == "ok"
    assert found(case(None, 304, copy=ends)) == ("outdated", "period_over")


# ---------------------------------------------------------------- redirects


@pytest.mark.parametrize(
    ("url", "to", "by", "expected"),
    [
        ("http://www.region.example/a/b", "https://www.region.example/a/b", 301, ("redirected", "trivial")),
        (URL, URL + "/", 301, ("redirected", "trivial")),
        (URL, URL.replace("www.", ""), 308, ("redirected", "trivial")),
        (URL, URL + "?cookietest=1", 302, ("redirected", "trivial")),
        (URL, NEW, 302, ("redirected", "temporary")),
        (URL, NEW, 307, ("redirected", "temporary")),
        (URL, NEW, 301, ("moved", None)),
        (URL, NEW, 308, ("moved", None)),
        (URL, "https://www.annan.example/", 301, ("moved", None)),
    ],
)
def test_it_tells_a_move_from_a_detour(url: str, to: str, by: int, expected: tuple[str, str | None]) -> None:
    said, needs = play(case(url=url, to=to, by=by))
    assert ((said.code.value, said.reason), said.saw_page, needs) == (expected, True, [])


def test_it_suggests_where_the_content_went() -> None:
    said, _ = play(case(to=NEW))
    assert said.suggestion is not None
    assert (said.suggestion.url, said.suggestion.score) == (NEW, 1.0)


def test_it_takes_a_chain_as_temporary_if_one_step_is() -> None:
    hops = (Hop(url=URL, status=301, location="/x"), Hop(url="https://www.region.example/x", status=302, location=NEW))
    assert found(case(final_url=NEW, hops=hops)) == ("redirected", "temporary")
    https = (Hop(url=URL.replace("https", "http"), status=302, location=URL), Hop(url=URL, status=301, location=NEW))
    assert found(case(url=URL.replace("https", "http"), final_url=NEW, hops=https)) == ("moved", None)


@pytest.mark.parametrize("by", [301, 302])
@pytest.mark.parametrize("to", [HOME, f"{HOME}sv/", f"{HOME}start", f"{HOME}landsbygd", "https://annan.example/"])
def test_it_sees_that_every_unknown_address_ends_at_a_front_page(to: str, by: int) -> None:
    said, needs = play(case(FRONT, to=to, by=by), sibling=answer(FRONT, to=to, by=by))
    assert (said.code, len(needs)) == (Code.MOVED_TO_HOME, 1)


def test_it_sees_that_without_a_copy_too() -> None:
    assert found(case(FRONT, copy=None, to=HOME), sibling=answer(FRONT, to=HOME))[0] == "moved_to_home"


@pytest.mark.parametrize(("to", "reason"), [(HOME, "front_page"), (f"{HOME}landsbygd", "hub_page")])
def test_it_says_whether_it_was_a_front_page_or_a_hub(to: str, reason: str) -> None:
    assert found(case(FRONT, to=to), sibling=answer(FRONT, to=to)) == ("moved_to_home", reason)


def test_it_believes_other_links_that_end_there() -> None:
    said, needs = play(case(FRONT, to=HOME, others_ending_here=2))
    assert (said.code, needs) == (Code.MOVED_TO_HOME, [])


def test_it_calls_a_redirect_to_another_subject_replaced() -> None:
    words = PROGRAMME.split()
    other = page("Konserthuset", "Konserthuset", " ".join(words[: len(words) // 5] + OTHER.split()))
    assert found(case(other, to=f"{HOME}kultur/a/konserthuset.html"))[0] == "replaced"
    assert found(case(other))[0] == "changed"


def test_it_sees_a_single_page_that_was_sent_home() -> None:
    said, needs = play(case(FRONT, to=HOME), sibling=GONE)
    assert (said.code, [need.ask for need in needs]) == (Code.MOVED_TO_HOME, [Ask.SIBLING, Ask.AGAIN])


def test_it_says_no_more_than_it_knows_of_a_redirect_on_the_first_visit() -> None:
    """Without a copy nothing can be compared: a page sent to a front page is not learnt, nor called broken."""
    said, _ = play(case(FRONT, copy=None, to=HOME), sibling=GONE)
    assert (said.code, said.reason, said.saw_page) == (Code.REDIRECTED, "unrecognised", False)
    said, _ = play(case(ELSEWHERE, copy=None, to=NEW), sibling=GONE)
    assert (said.code, said.reason, said.saw_page) == (Code.REDIRECTED, "unrecognised", True)


def test_it_calls_a_first_visit_moved_where_the_name_went_along() -> None:
    same_file = "https://ny.example/utveckling/regionalt-serviceprogram"
    assert found(case(GOOD, copy=None, to=same_file))[0] == "moved"
    assert found(case(GOOD, copy=None, to=NEW), sibling=GONE)[0] == "moved"  # the heading bears the old name
    assert found(case(GOOD, copy=None, to=same_file, by=302)) == ("redirected", "temporary")


def test_it_leaves_front_pages_alone() -> None:
    assert found(case(FRONT, copy=None, url=HOME, to=f"{HOME}sv/", by=302))[0] == "redirected"
    assert found(case(FRONT, copy=FRONT, url=HOME, to="https://ny.example/"))[0] == "moved"


def test_it_does_not_believe_probes_that_failed() -> None:
    said, _ = play(case(FRONT, copy=None, to=HOME), sibling=FAILS)
    assert said.severity is not Severity.BROKEN


ERROR_PAGES = [
    f"{HOME}404",
    f"{HOME}404.html",
    f"{HOME}sidan-finns-inte",
    f"{HOME}sv/sidan-hittades-inte.html",
    f"{HOME}error/page-not-found",
    f"{HOME}fel?aspxerrorpath=/a/b.aspx",
    f"{HOME}Templates/PageNotFound.aspx?404;http://www.region.example:80/a",
    f"{HOME}sok?q=regionalt+serviceprogram",
    f"{HOME}search/?query=x",
]


@pytest.mark.parametrize("to", ERROR_PAGES)
@pytest.mark.parametrize("copy", [GOOD, None])
def test_it_calls_a_redirect_to_an_error_or_search_page_soft_404(to: str, copy: Page | None) -> None:
    shown = page("Region Exempel", "Hoppsan", "Sökresultat. Prova att söka efter något annat eller gå till start.")
    other = lambda url: (visit(url, 200, to=to.partition("?")[0], by=302), shown)  # noqa: E731
    said, _ = play(case(shown, copy=copy, to=to, by=302), sibling=other)
    assert said.code is Code.SOFT_404


# ---------------------------------------------------------------- pages that only send on


def _sends_on(to: str, words: str = "Du skickas vidare.", seconds: float = 0.0) -> Page:
    return page("Flyttad", None, words, refresh=(seconds, to))


def test_it_follows_a_page_that_only_sends_on() -> None:
    said, needs = play(case(_sends_on(NEW)), again=answer(GOOD))
    assert (said.code, said.suggestion and said.suggestion.url) == (Code.MOVED, NEW)
    assert [(need.ask, need.urls) for need in needs] == [(Ask.AGAIN, (NEW,))]


def test_it_follows_a_script_of_one_line() -> None:
    stub = page(None, None, "", scripts=1, full_text="")
    script = b"<html><script>window.location.href = '/ny/plats/service-2030.html';</script></html>"
    assert found(case(stub, body=script), again=answer(GOOD))[0] == "moved"


def test_it_sees_a_door_behind_a_refresh() -> None:
    assert found(case(_sends_on("https://idp.example/saml2/x")), again=answer(LOGIN_PAGE))[0] == "login_required"


def test_it_sees_a_missing_page_behind_a_refresh() -> None:
    assert found(case(_sends_on(NEW)), again=answer(NOT_FOUND, 404))[0] == "not_found"


def test_it_sees_that_every_address_is_sent_home_by_refresh() -> None:
    stub = _sends_on(HOME)
    web = lambda url: (visit(url), FRONT if url == HOME else stub)  # noqa: E731
    said, needs = play(case(stub), again=web, sibling=web)
    assert (said.code, len(needs)) == (Code.MOVED_TO_HOME, 2)


@pytest.mark.parametrize(
    "text",
    [
        "Sidan har flyttats. Ny adress finns här.",
        "Den här sidan har flyttat till en ny adress.",
        "This page has moved to a new address.",
        "Siden er flyttet. Gå til den nye siden.",
    ],
)
def test_it_reads_where_a_notice_says_that_the_page_went(text: str) -> None:
    said, _ = play(case(page("Region", "Flyttad sida", text, links=(NEW, HOME))), again=answer(GOOD))
    assert (said.code, said.suggestion and said.suggestion.url) == (Code.MOVED, NEW)


def test_it_does_not_follow_a_notice_to_something_else() -> None:
    told = page("Sidan har flyttats", "Sidan har flyttats", "Sidan har flyttats. Prova sajtkartan.", links=(NEW,))
    web = lambda url: (visit(url), ELSEWHERE if url == NEW else told)  # noqa: E731
    said, needs = play(case(told), again=web)
    assert said.code is Code.SOFT_404
    assert sum(len(need.urls) for need in needs) <= 3


def test_it_does_not_follow_a_page_that_reloads_itself() -> None:
    assert found(case(page("Region", "Regionalt serviceprogram", PROGRAMME, refresh=(30.0, URL))))[0] == "ok"


def test_it_ends_where_two_pages_send_to_each_other() -> None:
    web = lambda url: (visit(url), _sends_on(NEW if url == URL else URL))  # noqa: E731
    said, _ = play(case(_sends_on(NEW)), again=web, sibling=web)
    assert said.code is not Code.OK


# ---------------------------------------------------------------- parked


FOR_SALE = page("region.example is for sale", "region.example", "This domain may be for sale by its owner!")


def test_it_wants_two_signals_for_a_parked_domain() -> None:
    assert found(case(FOR_SALE))[0] == "parked"  # the words, and nothing left of the copy
    said, needs = play(case(FOR_SALE, copy=None), sibling=answer(FOR_SALE))
    assert (said.code, [len(need.urls) for need in needs]) == (Code.PARKED, [1])
    assert found(case(FOR_SALE, copy=None), sibling=GONE)[0] != "parked"


def test_it_sees_a_domain_that_leads_to_a_seller() -> None:
    to = "https://www.hugedomains.com/domain_profile.cfm?d=region.example"
    assert found(case(page("Buy", "Region.example", "Buy now"), to=to, by=302))[0] == "parked"


def test_it_does_not_take_an_article_about_domains_for_parking() -> None:
    article = page("Så köper du en domän till salu", "Domän till salu?", PROGRAMME + OTHER)
    assert found(case(article, copy=None))[0] == "ok"


# ---------------------------------------------------------------- soft 404


def test_it_believes_a_title_and_a_heading_twice() -> None:
    said, needs = play(case(NOT_FOUND))
    assert (said.code, [need.ask for need in needs]) == (Code.SOFT_404, [Ask.AGAIN])
    assert said.evidence["signs"] == ["title", "h1", "short_text"][: len(said.evidence["signs"])]


TEASERS = " ".join(f"Populär sida nummer {n} om länets liv och arbete med mera." for n in range(40))
QUIET = page("Region Exempel", "Populära sidor", TEASERS)


@pytest.mark.parametrize("copy", [GOOD, None])
def test_it_believes_that_a_page_is_the_one_for_missing_pages(copy: Page | None) -> None:
    shown = page("Region Exempel", "Hoppsan", "Här har du några tips. Pröva sök eller gå till startsidan i stället.")
    said, needs = play(case(shown, copy=copy), sibling=answer(shown))
    assert (said.code, said.evidence["probe"]) == (Code.SOFT_404, "heading" if copy else "text")
    assert [(need.ask, len(need.urls)) for need in needs] == [(Ask.SIBLING, 2), (Ask.AGAIN, 1)]


def test_it_believes_it_of_a_long_page_without_any_such_words() -> None:
    assert found(case(QUIET), sibling=answer(QUIET))[0] == "soft_404"


def test_it_overlooks_an_echoed_address() -> None:
    def echo(url: str) -> Page:
        return page("Ingen träff", url, f"Du sökte {url} den 3 maj 2026 kl. 12:04.")

    said, _ = play(case(echo(URL)), sibling=lambda url: (visit(url), echo(url)))
    assert said.code is Code.SOFT_404


def test_it_overlooks_news_on_the_pages_for_missing_pages() -> None:
    def shown(n: int) -> Page:
        news = " ".join(f"Nyhet {k} av {n} handlar om ämne {chr(97 + (k * n) % 26) * 5}." for k in range(4))
        return page("Region Exempel", "Kunde detta vara något?", f"{TEASERS[:900]} {news}")

    said, _ = play(case(shown(1)), sibling=lambda url: (visit(url), shown(sum(map(ord, url)) % 7 + 2)))
    assert said.code is Code.SOFT_404


def test_it_knows_the_heading_of_missing_pages_over_any_news() -> None:
    def shown(n: int) -> Page:
        return page(
            "Region Exempel",
            "Nyheter",
            " ".join(f"Nytt {n * k} om {chr(97 + (n * k) % 26) * 4} i dag." for k in range(30)),
        )

    said, _ = play(case(shown(1)), sibling=lambda url: (visit(url), shown(sum(map(ord, url)) % 50)))
    assert (said.code, said.evidence["probe"]) == (Code.SOFT_404, "heading")


def test_it_does_not_take_a_short_page_under_a_huge_menu_for_missing() -> None:
    menu = " ".join(f"Område {chr(97 + n % 26)}{chr(97 + n // 26)} och dess delar" for n in range(300))
    short = page(
        "Region Exempel",
        None,
        f"{menu} Vägen till gruvan är öppen i sommar, med guide varje lördag och söndag klockan elva.",
    )
    other = page(
        "Region Exempel", None, f"{menu} Vi har ingen sådan sida att visa just nu tyvärr, kära besökare, men prova sök."
    )
    long_ago = page("Region Exempel", None, PROGRAMME)
    assert found(case(short, copy=long_ago), sibling=answer(other))[0] != "soft_404"


def test_it_drops_the_probe_where_missing_pages_are_answered_404() -> None:
    assert found(case(QUIET), sibling=answer(QUIET, 404)) == ("replaced", "content_gone")


def test_it_says_nothing_on_a_probe_that_met_a_wall() -> None:
    walled = answer(CHALLENGE, 200, headers={"cf-mitigated": "challenge"})
    shown = page("Region", "Välkommen", "En kort text om regionen.")
    assert found(case(shown, copy=None), sibling=walled)[0] == "ok"
    assert found(case(shown, copy=None), sibling=FAILS)[0] == "ok"


def test_it_takes_one_sign_alone_for_none() -> None:
    assert found(case(page("Sidan hittades inte – handbok", "Handbok", PROGRAMME), copy=None))[0] == "ok"
    assert found(case(page("Region", "Kort", "En kort text.", noindex=True), copy=None))[0] == "ok"
    assert found(case(page("Region", "Kort", "En kort text.", noindex=True, canonical=HOME), copy=None))[0] == "ok"


def test_it_never_calls_a_front_page_soft_404() -> None:
    assert found(case(NOT_FOUND, copy=None, url=HOME), sibling=answer(NOT_FOUND))[0] == "ok"


def test_it_does_not_call_an_article_about_missing_pages_missing() -> None:
    article = page("Sidan hittades inte", "Sidan hittades inte", PROGRAMME)
    assert found(case(article, copy=None), sibling=GONE)[0] == "ok"
    assert found(case(article, copy=article))[0] == "ok"


def test_it_sees_a_missing_page_although_its_menu_was_learnt_with_the_copy() -> None:
    menu = " ".join(f"Meny {n} under rubriken {n * 3}" for n in range(40))
    short = page("Serviceprogram", "Serviceprogram", f"{menu} {PROGRAMME[:200]}")
    lost = page("Sidan kunde inte hittas", "Sidan kunde inte hittas", menu)
    assert found(case(lost, copy=short), sibling=answer(lost))[0] == "soft_404"


def test_it_waits_for_a_second_fetch_that_finds_the_same() -> None:
    said, _ = play(case(NOT_FOUND), again=answer(GOOD))
    assert (said.code, said.saw_page) == (Code.OK, False)  # what the shell holds is the first answer: never learnt
    assert found(case(NOT_FOUND), again=answer(NOT_FOUND, 404)) == ("soft_404", "phrase_in_title")
    for says_nothing in (FAILS, answer(NOTHING, 503), answer(CHALLENGE, 200, headers={"cf-mitigated": "challenge"})):
        assert found(case(NOT_FOUND), again=says_nothing) == ("inconclusive", "unconfirmed")


def test_it_does_not_confirm_by_a_different_page() -> None:
    said, _ = play(case(NOT_FOUND, copy=None), again=answer(ELSEWHERE))
    assert (said.code, said.saw_page) == (Code.OK, False)


NEWS = "https://www.tidningen.example/artikel/73f2a9/butiken-i-granhult-oppnar-igen"
OPENS = page("Butiken i Granhult öppnar igen", "Butiken i Granhult öppnar igen", "Butiken öppnar i vår.")


def test_it_asks_by_another_identifier_where_names_are_only_for_show() -> None:
    _, needs = play(case(OPENS, copy=None, url=NEWS))
    assert [need.ask for need in needs] == [Ask.SIBLING]
    assert not any("73f2a9" in url for url in needs[0].urls)


def test_it_knows_its_own_page_at_an_address_that_cannot_exist() -> None:
    """Some systems show a page at any address that begins like its own: that is not their page for missing ones."""
    own = NEWS.replace("73f2a9", "nyheter")
    assert found(case(OPENS, copy=None, url=own), sibling=answer(OPENS))[0] == "ok"
    renamed = page("Handlarn", "Handlarn", "Kort text.", canonical=own)
    assert found(case(renamed, copy=None, url=own), sibling=answer(renamed))[0] == "ok"
    back = lambda url: (visit(url, to=own), renamed)  # noqa: E731
    assert found(case(renamed, copy=None, url=own), sibling=back)[0] == "ok"


def test_it_sees_a_search_page_that_robots_may_not_read() -> None:
    search = f"{HOME}sok?q=regionalt"
    forbidden = answer(None, to=f"{HOME}sok?q=x", by=302, fault=(FaultKind.ROBOTS, "robots"))
    asked = case(None, to=search, by=302, fault=(FaultKind.ROBOTS, "robots"))
    assert found(asked, sibling=forbidden) == ("soft_404", "same_as_missing")
    assert found(asked, sibling=GONE) == ("robots_disallowed", "robots")
    assert found(asked, sibling=forbidden, again=FAILS) == ("robots_disallowed", "robots")


# ---------------------------------------------------------------- unreadable


SHELL = page("Region", None, "", scripts=3, full_text="You need to enable JavaScript to run this app.")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (case(SHELL), "script_shell"),
        (case(SHELL, copy=None), "script_shell"),
        (case(page(None, None, "", full_text="", scripts=9), copy=None), "script_shell"),
        (case(NOTHING), "empty"),
        (case(None), "empty"),
        (case(page(kind=PageKind.EMPTY, full_text="")), "empty"),
        (case(page(kind=PageKind.PDF, fault="pdf_damaged", full_text="")), "pdf_damaged"),
        (case(page(kind=PageKind.PDF, full_text="")), "no_text"),
        (case(page(kind=PageKind.OTHER, full_text="")), "unsupported_file"),
        (case(page(kind=PageKind.TEXT, fault="undecodable", full_text="")), "undecodable"),
        (case(ELSEWHERE, complete=False, cut="body_too_large"), "body_too_large"),
        (case(NOT_FOUND, complete=False), "ended_early"),
        (case(page("Underhåll", "Underhåll pågår", "Vi är snart tillbaka.")), "maintenance"),
        (case(page("Region", "Webbplatsen är tillfälligt stängd", "Vi uppdaterar webbplatsen.")), "maintenance"),
        (case(page("Site maintenance", "We'll be back soon", ""), copy=None), "maintenance"),
        (case(page("Fel", "Ett fel har inträffat", "Försök igen senare.")), "error_page"),
        (case(replace(QUIET, scripts=2), twins=2), "script_shell"),
    ],
)
def test_it_says_why_nothing_can_be_judged(asked: Case, reason: str) -> None:
    assert found(asked) == ("unreadable", reason)


def test_it_reads_what_it_can_of_a_file_that_was_cut() -> None:
    assert found(case(GOOD, complete=False, cut="body_too_large"))[0] == "ok"


def test_it_judges_office_files_by_status_and_type() -> None:
    document = page(kind=PageKind.OTHER, full_text="")
    assert found(case(document, copy=document)) == ("ok", None)
    assert found(case(document, copy=document, to=f"{HOME}filer/nya/regionalt-serviceprogram.docx")) == ("moved", None)


def test_it_does_not_call_a_shell_missing_because_all_shells_are_alike() -> None:
    assert found(case(SHELL, copy=None), sibling=answer(SHELL))[0] == "unreadable"


def test_it_believes_a_shell_whose_title_says_so() -> None:
    lost = page("Sidan hittades inte", None, "", scripts=3, full_text="")
    assert found(case(lost), sibling=answer(lost))[0] == "soft_404"


# ---------------------------------------------------------------- closed, replaced, changed


@pytest.mark.parametrize(
    ("shown", "url", "copy", "expected"),
    [
        (page("Regionförbundet", "Regionförbundet har avvecklats", "Läs mer hos regionen."), URL, GOOD, "closed_down"),
        (page("Regionförbundet", "Regionförbundet i Kalmar län har avvecklats", ""), HOME, GOOD, "closed_down"),
        (
            page("Kalmar", "Välkommen", "Regionförbundet har avvecklats. Sidan uppdateras inte."),
            HOME,
            None,
            "closed_down",
        ),
        (page("Webbplatsen har stängts", None, "Webbplatsen har stängts."), URL, None, "closed_down"),
        (
            page("Welcome to nginx!", "Welcome to nginx!", "If you see this page, nginx works."),
            URL,
            GOOD,
            "default_page",
        ),
        (page("IIS Windows Server", None, ""), HOME, None, "default_page"),
        (page("Apache2 Ubuntu Default Page: It works", None, "It works!"), URL, None, "default_page"),
        (ELSEWHERE, URL, GOOD, "content_gone"),
    ],
)
def test_it_says_how_the_content_went(shown: Page, url: str, copy: Page | None, expected: str) -> None:
    said, needs = play(case(shown, url=url, copy=copy))
    assert (said.code, said.reason) == (Code.REPLACED, expected)
    assert needs[-1].ask is Ask.AGAIN


@pytest.mark.parametrize(
    "shown",
    [
        page("Nyheter", "Butiken i Granhult har lagts ned", "Butiken i byn har lagts ned efter hundra år."),
        page("Nyheter", "Vårdcentralen har stängts", "Vårdcentralen har stängts för renovering."),
        page("Nyheter", "Myndigheten har lagts ned", "En tidning skriver att myndigheten har lagts ned."),
        page("Projekt", "Projektet har avslutats", "Projektet har avslutats och resultaten finns i rapporten."),
    ],
)
def test_it_does_not_take_news_of_closures_for_its_own(shown: Page) -> None:
    assert found(case(shown, copy=None))[0] == "ok"


def _keeping(share: float) -> Page:
    words, others = PROGRAMME.split(), OTHER.split()
    kept = round(len(words) * share)
    return page("Service", "Service", " ".join(words[:kept] + others[: len(words) - kept]))


@pytest.mark.parametrize(
    ("share", "expected"), [(1.0, "ok"), (0.7, "ok"), (0.4, "changed"), (0.15, "changed"), (0.0, "replaced")]
)
def test_it_measures_drift(share: float, expected: str) -> None:
    assert found(case(_keeping(share)))[0] == expected


def test_it_calls_a_page_replaced_that_lost_seven_words_in_ten() -> None:
    few = page("Service", "Service", " ".join(PROGRAMME.split()[:70]))
    assert found(case(few))[0] == "replaced"


def test_it_calls_new_sentences_under_the_same_heading_a_change() -> None:
    rewritten = page(GOOD.title, GOOD.h1, OTHER)
    assert found(case(rewritten), sibling=GONE) == ("changed", "rewritten")
    assert found(case(rewritten), sibling=FAILS)[0] == "changed"
    same_on_all = answer(page(GOOD.title, GOOD.h1, TEASERS))
    assert found(case(rewritten), sibling=same_on_all)[0] == "replaced"


def test_it_knows_the_next_programme_at_the_same_address() -> None:
    old = page("Serviceprogram 2014–2020 | Region", "Regionalt serviceprogram 2014–2020", PROGRAMME)
    new = page("Serviceprogram 2023–2030 | Region", "Regionalt serviceprogram 2023–2030", OTHER)
    said, needs = play(case(new, copy=old))
    assert (said.code, said.reason, said.saw_page, needs) == (Code.CHANGED, "next_period", True, [])
    assert found(case(new, copy=old, to=NEW)) == ("moved", "next_period")


def test_it_waits_for_a_second_fetch_before_it_calls_a_page_replaced() -> None:
    assert found(case(ELSEWHERE), again=answer(GOOD)) == ("ok", None)
    assert found(case(ELSEWHERE), again=FAILS) == ("inconclusive", "unconfirmed")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (page("Länkar", "Länkar", "Här är våra länkar.", links=(f"{HOME}a", f"{HOME}b")), "ok"),
        (page("Länkar", "Länkar", "Se länkarna nedan.", links=(f"{HOME}a", f"{HOME}c")), "changed"),
        (page("Konserter", "Konserter", "Biljetter säljs vid kassan varje kväll.", links=(f"{HOME}x",)), "replaced"),
    ],
)
def test_it_compares_short_pages_by_words_headings_and_links(shown: Page, expected: str) -> None:
    short = page("Länkar", "Länkar", "Här är våra länkar.", links=(f"{HOME}a", f"{HOME}b"))
    assert found(case(shown, copy=short))[0] == expected


# ---------------------------------------------------------------- outdated


@pytest.mark.parametrize(
    ("heading", "more", "expected"),
    [
        ("Serviceprogram 2014–2020", "", "outdated"),
        ("Serviceprogram 2014-20", "", "outdated"),
        ("Serviceprogram 2014 till 2020", "", "outdated"),
        ("Serviceprogram 2023–2030", "", "ok"),
        ("Serviceprogram 2022–2026", "", "ok"),
        ("Serviceprogram 2014–2020", "Nu gäller programmet för 2023–2030.", "ok"),
        ("Serviceprogram 2014–2020", "Programmet har förlängts till och med 2027.", "ok"),
        ("Utvärdering av serviceprogrammet 2014–2020", "", "ok"),
        ("Bygdens historia 1909–2009", "", "ok"),
        ("Möte 2019-06", "", "ok"),
        ("Ring 2014-2020-33", "", "ok"),
    ],
)
def test_it_sees_that_a_period_is_over(heading: str, more: str, expected: str) -> None:
    shown = page(f"{heading} | Region", heading, f"{PROGRAMME} {more}")
    assert found(case(shown, copy=shown))[0] == expected


@pytest.mark.parametrize(
    ("years", "expected"), [(1, ("ok", None)), (6, ("outdated", "last_modified")), (56, ("ok", None))]
)
def test_it_sees_that_a_page_was_last_modified_long_ago(years: int, expected: tuple[str, str | None]) -> None:
    modified = NOW - timedelta(days=365.25 * years)
    shown = page(GOOD.title, GOOD.h1, PROGRAMME, last_modified=modified, last_modified_from="header")
    assert found(case(shown)) == expected


# ---------------------------------------------------------------- laws


PAGES = st.sampled_from(
    [GOOD, ELSEWHERE, NOT_FOUND, FRONT, LOGIN_PAGE, CHALLENGE, SHELL, NOTHING, FOR_SALE, QUIET, _sends_on(NEW), None]
)
STATUSES = st.sampled_from([200, 200, 200, 202, 204, 304, 403, 404, 500])
TARGETS = st.sampled_from([None, HOME, NEW, f"{HOME}404", "https://login.microsoftonline.com/x"])
REPLIES = st.tuples(PAGES, STATUSES, TARGETS)


@given(
    shown=REPLIES,
    copy=st.sampled_from([GOOD, None, page("Kort", "Kort", "Kort text.")]),
    url=st.sampled_from([URL, HOME]),
    probe=REPLIES,
    second=REPLIES,
)
def test_it_always_ends_in_a_verdict_within_three_requests(shown, copy, url, probe, second) -> None:  # type: ignore[no-untyped-def]  # drawn
    web = [answer(p, status, to=to) for p, status, to in (probe, second)]
    seen, status, to = shown
    said, needs = play(case(seen, status, copy=copy, url=url, to=to), sibling=web[0], root=web[0], again=web[1])
    assert isinstance(said, Verdict)
    assert sum(len(need.urls) for need in needs) <= 3


@given(shown=REPLIES, url=st.sampled_from([URL, HOME]))
def test_it_never_calls_a_page_broken_because_its_probes_failed(shown, url) -> None:  # type: ignore[no-untyped-def]  # drawn
    seen, status, to = shown
    asked = case(seen, status, url=url, to=to)
    said, needs = play(asked, sibling=FAILS, root=FAILS, again=FAILS, untrusted=FAILS)
    if needs and not any(rule in said.rule for rule in ("parked", "status")):
        assert said.severity is not Severity.BROKEN


@given(body=st.binary(max_size=3_000), title=st.text(max_size=300), words=st.text(max_size=2_000))
def test_it_survives_anything_that_is_written(body: bytes, title: str, words: str) -> None:
    said, _ = play(case(page(title, title, words, full_text=words), body=body))
    assert said.rule


def test_it_names_every_rule_once() -> None:
    assert len({rule.__name__ for rule in RULES}) == len(RULES)
    names = [rule.__name__ for rule in RULES]
    order = ["our_side", "wall", "login", "transport", "status", "moved", "parking", "soft_404", "drifted", "well"]
    assert all(names.index(a) < names.index(b) for a, b in pairwise(order))


def test_it_answers_without_a_probe_that_was_not_asked_for() -> None:
    assert classify(case()) == classify(case())
    assert NAV in (GOOD.full_text or "")
    assert copy_of(GOOD).shingle_count > 0
