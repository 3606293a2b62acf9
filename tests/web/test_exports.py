import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from linkwatch.core.models import Belief, Code, Decision, Facts, State, Transition, Verdict
from linkwatch.core.roles import Role
from linkwatch.locale import Words
from linkwatch.report.csv import COLUMNS
from linkwatch.report.csv import render as render_csv
from linkwatch.report.json import document
from linkwatch.store import Store
from tests.report.sample import shared
from tests.web.described import Api
from tests.web.desk import OpenDesk, opened
from tests.web.test_api import of_others

ATOM = "{http://www.w3.org/2005/Atom}"
FILES = ("/links.csv", "/links.json", "/links.atom", "/incidents.atom")


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[OpenDesk]:
    """Tokens for those who are known; others may look."""
    with opened(tmp_path, 'auth = "token"\nanonymous = "viewer"') as desk:
        yield desk


def get(desk: OpenDesk, path: str, **headers: str) -> str:
    response = desk.client(**headers).get(path)
    assert response.status_code == 200, response.text
    return response.text


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";"))


def entries(text: str) -> list[ET.Element]:
    return list(ET.fromstring(text.encode()).iter(f"{ATOM}entry"))


def test_it_gives_the_tables_and_the_data_that_the_commands_give(desk: OpenDesk) -> None:
    now, current = desk.clock(), desk.current
    links = current.desk.links([source.id for source in desk.config.sources], now)
    assert len(links) == 21
    snapshot = current.desk.snapshot(now, links)
    assert json.loads(get(desk, "/links.json")) == document(snapshot)
    assert get(desk, "/links.csv") == render_csv(snapshot, words=Words("sv"), title="", timezone="UTC")


@pytest.mark.parametrize(
    "query",
    ["state=broken,moved&sort=gravity", "county=K", "q=%C3%B6rebro", "answer=open", "state=", "utm_source=m"],
)
def test_it_gives_the_links_of_the_selection_in_its_order(query: str, desk: OpenDesk) -> None:
    listed = Api(desk.client()).get("/links?limit=1000&" + query.replace("utm_source=m", ""))
    wanted = [link["id"] for link in listed["links"]]
    assert [row["id"] for row in rows(get(desk, f"/links.csv?{query}"))] == wanted
    assert [link["id"] for link in json.loads(get(desk, f"/links.json?{query}"))["links"]] == wanted


def test_it_gives_all_of_them_whatever_page_is_shown(desk: OpenDesk) -> None:
    assert len(rows(get(desk, "/links.csv?page=2&limit=5"))) == 21


def test_it_is_a_table_also_when_nothing_is_chosen(desk: OpenDesk) -> None:
    assert get(desk, "/links.csv?q=nowhere") == "\ufeff" + ";".join(COLUMNS) + "\r\n"
    assert json.loads(get(desk, "/links.json?q=nowhere"))["links"] == []
    assert entries(get(desk, "/links.atom?q=nowhere")) == []


def test_it_names_the_file_by_the_day_where_the_desk_is(desk: OpenDesk) -> None:
    desk.clock.go(hours=10.5)  # 23:30 in UTC
    for ending, kind in (("csv", "text/csv"), ("json", "application/json")):
        headers = desk.client().get(f"/links.{ending}").headers
        assert headers["content-disposition"] == f'attachment; filename="links-2026-11-24.{ending}"'
        assert headers["content-type"].startswith(kind)
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", FILES[:3])
def test_it_says_what_cannot_be_meant(path: str, desk: OpenDesk) -> None:
    response = desk.client().get(f"{path}?state=brokn")
    assert response.status_code == 400
    assert "brokn" in response.text


def test_it_feeds_what_there_is_to_know(desk: OpenDesk) -> None:
    text = get(desk, "/links.atom?state=broken")
    feed = ET.fromstring(text.encode())
    links = {link.attrib["rel"]: link.attrib["href"] for link in feed.findall(f"{ATOM}link")}
    assert links == {
        "self": "http://127.0.0.1:8420/links.atom?state=broken",
        "alternate": "http://127.0.0.1:8420/links?state=broken",
    }
    assert len(entries(text)) == 4
    for entry in entries(text):
        page = next(link.attrib["href"] for link in entry.iter(f"{ATOM}link") if link.attrib["rel"] == "alternate")
        assert page.startswith("http://127.0.0.1:8420/links/")


