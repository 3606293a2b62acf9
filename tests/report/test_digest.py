import re
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from bs4 import BeautifulSoup, Comment

from linkwatch.core import fingerprint
from linkwatch.core.digest import digest
from linkwatch.core.digest_records import Told
from linkwatch.core.due import Every, Rhythm
from linkwatch.core.models import Belief, Code, LinkView, Severity, Snapshot, State, Transition
from linkwatch.core.outbox import Content, mark
from linkwatch.core.reviews import Action, Review
from linkwatch.core.subscribers import Only
from linkwatch.locale import LANGUAGES, Words
from linkwatch.report.digest import LARGEST_HTML, MOST_NEW, MOST_NEW_TEXT, MOST_OPEN, Writer
from linkwatch.report.reading import Reading
from tests.report import hostile
from tests.report.sample import NOW, ago, belief, incident, run, sample, shared, source, view, well

DESK = "https://lankar.example/"
EVERYTHING = Only()

both = pytest.mark.parametrize("language", LANGUAGES)


def writer(language: str = "sv", desk: str | None = DESK, *, site: str = "Serviceprogram", **rest: bool) -> Writer:
    reading = Reading(words=Words(language), timezone="Europe/Stockholm", now=NOW)
    return Writer(reading, site=site, desk=desk, answers=rest.pop("answers", True), **rest)


def content(
    *links: LinkView,
    told: Told | None = Told(),  # noqa: B008  (frozen)
    only: Only = EVERYTHING,
    rhythm: Rhythm = Rhythm(),  # noqa: B008  (frozen)
    always: bool = False,
    listings: tuple[LinkView, ...] = (),
    by: Writer | None = None,
) -> Content:
    snapshot = Snapshot(generated_at=NOW, run=run(), links=links, listings=listings)
    at = ago(days=7) if told else None
    made = digest(snapshot, only=only, told=told, told_at=at, rhythm=rhythm, always=always, now=NOW)
    return (by or writer()).content(made)


def as_told(*links: LinkView) -> Told:
    return Told(findings={link.source.id: fingerprint.of(link) for link in links})


def link(state: State, code: Code, letter: str = "K", *, days: float = 3, **rest: Any) -> LinkView:
    return view(source(letter, **rest.pop("about", {})), belief(state, code, days=days, **rest.pop("seen", {})), **rest)


def answered(one: LinkView, action: Action, until: datetime | None = None, **details: Any) -> LinkView:
    said = Review(id=1, link_id=one.source.id, at=ago(days=2), who="Karin", action=action, until=until, details=details)
    return replace(one, reviews=(*one.reviews, said))


def many(n: int) -> list[LinkView]:
    """Findings of ten owners, in every state."""
    kinds = ((State.BROKEN, Code.NOT_FOUND), (State.MOVED, Code.MOVED), (State.ATTENTION, Code.CHANGED))
    return [
        link(
            *kinds[number % 3],
            about={"id": f"sida-{number}", "name": f"Sida {number}", "owner": f"Region {number % 10}"},
        )
        for number in range(n)
    ]


BROKEN = link(State.BROKEN, Code.NOT_FOUND)
MOVED = link(State.MOVED, Code.MOVED, "Z")
CHANGED = link(State.ATTENTION, Code.CHANGED, "X")
WELL = well("C")
BLOCKED = link(State.UNVERIFIABLE, Code.BLOCKED, "O", days=33, seen={"reason": "cloudflare"})
OLD = well("I")
OLD = replace(OLD, belief=replace(OLD.belief, checked_at=ago(days=9)))
REDIRECTED = link(State.ATTENTION, Code.REDIRECTED, "D")
OURS = view(source("K", id="listing:ours", name="ours"), belief(State.BROKEN, Code.NOT_FOUND, days=1))


def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "lxml")


# ---------------------------------------------------------------- the subject


