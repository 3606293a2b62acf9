from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from linkwatch.core.models import Code, Incident, LinkView, State, Transition
from linkwatch.core.selection import Selection
from linkwatch.locale import LANGUAGES, Words
from linkwatch.report.feed import LONGEST, Place, atom, incidents_atom
from linkwatch.report.reading import Reading
from tests.report import hostile
from tests.report.sample import NOW, ago, belief, grounds, incident, sample, source, view, well

ATOM = "{http://www.w3.org/2005/Atom}"
PLACE = Place(desk="https://desk.example/", authority="example.se", query="state=broken&owner=Region+Sk%C3%A5ne")
READING = Reading(words=Words("sv"), timezone="Europe/Stockholm", now=NOW)


def told(
    *links: LinkView, states: tuple[State, ...] = (), reading: Reading = READING, title: str = "Länkar"
) -> ET.Element:
    body = atom(links, Selection(states=states), reading, title=title, place=PLACE)
    return ET.fromstring(body)


def titles(feed: ET.Element) -> list[str]:
    return [text(entry, "title") for entry in feed.iter(f"{ATOM}entry")]


def text(element: ET.Element, name: str) -> str:
    return element.findtext(f"{ATOM}{name}", "")


def links(element: ET.Element) -> dict[str, str]:
    return {link.attrib["rel"]: link.attrib["href"] for link in element.findall(f"{ATOM}link")}


def change(days: float, old: State, new: State, verdict: Code | None = None) -> Transition:
    return Transition(link_id="blekinge", at=ago(days=days), old=old, new=new, verdict=verdict, reason=None)


def with_changes(*changes: Transition, state: State | None = None, verdict: Code | None = None) -> LinkView:
    """Blekinge's link with these transitions, oldest first, and the state that the last one left."""
    last = changes[-1]
    believed = replace(belief(state or last.new, verdict or last.verdict, days=0), since=last.at)
    return view(source("K"), believed, transitions=tuple(reversed(changes)))


BROKE = (
    change(5, State.OK, State.FAILING, Code.NOT_FOUND),
    change(4, State.FAILING, State.BROKEN, Code.NOT_FOUND),
)


def test_it_is_a_feed_with_all_that_the_standard_asks_for() -> None:
    feed = told(*sample().links)
    assert feed.tag == f"{ATOM}feed"
    assert text(feed, "id").startswith("tag:example.se,2026-01-01:links.atom/state")
    assert text(feed, "title") == "Länkar"
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    assert links(feed) == {
        "self": f"https://desk.example/links.atom?{PLACE.query}",
        "alternate": f"https://desk.example/links?{PLACE.query}",
    }
    entries = feed.findall(f"{ATOM}entry")
    assert entries
    for element in (feed, *entries):
        assert len(element.findall(f"{ATOM}id")) == len(element.findall(f"{ATOM}title")) == 1
        assert datetime.fromisoformat(text(element, "updated")).tzinfo is not None
    assert len({text(entry, "id") for entry in entries}) == len(entries)


def test_it_tells_of_what_is_to_be_done_and_leads_to_the_desk_and_to_the_page() -> None:
    link = next(link for link in sample().links if link.source.id == "blekinge")
    (entry,) = told(link).iter(f"{ATOM}entry")
    assert text(entry, "title") == "Blekinge – trasig: sidan hittades inte"
    assert links(entry) == {"alternate": "https://desk.example/links/blekinge", "related": link.source.url}
    assert entry.find(f"{ATOM}category") is not None
    content = entry.find(f"{ATOM}content")
    assert content is not None
    assert content.attrib == {"type": "html"}
    assert content.text
    assert "Region Blekinge" in content.text
    assert '<a href="https://www.region-blekinge.example/service-2023-2030">' in content.text