def test_it_feeds_under_the_name_that_the_desk_has_in_public(tmp_path: Path) -> None:
    with opened(tmp_path, 'public_url = "https://links.example.se"') as desk:
        feed = ET.fromstring(get(desk, "/links.atom").encode())
        assert feed.findtext(f"{ATOM}id") == "tag:links.example.se,2026-01-01:links.atom"
        assert {
            link.attrib["href"].startswith("https://links.example.se/") for link in feed.findall(f"{ATOM}link")
        } == {True}


@pytest.mark.parametrize("path", FILES[2:])
def test_it_sends_no_feed_twice(path: str, desk: OpenDesk) -> None:
    first = desk.client().get(path)
    desk.clock.go(hours=1)
    again = desk.client(if_none_match=f'"x", W/{first.headers["etag"]}').get(path)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


def test_it_feeds_what_was_over_lately(desk: OpenDesk) -> None:
    """The sample's links all began to work a year ago, which is no news; a link that works again is."""
    assert "gotland" not in get(desk, "/links.atom")
    began = desk.clock() - timedelta(days=3)
    fixed = [
        Transition(link_id="gotland", at=began, old=State.OK, new=State.BROKEN, verdict=Code.GONE, reason=None),
        Transition(link_id="gotland", at=desk.clock(), old=State.BROKEN, new=State.OK, verdict=Code.OK, reason=None),
    ]
    tell(desk, "gotland", fixed)
    titles = [entry.findtext(f"{ATOM}title") for entry in entries(get(desk, "/links.atom"))]
    assert titles[0] == "Gotland – works again"
    desk.clock.go(days=91)
    assert "gotland" not in get(desk, "/links.atom")


def tell(desk: OpenDesk, link_id: str, changes: list[Transition]) -> None:
    """As if runs had found these changes."""
    source = next(source for source in desk.config.sources if source.id == link_id)
    with Store.open(desk.config.database) as store:
        for change in changes:
            belief = Belief(state=change.new, since=change.at, verdict=change.verdict, finding=change.verdict)
            run = store.begin_run(change.at, due=1)
            decision = Decision(
                source=source, at=change.at, verdict=Verdict(code=change.verdict or Code.OK), facts=Facts(),
                belief=replace(belief, checked_at=change.at), transition=change,
            )  # fmt: skip
            store.commit(run, [decision])
            store.finish_run(run, change.at, conclusive=True, note=None, visited=1)


def test_it_feeds_one_cause_once(tmp_path: Path) -> None:
    with opened(tmp_path, links=list(shared(State.BROKEN, State.BROKEN).links)) as desk:
        (entry,) = entries(get(desk, "/incidents.atom"))
        assert entry.findtext(f"{ATOM}title") == "Region Kalmar: 2 links lead to a front page"


def test_it_shows_no_names_notes_or_contacts_to_strangers(guarded: OpenDesk) -> None:
    anna = guarded.client(token=guarded.token("Anna Ek", Role.EDITOR))
    for body in ({"action": "assign", "assignee": "Åsa Berg"}, {"action": "ignore", "note": "Ring Karin"}):
        assert anna.post("/api/v1/links/blekinge/reviews", json=body).status_code == 201
    told = "".join(get(guarded, path) for path in FILES)
    assert [secret for secret in ("Anna", "Åsa", "Karin", "webb@", "service@") if secret in told] == []
    row = rows(get(guarded, "/links.csv?county=K"))[0]
    assert (row["answer"], row["answer_note"], row["contact"]) == ("ignore", "", "")
    row = rows(anna.get("/links.csv?county=K").text)[0]
    assert (row["answer_note"], row["assignee"], row["contact"]) == (
        "Ring Karin", "Åsa Berg", "webb@region-blekinge.example",
    )  # fmt: skip
    for path in FILES[:3]:
        assert guarded.client().get(f"{path}?assignee=%C3%85sa+Berg").status_code == 403


def test_it_holds_whatever_others_wrote(tmp_path: Path) -> None:
    texts = ("=1+1", "\x1b[2J\0", "<script>", "\ud800", "x" * 100_000, 'a;b"c\nd', "\u202eevil")
    with opened(tmp_path, links=[of_others(n, text) for n, text in enumerate(texts)]) as desk:
        assert rows(get(desk, "/links.csv"))[0]["title"] == "'=1+1"
        assert len(rows(get(desk, "/links.csv"))) == len(texts)
        assert len(json.loads(get(desk, "/links.json"))["links"]) == len(texts)
        assert len(entries(get(desk, "/links.atom?state=broken"))) == len(texts)