@pytest.mark.parametrize(
    ("links", "told", "subject"),
    [
        ((BROKEN, WELL), Told(), "1 ny trasig länk – 2 av 2 kontrollerade"),
        ((BROKEN, WELL), as_told(WELL), "1 ny trasig länk, 1 åtgärdad – 2 av 2 kontrollerade"),
        (
            (BROKEN, MOVED, CHANGED),
            Told(),
            "1 ny trasig länk, 1 ny flyttad länk, 1 ny länk att titta på – 3 av 3 kontrollerade",
        ),
        ((BROKEN, MOVED, CHANGED), None, "1 trasig länk, 1 flyttad länk, 1 länk att titta på – 3 av 3 kontrollerade"),
        ((WELL, REDIRECTED), as_told(WELL, REDIRECTED), "2 åtgärdade länkar – 2 av 2 kontrollerade"),
        ((BROKEN, MOVED, WELL), as_told(BROKEN, MOVED), "2 kvarstår – 3 av 3 kontrollerade"),
        ((WELL,), Told(), "Allt väl – 1 av 1 kontrollerade"),
        ((WELL,), None, "Allt väl – 1 av 1 kontrollerade"),
        ((WELL, OLD), Told(), "1 länk har inte kontrollerats – 1 av 2 kontrollerade"),
        ((BROKEN, OLD), as_told(BROKEN), "1 länk har inte kontrollerats, 1 kvarstår – 1 av 2 kontrollerade"),
        ((BROKEN, OLD), Told(), "1 ny trasig länk – 1 av 2 kontrollerade"),
        ((WELL,), Told(unchecked=True), "Alla länkar kontrolleras igen – 1 av 1 kontrollerade"),
        ((BROKEN,), Told(unchecked=True), "1 ny trasig länk, alla länkar kontrolleras igen – 1 av 1 kontrollerade"),
        ((BLOCKED, WELL), Told(), "1 länk att öppna själv – 2 av 2 kontrollerade"),
        ((), None, "Inget nytt – 0 av 0 kontrollerade"),
    ],
)  # fmt: skip
def test_it_says_in_the_subject_what_there_is(links: tuple[LinkView, ...], told: Told | None, subject: str) -> None:
    assert content(*links, told=told).subject == subject


def test_it_says_it_in_english_too() -> None:
    made = content(BROKEN, WELL, told=as_told(WELL), by=writer("en"))
    assert made.subject == "1 new broken link, 1 fixed – 2 of 2 checked"
    assert made.language == "en"
    assert soup(made.html).html["lang"] == "en"  # type: ignore[index]


def test_it_counts_every_link_of_a_cause_and_our_own_pages_apart() -> None:
    links = shared(State.BROKEN, State.BROKEN, State.BROKEN).links
    assert content(*links).subject.startswith("3 nya trasiga länkar –")
    assert content(WELL, listings=(OURS,)).subject.startswith("1 egen sida att titta på –")


# ---------------------------------------------------------------- what stands in it


def test_it_tells_what_to_do_in_one_line() -> None:
    (found,) = (one for one in sample().links if one.source.id == "blekinge")
    text = content(found).text
    address = "https://www.region-blekinge.example/service-2023-2030"
    assert f"Gör så här: Om det är rätt sida, byt adressen till {address}\n" in text
    (moved,) = (one for one in sample().links if one.source.id == "jamtland")
    new = "https://www.region-jh.example/regionaltserviceprogram20232030"
    made = content(moved)
    assert f"Gör så här: Byt adressen till {new}\n" in made.text
    assert [one["href"] for one in soup(made.html).find_all("a", string=new)] == [new]