def test_it_tells_the_newest_first_and_no_more_than_a_hundred() -> None:
    many = [
        view(source("K", id=f"k-{n}"), belief(State.BROKEN, Code.GONE, days=n)) for n in range(LONGEST + 50)
    ]  # fmt: skip
    entries = [text(entry, "updated") for entry in told(*reversed(many)).iter(f"{ATOM}entry")]
    assert len(entries) == LONGEST
    assert entries == sorted(entries, reverse=True)
    assert entries[0] == NOW.isoformat(timespec="seconds")


def test_it_says_nothing_of_a_failure_until_it_is_confirmed() -> None:
    assert titles(told(with_changes(BROKE[0]))) == []
    assert titles(told(with_changes(*BROKE))) == ["Blekinge – trasig: sidan hittades inte"]


def test_it_says_when_a_link_works_again_after_an_alarm_only() -> None:
    fixed = with_changes(*BROKE, change(1, State.BROKEN, State.OK, Code.OK))
    assert titles(told(fixed)) == ["Blekinge – fungerar igen", "Blekinge – trasig: sidan hittades inte"]
    passed = with_changes(BROKE[0], change(4, State.FAILING, State.OK, Code.OK))
    assert titles(told(passed)) == []
    new = with_changes(change(4, State.UNKNOWN, State.OK, Code.OK))
    assert titles(told(new)) == []


def test_it_says_that_a_link_works_where_a_new_address_was_tried_first() -> None:
    mended = with_changes(
        *BROKE, change(2, State.BROKEN, State.UNKNOWN), change(1, State.UNKNOWN, State.ATTENTION, Code.REDIRECTED)
    )
    assert titles(told(mended))[0] == "Blekinge – fungerar igen"


def test_it_is_silent_about_what_could_not_be_verified_unless_asked() -> None:
    blocked = with_changes(change(3, State.OK, State.UNVERIFIABLE, Code.BLOCKED))
    assert titles(told(blocked)) == []
    assert len(titles(told(blocked, states=(State.UNVERIFIABLE,)))) == 1
    assert len(titles(told(well("C"), states=(State.OK,)))) == 1


def test_it_tells_again_when_another_finding_takes_its_place() -> None:
    was = change(9, State.OK, State.ATTENTION, Code.CHANGED)
    now = replace(with_changes(was, verdict=Code.OUTDATED), grounds=grounds(first=2, last=0, times=2))
    entries = list(told(now).iter(f"{ATOM}entry"))
    assert [text(entry, "title") for entry in entries] == [
        "Blekinge – behöver ses över: inaktuell", "Blekinge – behöver ses över: ändrat innehåll",
    ]  # fmt: skip
    assert text(entries[0], "updated") == ago(days=2).isoformat(timespec="seconds")


def test_it_does_not_tell_again_of_a_server_whose_trouble_changes_its_name() -> None:
    down = with_changes(change(9, State.FAILING, State.BROKEN, Code.SERVER_ERROR), verdict=Code.UNREACHABLE)
    assert len(titles(told(replace(down, grounds=grounds(first=1, last=0, times=2))))) == 1


def test_it_keeps_an_entrys_id_while_time_goes_by() -> None:
    link = with_changes(*BROKE)
    later = replace(READING, now=datetime(2027, 6, 1, tzinfo=UTC))
    fixed = with_changes(*BROKE, change(1, State.BROKEN, State.OK, Code.OK))
    ids = [text(entry, "id") for entry in told(link).iter(f"{ATOM}entry")]
    assert ids == [text(entry, "id") for entry in told(link, reading=later).iter(f"{ATOM}entry")]
    assert ids[0] in [text(entry, "id") for entry in told(fixed).iter(f"{ATOM}entry")]


