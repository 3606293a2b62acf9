"""The pages for looking, as a browser without a script gets them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from linkwatch.core.models import Copy, LinkView
from linkwatch.core.roles import Role
from linkwatch.store import Store
from tests.report.hostile import TEXTS
from tests.report.sample import NOW, sample
from tests.web.desk import OpenDesk, opened

_HOSTILE = " ".join(TEXTS).encode("utf-8", "replace").decode()[:1_900]

PAGES = ("/", "/links", "/links/blekinge", "/owners", "/owners/Region%20Blekinge", "/log", "/help")


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[OpenDesk]:
    """A desk that asks who is there, and lets in those who do not say."""
    with opened(tmp_path, 'auth = "token"\nanonymous = "viewer"') as one:
        yield one


def soup(desk: OpenDesk, path: str, *, token: str | None = None, status: int = 200) -> BeautifulSoup:
    response = desk.client(token=token).get(path)
    assert response.status_code == status, response.text[:500]
    return BeautifulSoup(response.text, "lxml")


def said(tag: Tag | BeautifulSoup | None) -> str:
    assert tag is not None
    return " ".join(tag.get_text(" ").split())


def test_it_says_in_one_sentence_how_it_stands_and_what_there_is_to_do(desk: OpenDesk) -> None:
    page = soup(desk, "/")
    assert said(page.select_one("#headline")).startswith("6 of 19 links work ; 4 broken,")
    assert [said(card) for card in page.select("#todo .card h3")][:2] == ["Dalarna", "Kalmar"]
    assert page.select_one('.tiles a[href="/links/blekinge"]')
    assert len(page.select(".trend-links li")) == 20  # all but the one without a link


def test_many_links_are_not_all_on_the_overview(tmp_path: Path) -> None:
    broken = next(link for link in sample().links if link.source.id == "blekinge")
    many = [replace(broken, source=replace(broken.source, id=f"k-{n}", owner=f"Owner {n}")) for n in range(70)]
    with opened(tmp_path, links=many) as desk:
        page = soup(desk, "/")
        assert len(page.select("#todo .card")) == 20
        assert said(page.select_one("#todo-number")) == "70"
        more = page.select_one("#todo .more-of a")
        assert more is not None
        assert len(soup(desk, str(more["href"])).select("tbody tr")) == 70
        assert page.select_one("#all") is None


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_only_editors_can_answer(guarded: OpenDesk, path: str, role: Role) -> None:
    forms = soup(guarded, path, token=guarded.token("Anna", role)).select('form[action="/answer"]')
    assert bool(forms) is (role is Role.EDITOR and path in PAGES[:3] + PAGES[4:5])


@pytest.mark.parametrize("path", PAGES)
def test_who_has_not_said_who_they_are_sees_no_names(guarded: OpenDesk, path: str) -> None:
    anna = guarded.client(token=guarded.token("Anna Ek", Role.EDITOR))
    for action, more in (("assign", {"assignee": "Berit Alm"}), ("acknowledge", {"note": "Ring Cecilia"})):
        anna.post("/answer", data={"id": "blekinge", "action": action, **more})
    page = guarded.client().get(path).text
    assert not [name for name in ("Anna Ek", "Berit Alm", "Ring Cecilia", "service@region", "webb@") if name in page]


def test_those_who_are_known_see_them(guarded: OpenDesk) -> None:
    token = guarded.token("Anna Ek", Role.EDITOR)
    guarded.client(token=token).post(
        "/answer", data={"id": "blekinge", "action": "acknowledge", "note": "Ring Cecilia"}
    )
    log = said(soup(guarded, "/log", token=token).select_one(".log"))
    assert "Acknowledged by Anna Ek on 23 November 2026." in log
    assert "Ring Cecilia" in log


def test_a_selection_is_an_address(desk: OpenDesk) -> None:
    page = soup(desk, "/links?state=broken&q=region&sort=name")
    names = [said(name) for name in page.select("tbody th")]
    assert names == sorted(names)
    assert {said(state).split(":")[0] for state in page.select("td .state")} == {"Broken"}
    assert page.select_one('select[name="state"] option[selected][value="broken"]')
    assert page.select_one('.exports a[href="/links.csv?state=broken&q=region&sort=name"]')


def test_an_owner_and_its_letter(desk: OpenDesk) -> None:
    page = soup(desk, "/owners/Region%20Blekinge?letter=sv")
    assert said(page.select_one("h1")) == "Region Blekinge"
    body = said(page.select_one("#letter-body"))
    assert "https://" in body
    assert "Hej" in body  # in Swedish, though the desk is English
    letter = desk.client().get("/owners/Region%20Blekinge/letter.eml?language=sv")
    assert letter.headers["content-type"].startswith("message/rfc822")
    assert b"X-Unsent: 1" in letter.content


def test_a_link_has_its_past_and_the_text_then_and_now(desk: OpenDesk) -> None:
    with Store.open(desk.config.database) as store:
        _seen(store, "blekinge")
    page = soup(desk, "/links/blekinge")
    assert [said(mark) for mark in page.select(".differences ins")]
    assert [said(mark) for mark in page.select(".differences del")]
    assert len(page.select(".timeline li")) == 2
    assert page.select_one(".spark title")
    assert said(page.select_one(".titles"))


def _seen(store: Store, link_id: str) -> None:
    """As a run leaves the page of a link that has changed."""
    from linkwatch.store import rows, statements  # noqa: PLC0415

    copy = Copy(title=None, h1=None, text="Sidan har flyttat till en ny plats. Här finns inget kvar.", shingles=(9,),
                shingle_count=1, links=(), learnt_at=NOW - timedelta(hours=1), url="https://a.example/")  # fmt: skip
    with store.writing() as db:
        db.execute(statements.SAVE_SEEN, rows.copy_columns(link_id, copy))


def test_what_is_not_there_is_said_in_words(desk: OpenDesk) -> None:
    for path in ("/links/nobody", "/owners/Nobody", "/incidents/nothing", "/nowhere"):
        assert said(soup(desk, path, status=404).select_one("h1"))


@pytest.mark.parametrize("path", ["/", "/links", "/owners", "/log"])
def test_hostile_text_is_shown_as_text(tmp_path: Path, path: str) -> None:
    with opened(tmp_path, links=[_hostile(n, link) for n, link in enumerate(sample().links[:3])]) as desk:
        desk.client().post("/answer", data={"id": "h-0", "action": "acknowledge", "note": _HOSTILE})
        for shown in (path, "/links/h-0"):
            text = desk.client().get(shown).text
            page = BeautifulSoup(text, "lxml")
            own = [str(script.get("src", "")) for script in page.select("script")]
            assert all(address.startswith("/static/") for address in own)
            assert [name for tag in page.select("*") for name in tag.attrs if name.startswith("on")] == []
            assert not {char for char in text if char in "\0\x1b\u202e\u2066"}


def _hostile(number: int, link: LinkView) -> LinkView:
    facts = replace(link.facts, title=_HOSTILE)
    return replace(link, source=replace(link.source, id=f"h-{number}"), facts=facts)


def test_the_log_takes_any_number(desk: OpenDesk) -> None:
    assert desk.client().get(f"/log?before={'9' * 5000}").status_code == 200