def test_it_stands_in_this_order() -> None:
    dates = {"at": ago(days=1), "old": State.BROKEN, "new": State.OK, "verdict": Code.OK, "reason": None}
    mended = replace(link(State.OK, Code.OK, "N", days=1), transitions=(
        Transition(link_id="halland", **dates),
        Transition(link_id="halland", **{**dates, "at": ago(days=4), "new": State.BROKEN}),
    ))  # fmt: skip
    made = content(BROKEN, MOVED, mended, BLOCKED, OLD, told=as_told(MOVED))
    titles = ["Nytt (1)", "Kvarstår (1)", "Åtgärdat (1)", "Har länge inte kunnat kontrolleras (1)",
              "Inte kontrollerat", "Om det här mejlet"]  # fmt: skip
    assert [one.text for one in soup(made.html).find_all("h2")] == titles
    assert re.findall(r"^(.+)\n-{4,}$", made.text, re.MULTILINE) == titles
    assert "- Halland: Hade fel 19–22 november, fungerar nu" in made.text
    blocked = "- Västra Götaland: Släpper inte in kontrollen, sedan 33 dagar (21 oktober 2026)\n"
    assert f"{blocked}  Orsak: webbplatsen skyddas av Cloudflare\n" in made.text
    assert "linkwatch har inte kunnat kontrollera 1 länk sedan 14 november 2026." in made.text


def test_it_says_of_what_is_open_how_old_it_is_who_has_it_and_what_the_owner_knows() -> None:
    mine = answered(BROKEN, Action.ASSIGN, assignee="Bo Ek")
    asked = answered(mine, Action.REPORT, until=ago(days=-4))
    text = content(asked, told=as_told(BROKEN)).text
    for line in (
        "Trasig: sidan hittades inte, sedan 3 dagar",
        "Bo Ek har hand om den.",
        "Ägaren fick veta det av Karin den 21 november 2026. Väntar på svar; påminnelse 27 november 2026.",
    ):
        assert f"\n  {line}\n" in text
    late = answered(BROKEN, Action.SNOOZE, until=ago(hours=1))
    assert "Skulle tas upp igen 23 november 2026." in content(late, told=as_told(BROKEN)).text


def test_it_tells_what_has_one_cause_once_with_each_of_its_links() -> None:
    made = content(*shared(State.BROKEN, State.BROKEN).links)
    assert [one.text for one in soup(made.html).find_all("h4")] == ["2 länkar leder till en startsida"]
    assert f"{DESK}incidents/20261120T130000-kalmar-1" in made.html
    assert [one.link_id for one in made.asked] == ["kalmar-1", "kalmar-2"]
    assert (
        made.text.index("- Kalmar 1\n")
        < made.text.index(mark(1))
        < made.text.index("- Kalmar 2\n")
        < made.text.index(mark(2))
    )


@both
def test_it_explains_itself_the_first_time(language: str) -> None:
    words = Words(language)
    first, then = content(BROKEN, told=None, by=writer(language)), content(BROKEN, by=writer(language))
    week = words.text("mail.digest.every.week", day=words.text("mail.digest.weekday.0"))
    sentence = words.text("mail.digest.first", site="Serviceprogram", rhythm=week)
    assert (sentence in first.text, sentence in first.html, sentence in then.text) == (True, True, False)


@pytest.mark.parametrize(
    ("only", "rhythm", "always", "why"),
    [
        (
            Only(),
            Rhythm(),
            False,
            "Mejlet kommer varje måndag om något har hänt och gäller alla länkar på Serviceprogram.",
        ),
        (Only(), Rhythm(every=Every.DAY), True, "Mejlet kommer varje dag och gäller alla länkar på Serviceprogram."),
        (
            Only(counties=("H", "M"), severities=(Severity.WARNING, Severity.BROKEN)),
            Rhythm(every=Every.MONTH, day=5),
            True,
            "Mejlet kommer den 5 i varje månad och gäller en del av länkarna på Serviceprogram "
            "(län: Kalmar och Skåne; läge: trasigt och flyttat eller osäkert).",
        ),
        (
            Only(owners=tuple(f"Region {n}" for n in range(9)), tags=("skog",)),
            Rhythm(weekday=4),
            True,
            "Mejlet kommer varje fredag och gäller en del av länkarna på Serviceprogram "
            "(ansvariga: Region 0, Region 1, Region 2, Region 3, Region 4 och 4 till; etiketter: skog).",
        ),
    ],
)  # fmt: skip
def test_it_says_why_it_comes(only: Only, rhythm: Rhythm, always: bool, why: str) -> None:
    made = content(told=None, only=only, rhythm=rhythm, always=always)
    assert why in made.text
    assert why in soup(made.html).text