def test_it_says_what_to_do_only_while_there_is_something_to_do() -> None:
    fixed = with_changes(*BROKE, change(1, State.BROKEN, State.OK, Code.OK))
    again = with_changes(
        *BROKE, change(3, State.BROKEN, State.OK, Code.OK), change(1, State.OK, State.BROKEN, Code.NOT_FOUND)
    )
    for link, number in ((fixed, 0), (with_changes(*BROKE), 1), (again, 1)):
        contents = [text(entry, "content") for entry in told(link).iter(f"{ATOM}entry")]
        assert sum("Gör så här" in one for one in contents) == number


def test_it_is_the_same_bytes_while_nothing_happens() -> None:
    later = replace(READING, now=datetime(2026, 11, 24, tzinfo=UTC))
    link = with_changes(*BROKE)
    assert atom([link], Selection(), READING, title="", place=PLACE) == atom(
        [link], Selection(), later, title="", place=PLACE
    )


def test_it_names_the_selection_in_its_title() -> None:
    selection = Selection(states=(State.BROKEN, State.MOVED), owner="Region Skåne", county="M", text="orter")
    feed = ET.fromstring(atom([], selection, READING, title="Länkar", place=PLACE))
    assert text(feed, "title") == "Länkar – trasig, flyttad – Region Skåne – Skåne – orter"


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_shows_what_others_wrote_as_text(language: str) -> None:
    reading = replace(READING, words=Words(language))
    feed = told(*hostile.snapshot().links, reading=reading, title=hostile.TEXTS[26])
    contents = [text(entry, "content") for entry in feed.iter(f"{ATOM}entry")]
    assert len(contents) >= len(hostile.TEXTS)
    for content in contents:
        page = ET.fromstring(f"<div>{content.replace('<br>', '<br/>')}</div>")
        assert {element.tag for element in page.iter()} <= {"div", "p", "b", "br", "a"}
        assert all(list(element.attrib) in ([], ["href"]) for element in page.iter())
        assert all(element.attrib["href"].startswith("http") for element in page.iter("a"))
    for element in feed.iter(f"{ATOM}link"):
        assert element.attrib["href"].startswith(("https://", "http://"))


def test_it_holds_no_character_that_xml_forbids() -> None:
    forbidden = {*range(0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF} - {0x9, 0xA, 0xD}
    every = "".join(chr(n) for n in (*range(0x2100), *range(0xD7F0, 0xE010), *range(0xFFF0, 0x10010)))
    body = atom([hostile.link(1, every)], Selection(text=every), READING, title=every, place=PLACE)
    assert not {ord(char) for char in body.decode("utf-8")} & forbidden
    assert ET.fromstring(body).tag == f"{ATOM}feed"


def shared(**changes: object) -> Incident:
    return incident("kalmar-1", "kalmar-2", **changes)


def test_it_tells_one_cause_once() -> None:
    alone = incident("kalmar-3", id="alone")
    feed = ET.fromstring(incidents_atom([shared(), alone], READING, title="Länkar", place=PLACE))
    (entry,) = feed.iter(f"{ATOM}entry")
    assert text(entry, "title") == "Region Kalmar: 2 länkar leder till en startsida"
    assert links(entry)["alternate"] == f"https://desk.example/incidents/{shared().id}"


def test_it_renews_an_incident_that_is_over_under_its_old_id() -> None:
    feeds = [
        ET.fromstring(incidents_atom([one], READING, title="", place=PLACE))
        for one in (shared(), shared(closed_at=ago(days=1), open_links=()))
    ]
    before, after = (next(feed.iter(f"{ATOM}entry")) for feed in feeds)
    assert text(before, "id") == text(after, "id")
    assert text(before, "updated") < text(after, "updated")
    assert "över" in text(after, "content")


@pytest.mark.parametrize("text", hostile.TEXTS, ids=range(len(hostile.TEXTS)))
def test_it_tells_of_any_incident(text: str) -> None:
    one = shared(id=text, owner=text, host=text)
    feed = ET.fromstring(incidents_atom([one], READING, title=text, place=PLACE))
    assert len(list(feed.iter(f"{ATOM}entry"))) == 1
