"""Tables of sources: read, written, worked on."""

import csv
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkwatch.core import inventory
from linkwatch.core.inventory import COLUMNS, exported, imported, sources
from linkwatch.core.listed import Edit
from linkwatch.core.models import Belief, Code, Facts, LinkView, Snapshot, Source, State
from linkwatch.core.sheet import NoSheet, decoded, opened, row

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
A = Source(id="a", name="Åre", url="https://a.se/", owner="Region A", contact="a@a.se", county="Z")
B = Source(id="b", name="B", url="", owner="Region B")
WATCHED = {"a": A, "b": B}


def snapshot(*watched: Source) -> Snapshot:
    belief = Belief(state=State.BROKEN, verdict=Code.NOT_FOUND, since=NOW)
    links = (LinkView(source=source, belief=belief, facts=Facts(), evidence={}) for source in watched)
    return Snapshot(generated_at=NOW, run=None, links=tuple(links))


def wrong(text: str) -> list[str]:
    return [f"{bad.line}: {bad.where}: {bad.what}" for bad in imported(text, WATCHED).mistakes]


def test_it_exports_what_swedish_excel_reads() -> None:
    assert exported(snapshot(A, B)).split("\r\n") == [
        "\ufeffid;name;owner;contact;county;url;new_url;state;verdict;since",
        "a;Åre;Region A;a@a.se;Z;https://a.se/;;broken;not_found;2026-11-25T08:00:00+00:00",
        "b;B;Region B;;;;;broken;not_found;2026-11-25T08:00:00+00:00",
        "",
    ]


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("id,new_url\na,https://ny.se/\n", {"url": "https://ny.se/"}),
        ("id;new_url\na; https://ny.se/ \n", {"url": "https://ny.se/"}),
        ("sep=;\nID;New_URL\na;https://ny.se/\n", {"url": "https://ny.se/"}),
        ("id\tnew_url\ra\thttps://ny.se/\r", {"url": "https://ny.se/"}),
        ("id,new_url\na,\n", None),
        ("id,new_url\na,https://a.se/\n", None),
        ("id,new_url\n\na\n", None),
        ('id,name,note\na," Åre ","two\nlines"\n', None),
        ("id,name,owner\na,Östersund,Region Z\n", {"name": "Östersund", "owner": "Region Z"}),
        ("id,contact,county\na,,\n", {"contact": "", "county": ""}),
        ("id,url,state,verdict,since\na,https://elsewhere.se/,ok,ok,2020-01-01\n", None),
        ("id,name\na,'=1+1\n", {"name": "=1+1"}),
        ("id,url,new_url\na,as before,https://ny.se/\n", {"url": "https://ny.se/"}),
    ],
)
def test_it_takes_from_a_table_what_was_filled_in(text: str, edit: dict[str, str] | None) -> None:
    asked = imported(text, WATCHED)
    assert asked.mistakes == ()
    assert [(one.kind, one.source_id, one.fields) for one in asked.edits] == ([("set", "a", edit)] if edit else [])


def test_it_takes_rows_with_another_id_as_new_sources() -> None:
    asked = imported("id,name,owner,url,new_url,county\nn,N,O,https://n.se/,,K\nm,M,O,x,https://m.se/,\n", WATCHED)
    assert [edit.fields for edit in asked.edits] == [
        {"name": "N", "url": "https://n.se/", "owner": "O", "county": "K"},
        {"name": "M", "url": "https://m.se/", "owner": "O"},
    ]


def test_it_says_which_addresses_differ_and_are_not_taken() -> None:
    assert imported("id,url\na,https://x.se/\nb,\n", WATCHED).unapplied == ("a",)
    assert imported("id,url,new_url\na,https://x.se/,https://y.se/\n", WATCHED).unapplied == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["1: columns: the first row must name the columns, such as id;name;owner;contact;county;url;new_url;"]),
        ("name;url\nx;y\n", ["1: columns: the first row must name the columns"]),
        ("id;new_ulr\na;y\n", ["1: columns: unknown column 'new_ulr'; did you mean 'new_url'?"]),
        ("id;url;url\na;y;z\n", ["1: columns: there are two columns 'url'"]),
        ("id,new_url\na,ftp://x/\n", ["2: source.a.new_url: 'ftp://x/' is not an http or https address"]),
        ("id,name\na,\n", ["2: source.a.name: must not be empty"]),
        ("id,name,owner,url\nn,N,O,x\n", ["2: source.n.url: 'x' is not an http or https address"]),
        ('id,name\na,"x\ny"\nb,"B"x\n', [
            "2: source.a.name: holds a line break or another character that cannot be shown",
            "4: row: a quotation mark stands where none can",
        ]),
        ('id,name\nb,B\na,"x\ny\n', ["3: row: a quotation mark is opened here and never closed"]),
        ("id,name\na,b,c\n", ["2: row: has 3 cells where the first row has 2"]),
        ("id,name\na,x\nå,y\n,z\na,x\n", [
            "3: source.å.id: must be letters (a-z), digits",
            "4: source.id: is missing",
            "5: source.a.id: 'a' is used already, on line 2",
        ]),
        ("id,county,name\na,Q,x\nn,K,x\n", [
            "2: source.a.county: 'Q' is not a county letter",
            "3: source.n.owner: is missing, and the source is new",
            "3: source.n.url: is missing, and the source is new",
        ]),
        ("id,name\na," + "x" * 140_000 + "\n", ["2: row: a cell is longer than 131,072 characters"]),
    ],
)  # fmt: skip
def test_it_says_everything_that_is_wrong_with_its_line(text: str, said: list[str]) -> None:
    found = wrong(text)
    assert len(found) == len(said), found
    assert [line.startswith(start) for line, start in zip(found, said, strict=True)] == [True] * len(said), found