# ---------------------------------------------------------------- the reader's own links


def marks(text: str) -> list[int]:
    return [int(number) for number in re.findall("\x02(\\d+)\x03", text)]


def test_it_asks_of_each_finding_with_a_link_for_each_answer_and_says_how_long_they_work() -> None:
    made = content(BROKEN, MOVED, told=as_told(MOVED))
    assert [(one.link_id, one.fingerprint) for one in made.asked] == [
        ("blekinge", fingerprint.of(BROKEN)), ("jamtland", fingerprint.of(MOVED)),
    ]  # fmt: skip
    hrefs = [one["href"] for one in soup(made.html).find_all("a") if "\x02" in one["href"]]
    assert hrefs == [
        *(f"{mark(1)}?do={action}" for action in ("acknowledge", "snooze")),  # there is no page to be right
        *(f"{mark(2)}?do={action}" for action in ("acknowledge", "approve", "snooze")),
        mark(0),
    ]
    assert marks(made.text) == [1, 2, 0]
    for part in (made.text, made.html):
        assert "fungerar i 30 dagar" in part


@pytest.mark.parametrize(
    ("state", "code", "is_offered"),
    [
        (State.BROKEN, Code.UNREACHABLE, False),
        (State.BROKEN, Code.GONE, False),
        (State.BROKEN, Code.SOFT_404, True),
        (State.ATTENTION, Code.CHANGED, True),
        (State.ATTENTION, Code.TLS_ERROR, True),
    ],
)
def test_it_offers_that_a_page_is_right_where_one_was_seen(state: State, code: Code, is_offered: bool) -> None:
    made = content(link(state, code))
    assert ("Sidan är rätt" in made.html, "sidan är rätt" in made.text) == (is_offered, is_offered)
    assert "Svara (kvittera" in made.text


def test_it_numbers_them_anew_for_each_mail() -> None:
    by = writer()
    assert marks(content(BROKEN, MOVED, by=by).text) == [1, 2, 0]
    alone = content(MOVED, by=by)
    assert (marks(alone.text), [one.link_id for one in alone.asked]) == ([1, 0], ["jamtland"])


def test_it_asks_nothing_where_answers_are_not_taken() -> None:
    made = content(BROKEN, by=writer(answers=False))
    assert (made.asked, marks(made.text), marks(made.html)) == ((), [0], [0])
    assert "30 dagar" not in made.text


@both
@pytest.mark.parametrize("replies", [True, False])
def test_it_is_complete_without_a_desk(language: str, replies: bool) -> None:
    made = content(
        BROKEN, BLOCKED, *shared(State.BROKEN, State.BROKEN).links, by=writer(language, None, replies=replies)
    )
    for part in (made.text, made.html, made.bare):
        assert "\x02" not in part
        assert "None" not in part
        assert "Blekinge" in part
        assert (Words(language).text("mail.digest.reply") in part) is replies
    assert made.asked == ()


# ---------------------------------------------------------------- much of it


FINDINGS = many(500)


@pytest.mark.parametrize(
    "told",
    [None, Told(), as_told(*FINDINGS[::2]), as_told(*FINDINGS)],
    ids=["the first mail", "all new", "half of them new", "none new"],
)
def test_it_stays_small_enough_however_much_there_is(told: Told | None) -> None:
    made = content(*FINDINGS, told=told, always=True)
    address = f"{DESK}mail/answer/{'A' * 190}"
    assert len(re.sub("\x02\\d+\x03", address, made.html).encode()) <= LARGEST_HTML
    html = soup(made.html)
    assert len(html.find_all("h4")) <= MOST_NEW
    assert len(html.find_all("li")) <= MOST_OPEN
    assert len(html.find_all("h4")) + len(html.find_all("li")) >= 30
    left = [one for one in html.find_all("a", href=DESK) if one.text.startswith("Och ")]
    assert left
    assert all(number <= len(made.asked) for number in marks(made.html))
    assert sorted(set(marks(made.text))) == list(range(len(made.asked) + 1))


