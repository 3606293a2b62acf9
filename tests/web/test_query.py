from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.counties import COUNTIES
from linkwatch.core.models import State
from linkwatch.core.selection import Answer, Order, Selection
from linkwatch.locale import LANGUAGES, Words
from linkwatch.web.query import BadQuery, Window, pairs_of, query_of, searched, selection_of, window_of

names = st.none() | st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30).filter(str.strip)
selections = st.builds(
    Selection,
    states=st.sets(st.sampled_from(State)).map(lambda found: tuple(state for state in State if state in found)),
    answer=st.none() | st.sampled_from(Answer),
    owner=names,
    county=st.none() | st.sampled_from(sorted(COUNTIES)),
    tag=names,
    assignee=names,
    incident=names,
    text=st.text(max_size=30).map(searched),
    order=st.sampled_from(Order),
)


def asked(query: str) -> Selection:
    return selection_of(parse_qsl(query))


@given(selections)
def test_it_gives_back_every_selection(selection: Selection) -> None:
    assert asked(query_of(selection)) == selection


@given(selections)
def test_it_has_one_address_for_a_selection(selection: Selection) -> None:
    query = query_of(selection, page=2)
    assert query.isascii()
    assert query_of(asked(query), page=2) == query


@pytest.mark.parametrize(
    ("query", "selection"),
    [
        ("", Selection()),
        ("state=broken", Selection(states=(State.BROKEN,))),
        ("state=moved,broken", Selection(states=(State.BROKEN, State.MOVED))),
        ("state=moved&state=broken&state=moved", Selection(states=(State.BROKEN, State.MOVED))),
        ("state=,BROKEN,", Selection(states=(State.BROKEN,))),
        ("answer=open&sort=gravity", Selection(answer=Answer.OPEN, order=Order.GRAVITY)),
        ("owner=Region+Sk%C3%A5ne&county=m", Selection(owner="Region Skåne", county="M")),
        ("q=++sm%C3%A5+%09orter+", Selection(text="små orter")),
        ("q=sma%CC%8A", Selection(text="små")),
        ("state=&owner=&q=+&county=&sort=", Selection()),
        ("utm_source=mail&fbclid=1&q=a", Selection(text="a")),
        ("owner=A&owner=A", Selection(owner="A")),
    ],
)
def test_it_reads_what_is_meant(query: str, selection: Selection) -> None:
    assert selection_of(parse_qsl(query, keep_blank_values=True)) == selection


def test_it_keeps_names_as_they_are_written_in_the_configuration() -> None:
    owner = "Region Ska\u030ane "
    assert asked(query_of(Selection(owner=owner))).owner == owner


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("state=brokn", "query_unknown"),
        ("state=broken;moved", "query_unknown"),
        ("answer=maybe", "query_unknown"),
        ("county=Q", "query_unknown"),
        ("sort=colour", "query_unknown"),
        ("owner=A&owner=B", "query_twice"),
        ("q=" + "x" * 501, "query_long"),
    ],
)
def test_it_says_what_cannot_be_meant(query: str, why: str) -> None:
    with pytest.raises(BadQuery) as refused:
        asked(query)
    assert (refused.value.status, refused.value.why) == (400, why)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_so_in_a_sentence(language: str) -> None:
    with pytest.raises(BadQuery) as refused:
        asked("state=%1B]0;" + "x" * 1000)
    sentence = Words(language).text(f"desk.error.{refused.value.why}.text", **refused.value.values)
    assert "broken" in sentence
    assert "\x1b" not in sentence
    assert len(sentence) < 300


def test_it_writes_states_with_commas_that_can_be_read() -> None:
    selection = Selection(states=(State.MOVED, State.BROKEN), owner="Åsa & Co", text="a=b")
    assert query_of(selection, all=1, page=None) == "state=broken,moved&owner=%C3%85sa+%26+Co&q=a%3Db&all=1"
    assert pairs_of(selection) == {"state": "broken,moved", "owner": "Åsa & Co", "q": "a=b"}


def test_it_cuts_no_address_short() -> None:
    selection = Selection(owner="å" * 500, tag="ö" * 500, assignee="x" * 500, text="ä" * 500)
    assert asked(query_of(selection)) == selection


@pytest.mark.parametrize(
    ("query", "window"),
    [
        ("", Window(limit=100, offset=0)),
        ("page=3", Window(limit=100, offset=200)),
        ("limit=10&page=2", Window(limit=10, offset=10)),
        ("limit=10&offset=7&page=9", Window(limit=10, offset=7)),
        ("all=1", Window(limit=None)),
        ("all=0&limit=5", Window(limit=5)),
    ],
)
def test_it_reads_which_part_is_wanted(query: str, window: Window) -> None:
    assert window_of(parse_qsl(query)) == window


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "limit=-1", "limit=1e3", "page=0", "page=x", "offset=-1", "offset=99999999999999999999",
     "page=²", "limit=٣", "limit=1.0"],
)  # fmt: skip
def test_it_takes_no_number_that_is_none(query: str) -> None:
    with pytest.raises(BadQuery, match="query_number"):
        window_of(parse_qsl(query))


def test_it_knows_its_page() -> None:
    assert [Window(limit=100, offset=n).page for n in (0, 99, 100, 250)] == [1, 1, 2, 3]
    assert Window(limit=None).page == 1


@given(st.lists(st.tuples(st.sampled_from(["state", "q", "owner", "page", "limit", "x"]), st.text(max_size=20))))
def test_it_answers_or_refuses_whatever_comes(params: list[tuple[str, str]]) -> None:
    for read in (selection_of, window_of):
        try:
            read(params)
        except BadQuery as refused:
            assert refused.status == 400