def test_it_takes_the_good_lines_beside_the_bad_ones() -> None:
    asked = imported('id,name\na,"x"x\nb,Bo\nb,Bu\n', WATCHED)
    assert [(edit.source_id, edit.fields) for edit in asked.edits] == [("b", {"name": "Bo"})]


def test_it_reads_a_table_of_sources_and_says_where_ids_are_used_already() -> None:
    found, mistakes = sources("id,name,url,owner,new_url\na,Å,https://a.se/,O,https://b.se/\nb,B,,O,\n", {})
    assert found == [
        Source(id="a", name="Å", url="https://a.se/", owner="O"),
        Source(id="b", name="B", url="", owner="O"),
    ]
    assert mistakes == []
    _, mistakes = sources("id,name,url,owner\na,A,,O\n", {"a": "by source number 1 in sources.toml"})
    assert [bad.what for bad in mistakes] == ["'a' is used already, by source number 1 in sources.toml"]
    _, mistakes = sources("id,name,url\na,A,\n", {})
    assert [bad.what for bad in mistakes] == ["there is no column 'owner'"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_it_reads_what_spreadsheets_write(encoding: str) -> None:
    assert decoded("id;name\r\na;Åre–Östersund\r\n".encode(encoding)) == ("id;name\r\na;Åre–Östersund\r\n", encoding)


@pytest.mark.parametrize(("raw", "line"), [("å\nä".encode() + b"\n\xe5", 3), (b"\xff\xfe\x00", 1), (b"a\n\x81", 2)])
def test_it_refuses_what_is_no_text(raw: bytes, line: int) -> None:
    with pytest.raises(NoSheet) as caught:
        decoded(raw)
    assert caught.value.line == line


# ---------------------------------------------------------------- laws

_cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=10) | st.sampled_from(
    ["=1+1", "'=x", "''+x", " @x", "-", "\t=", "\n", '"', ";", "'", "＝x", "\r\n", "\r", "\r0", "ﬁ'-"]
)


@given(st.lists(_cells, min_size=1, max_size=5), st.sampled_from(";,\t"), st.sampled_from(["\n", "\r\n"]))
def test_it_reads_back_what_it_wrote_and_nothing_is_calculated(cells: list[str], delimiter: str, newline: str) -> None:
    names = ["id", *(f"c{number}" for number in range(len(cells)))]
    text = row(names, delimiter=delimiter, newline=newline) + row(["x", *cells], delimiter=delimiter, newline=newline)
    sheet = opened(text, names)
    (record,) = sheet.records()
    assert list(record.cells) == ["x", *cells]
    for cell in next(csv.reader(StringIO(row(cells), newline=""), delimiter=";"), []):
        assert cell.lstrip(" ")[:1] not in tuple("=+-@\t\r\n＝＋－＠")


_words = st.text(st.characters(exclude_categories=["Cs", "C", "Z"]), min_size=1, max_size=10) | st.sampled_from(
    ["=1+1", "'=x", " x ", "- a", '"q"', "a;b,c"]
)


@settings(deadline=None)
@given(st.lists(st.builds(Source, id=st.just("x"), name=_words, url=st.sampled_from(["", "https://a.se/?a=1;b,c"]),
       owner=_words, contact=_words | st.none(), county=st.sampled_from([None, "K"])), max_size=4))  # fmt: skip
def test_it_changes_nothing_to_import_what_was_exported(made: list[Source]) -> None:
    watched = [replace(source, id=f"s{number}") for number, source in enumerate(made)]
    asked = imported(decoded(exported(snapshot(*watched)).encode())[0], {source.id: source for source in watched})
    assert (asked.edits, asked.mistakes, asked.unapplied, asked.rows) == ((), (), (), len(made))


@given(st.text("id;,\n\r\"' abå=", max_size=60))
def test_it_never_raises_and_edits_no_row_that_none_is_about(text: str) -> None:
    imported(text, WATCHED)
    table = "id;name\r\n" + text
    try:
        result = inventory.edited(table, [Edit(kind="remove", source_id="nowhere")])
    except NoSheet:
        return
    assert result == table


def test_it_knows_its_columns() -> None:
    assert set(inventory.WRITTEN) < set(COLUMNS)