def test_it_stays_small_enough_however_long_its_names_are() -> None:
    quotes, url = '"' * 300, f"https://e.example/{'y' * 3_000}"
    about = [{"id": f"{n}", "name": quotes, "owner": f"{n}{quotes}", "url": url} for n in range(200)]
    links = [link(State.BROKEN, Code.NOT_FOUND, about=one, seen={"checked_at": None}) for one in about]
    tags = Only(owners=tuple(one["owner"] for one in about))
    made = content(*links, told=as_told(*links[::2]), only=tags, by=writer(site='"' * 300))
    address = f"{DESK}mail/answer/{'A' * 190}"
    assert 60_000 < len(re.sub("\x02\\d+\x03", address, made.html).encode()) <= LARGEST_HTML


def test_it_says_how_many_are_left_out() -> None:
    links = many(MOST_NEW_TEXT + 35)
    made = content(*links)
    assert f"Och 35 länkar till i översikten: {DESK}\n" in made.text
    shown = len(soup(made.html).find_all("h4"))
    assert f"Och {len(links) - shown} länkar till i översikten" in made.html
    alone, left = content(*links, by=writer(desk=None)), len(links) - MOST_NEW
    for part in (alone.text, alone.html, alone.bare):
        assert f"Och {left} länkar till. De kommer med i nästa mejl." in part
    told = content(*links, told=as_told(*links), always=True, by=writer(desk=None)).text
    assert "länkar till." in told
    assert "nästa mejl" not in told


def test_without_a_desk_it_names_everything_sooner_or_later() -> None:
    causes = [replace(one, source=replace(one.source, id=f"s-{n}", name=f"S {n}")) for n in range(25)
              for one in shared(State.BROKEN).links[:1]]  # fmt: skip
    cause = incident(*(one.source.id for one in causes))
    links = [*many(90), *(replace(one, incident=cause) for one in causes)]
    mended = [replace(well("C"), source=source("C", id=f"w-{n}", name=f"W {n}")) for n in range(45)]
    blocked = [replace(BLOCKED, source=source("O", id=f"b-{n}", name=f"B {n}")) for n in range(45)]
    told = Told(findings={one.source.id: "x" for one in mended})
    by, snapshot = writer(desk=None), Snapshot(generated_at=NOW, run=run(), links=(*links, *mended, *blocked))
    heard, mails = set[str](), 0
    while mails < 9:
        made = digest(snapshot, only=EVERYTHING, told=told, told_at=ago(days=1), rhythm=Rhythm(), always=False, now=NOW)
        if not made.is_news:
            break
        written, mails = by.written(made), mails + 1
        assert written.content == by.content(made)
        named = {one.source.name for one in snapshot.links if f"{one.source.name}\n" in written.content.text}
        named |= set(re.findall(r"^- (\w \d+):", written.content.text, re.MULTILINE))
        assert named <= set(re.findall(r"\w+ \d+", soup(written.content.html).text))  # in the one as in the other
        heard, told = heard | named, written.told
    assert heard == {one.source.name for one in snapshot.links}
    assert told.findings.keys() == {one.source.id for one in links}
    assert 2 < mails < 9


def test_with_a_desk_everything_has_been_told() -> None:
    snapshot = Snapshot(generated_at=NOW, run=run(), links=tuple(many(500)))
    made = digest(snapshot, only=EVERYTHING, told=None, told_at=None, rhythm=Rhythm(), always=False, now=NOW)
    assert writer().written(made).told == made.told


# ---------------------------------------------------------------- nothing to tell


def test_it_names_those_that_were_not_checked_and_those_that_never_were() -> None:
    never = view(source("H"), Belief())
    made = content(OLD, never, WELL)
    assert made.subject == "2 länkar har inte kontrollerats – 1 av 3 kontrollerade"
    for part in (made.text, made.html):
        assert "linkwatch har inte kunnat kontrollera 1 länk sedan 14 november 2026." in part
        assert "1 länk har inte hunnit kontrolleras än." in part
    assert made.text.index("Gotland") < made.text.index("inte hunnit") < made.text.index("Kalmar")


@both
def test_it_says_that_no_link_is_followed(language: str) -> None:
    words = Words(language)
    made = content(WELL, only=Only(counties=("H",), owners=("Region Borta",)), by=writer(language))
    for part in (made.text, made.html, made.bare):
        assert "Kalmar" in part
        assert "Region Borta" in part
    assert made.subject.lower().startswith(words.text("mail.digest.count.unmatched"))
    assert words.count("mail.digest.checked", 0, checked="0") not in made.text


def test_it_does_not_say_twice_that_a_page_could_not_be_checked() -> None:
    barred = link(State.UNVERIFIABLE, Code.ROBOTS_DISALLOWED, "O", days=33)
    ours = view(source("K", id="listing:ours"), belief(State.UNVERIFIABLE, Code.ROBOTS_DISALLOWED, days=1))
    made = content(barred, listings=(ours,))
    assert "- Västra Götaland: Får inte kontrolleras (robots.txt), sedan 33 dagar" in made.text
    assert "\n  Får inte kontrolleras (robots.txt), sedan 1 dag" in made.text
    assert "Kunde inte kontrolleras" not in made.text


# ---------------------------------------------------------------- HTML


@both
@pytest.mark.parametrize("told", [None, Told()])
def test_it_needs_nothing_from_elsewhere_and_runs_nothing(language: str, told: Told | None) -> None:
    html = soup(content(*sample().links, *shared(State.BROKEN, State.MOVED).links, told=told, by=writer(language)).html)
    assert {tag.name for tag in html.find_all(True)} <= {
        "html", "head", "meta", "title", "style", "body", "table", "tr", "td", "div", "h1", "h2", "h3", "h4", "p", "ul",
        "li", "a", "b", "bdi", "br", "span",
    }  # fmt: skip
    assert {name for tag in html.find_all(True) for name in tag.attrs} <= {
        "lang", "dir", "charset", "name", "content", "class", "style", "role", "width", "cellpadding", "cellspacing",
        "border", "align", "aria-label", "aria-hidden", "href",
    }  # fmt: skip
    styles = " ".join([html.style.text, *(tag["style"] for tag in html.find_all(style=True))])  # type: ignore[union-attr]
    assert "url(" not in styles
    assert "@import" not in styles
    assert all(table.get("role") == "presentation" for table in html.find_all("table"))
    levels = [int(tag.name[1]) for tag in html.find_all(re.compile("^h[1-4]$"))]
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


LIGHT, DARK = ("#f6f5f2", "#ffffff"), ("#13181a", "#1b2124")


def test_it_can_be_read_in_light_and_in_dark() -> None:
    made = content(*sample().links, told=None).html
    sheet = soup(made).style.text  # type: ignore[union-attr]
    light = set(re.findall(r"[^-]color:(#[0-9a-f]{6})", made))
    dark = set(re.findall(r"[^-]color: (#[0-9a-f]{6})", sheet))
    assert len(light) > 5
    assert len(dark) > 5
    assert [(ink, paper) for ink in light for paper in LIGHT if contrast(ink, paper) < 4.5] == []
    assert [(ink, paper) for ink in dark for paper in DARK if contrast(ink, paper) < 4.5] == []


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# ---------------------------------------------------------------- what others write

TEXTS = (
    "<script>alert(1)</script>", "</title></style><b>", "a\r\nBcc: b@example.org\n\nc", "\u202egnp.exe\u2066",
    mark(0), mark(7) + "?do=approve", "\x02+0\x03", "\x00", "{url} {0.__class__} %s {{ 7 * 7 }}", "} * { display: none",
    "x" * 10_000, '" onclick="alert(1)', "&lt;", "=1+1", "\ud800", "Region  Kalmar\u2028Nytt (9)\n--------",
)  # fmt: skip


def named(text: str) -> tuple[LinkView, ...]:
    """Links in every part of a mail, with that text wherever somebody may have written it."""

    def about(letter: str) -> dict[str, Any]:
        return {"name": text, "owner": text, "contact": text, "tags": (text,), "id": letter}

    broken = link(State.BROKEN, Code.NOT_FOUND, "K", about=about("a"))
    return (
        answered(broken, Action.ASSIGN, assignee=text),
        link(State.ATTENTION, Code.CHANGED, "X", about=about("b")),
        well("C", mended=replace(incident("uppsala"), closed_at=ago(days=1), closed_as="fixed_on_page")),
        link(State.UNVERIFIABLE, Code.BLOCKED, "O", days=33, about=about("d")),
        view(source("I", **about("e")), Belief()),
        *(
            replace(one, source=replace(one.source, name=text, owner=text))
            for one in shared(State.BROKEN, State.BROKEN).links[:2]
        ),
    )


def hostile_mail(text: str) -> Content:
    links = named(text)
    told = Told(findings={"b": fingerprint.of(links[1]), "uppsala": "x"})
    return content(*links, told=told, by=writer(site=text))


def skeleton(html: str) -> list[tuple[str, list[str]]]:
    page = soup(html)
    assert len(page.find_all(string=lambda one: isinstance(one, Comment))) == 3
    return [(tag.name, sorted(tag.attrs)) for tag in page.find_all(True)]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_it_lets_no_text_from_elsewhere_change_its_shape(text: str) -> None:
    made, tame = hostile_mail(text), hostile_mail("Lugn")
    assert skeleton(made.html) == skeleton(tame.html)
    for hostile_part, tame_part in ((made.text, tame.text), (made.bare, tame.bare)):
        assert hostile_part.count("\n") == tame_part.count("\n")
    for part in (made.text, made.html, made.bare, made.subject):
        assert not re.search(
            "[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", re.sub("\x02\\d\x03", "", part)
        )
    for part, calm in ((made.text, tame.text), (made.html, tame.html), (made.bare, tame.bare)):
        assert marks(part) == marks(calm)
    assert made.asked == tame.asked


@pytest.mark.parametrize("told", [None, Told()])
def test_it_holds_with_everything_hostile_at_once(told: Told | None) -> None:
    links = (*hostile.snapshot().links, *hostile.cause().links)
    made = content(*links, told=told)
    html = soup(made.html)
    assert html.find_all(["script", "img", "iframe", "form"]) == []
    assert all(one["href"].startswith(("https://", "http://", "\x02")) for one in html.find_all("a"))
    assert not [tag for tag in html.find_all(True) for name in tag.attrs if name.startswith("on")]
    assert "\n" not in made.subject
    assert len(made.html.encode("utf-8")) <= LARGEST_HTML
    for text in (made.text, made.bare):
        assert not re.search("[\x00-\x09\x0b-\x1f]", re.sub("\x02\\d+\x03", "", text))


def test_it_says_nothing_from_elsewhere_where_nothing_may_be_said() -> None:
    made = content(*sample().links, told=None, by=writer(site="Regional samordning"))
    for link in sample().links:
        suggested = [one.url for one in (link.suggestion, *link.possible) if one]
        for told in (link.source.url, link.facts.title, link.facts.final_url, *suggested):
            assert not told or told not in made.bare
    assert f"- Blekinge: trasig, sedan 3 dagar\n  {DESK}links/blekinge\n" in made.bare
    assert marks(made.bare) == [0]


def test_it_never_takes_one_link_for_another() -> None:
    by = writer()
    for number in range(50):
        one = link(State.BROKEN, Code.NOT_FOUND, days=number + 2, about={"name": f"Sida {number}"})
        assert f"\n* Sida {number}\n  Trasig: sidan hittades inte, sedan {number + 2} dagar" in content(one, by=by).text
