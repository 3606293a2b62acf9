"""Edits of sources.toml and of the table beside it."""

import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkwatch import editing
from linkwatch.config import load
from linkwatch.editing import Edit, edited, patch
from linkwatch.errors import ConfigError

SHIPPED = Path(__file__).parent.parent / "config" / "sources.toml"

HAND = """\
# The links of the whole unit.
[monitor]
title = "x"

[[source]]                       # the first
id       = "a"
name     = "A"
url      = 'https://a.se/'       # the nearest page known
owner    = "Region A"            # asks to be phoned

# What stands on the second page:
[[source]]
id    = "b"
name  = "B"
url   = \"\"\"https://b.se/\"\"\"
owner = "Region B"
# b is slow

[[listing]]
id  = "page"
url = "https://vi.se/"

[[source]]
id="c"
name="C"
url=""
owner="Region C"
contact="c@c.se"
county="C"

# The end.
"""


def change(key: str, value: str, source: str = "a") -> Edit:
    return Edit(kind="set", source_id=source, fields={key: value})


def diff(*edits: Edit, text: str = HAND) -> list[str]:
    """Only the lines that differ."""
    return [line for line in patch(text, edited(text, edits), "x").split("\n")[2:] if line[:1] in ("+", "-")]


@pytest.mark.parametrize(
    ("edit", "lines"),
    [
        (
            change("url", "https://ny.se/å"),
            [
                "-url      = 'https://a.se/'       # the nearest page known",
                "+url      = 'https://ny.se/å'       # the nearest page known",
            ],
        ),
        (change("url", "https://ny.se/'x'", "b"), ['-url   = """https://b.se/"""', "+url   = \"https://ny.se/'x'\""]),
        (change("url", "https://c.se/", "c"), ['-url=""', '+url="https://c.se/"']),
        (change("url", "", "b"), ['-url   = """https://b.se/"""', '+url   = ""']),
        (change("contact", "a@a.se"), ['+contact  = "a@a.se"']),
        (change("contact", 'Å "x"\\', "c"), ['-contact="c@c.se"', '+contact="Å \\"x\\"\\\\"']),
        (change("contact", "", "c"), ['-contact="c@c.se"']),
        (change("contact", ""), []),
        (change("name", "A"), []),
    ],
)
def test_it_changes_one_line_for_one_change(edit: Edit, lines: list[str]) -> None:
    assert diff(edit) == lines


def test_it_changes_one_line_of_the_shipped_file() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    lines = diff(change("url", "https://gotland.se/ny", "gotland"), text=text)
    assert [line[:30] for line in lines] == ['-url      = "https://gotland.s', '+url      = "https://gotland.s']
    assert lines[1].endswith("   # the nearest page known")


def test_it_adds_a_source_after_the_last_in_its_style() -> None:
    new = Edit(kind="add", source_id="d", fields={"name": "D", "url": "https://d.se/", "owner": "Region D"})
    assert diff(new) == ["+[[source]]", '+id="d"', '+name="D"', '+url="https://d.se/"', '+owner="Region D"', "+"]
    lines = diff(new, text=SHIPPED.read_text(encoding="utf-8"))
    assert lines[1:4] == ["+[[source]]", '+id       = "d"', '+name     = "D"']


def test_it_adds_the_first_source() -> None:
    text = edited('[monitor]\ntitle = "x"', [Edit(kind="add", source_id="d", fields={"name": "D"})])
    assert text == '[monitor]\ntitle = "x"\n\n[[source]]\nid   = "d"\nname = "D"\n'


def test_it_removes_a_source_and_keeps_what_is_said_around_it() -> None:
    result = edited(HAND, [Edit(kind="remove", source_id="a"), Edit(kind="remove", source_id="c")])
    assert [row["id"] for row in tomllib.loads(result)["source"]] == ["b"]
    for comment in ("whole unit", "second page", "b is slow", "The end"):
        assert comment in result
    assert "asks to be phoned" not in result


def test_it_keeps_windows_line_ends() -> None:
    text = HAND.replace("\n", "\r\n")
    new = Edit(kind="add", source_id="d", fields={"name": "D"})
    result = edited(text, [change("url", "https://ny.se/"), change("contact", "x"), new])
    assert result.count("\n") == result.count("\r\n") == text.count("\n") + 5


def test_it_is_not_misled_by_what_only_looks_like_a_table() -> None:
    text = (
        'x = """\n[[source]]\n"""\n[[source]]\nid = "a"\ntags = [\n  "[[source]]",\n]\nname = "\u2028 A"\nurl = "u"\n'
    )
    assert diff(change("url", "v"), text=text) == ['-url = "u"', '+url = "v"']


@pytest.mark.parametrize(
    ("text", "edit", "said"),
    [
        (HAND, change("url", "x", "nowhere"), "source.nowhere: there is no such"),
        (HAND, Edit(kind="add", source_id="a", fields={}), "source.a: there is one already"),
        ('source = [{id = "a", url = "x"}]', change("url", "y"), "not written as [[source]] tables"),
        ("source = 3", change("url", "y"), "not written as [[source]] tables"),
        ("source =", change("url", "y"), "not valid TOML"),
    ],
)
def test_it_refuses_in_one_sentence(text: str, edit: Edit, said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace("[", r"\[")):
        edited(text, [edit])


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_line_noise = st.sampled_from(["", "# a comment", "# [[source]]", "   ", '# "', "#\t'''"])


@st.composite
def toml_files(draw: st.DrawFn) -> tuple[str, list[str]]:
    newline, ids, lines = draw(st.sampled_from(["\n", "\r\n"])), list[str](), [draw(_line_noise)]
    for number in range(draw(st.integers(1, 4))):
        ids.append(f"s{number}")
        space = " " * draw(st.integers(0, 3))
        lines += [draw(_line_noise), f"[[source]] {draw(_line_noise)}", f'id{space}= "s{number}"']
        for key in draw(st.lists(st.sampled_from(["name", "url", "owner", "contact"]), unique=True)):
            quoted = '"' + "".join(f"\\U{ord(char):08x}" for char in draw(_text)) + '"'
            lines += [f"{key}{space}={space}{quoted}{space}{draw(_line_noise)}", draw(_line_noise)]
        if draw(st.booleans()):
            lines += [f"[[listing]]{space}", f'id = "l{number}"', draw(_line_noise)]
    return newline.join(lines) + draw(st.sampled_from(["", newline])), ids


@settings(deadline=None, max_examples=150)
@given(toml_files(), st.data())
def test_it_makes_exactly_the_edits_asked_for(made: tuple[str, list[str]], data: st.DataObject) -> None:
    text, ids = made
    before = tomllib.loads(text)
    chosen, key, value = (
        data.draw(st.sampled_from(ids)), data.draw(st.sampled_from(["name", "url", "contact"])), data.draw(_text),
    )  # fmt: skip
    kind = data.draw(st.sampled_from(["set", "add", "remove"]))
    fields = {key: value} if kind != "remove" else {}
    result = edited(text, [Edit(kind=kind, source_id="new" if kind == "add" else chosen, fields=fields)])
    after = tomllib.loads(result)
    said = {key: value} if value or key == "url" else {}
    wanted = [dict(row) for row in before["source"]]
    row = next(row for row in wanted if row["id"] == chosen)
    if kind == "remove":
        wanted.remove(row)
    elif kind == "add":
        wanted.append({"id": "new", **said})
    else:
        row.pop(key, None)
        row.update(said)
    assert after.get("source", []) == wanted
    assert after.get("listing") == before.get("listing")
    if kind != "remove":
        assert [line for line in _comments(text) if line not in _comments(result)] == []


def _comments(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip().startswith("#")]


# ---------------------------------------------------------------- files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sources.toml"
    path.write_text(HAND, encoding="utf-8")
    return path


def test_it_keeps_what_the_file_was_beside_it(path: Path) -> None:
    backup = editing.apply(path, [change("url", "https://ny.se/")])
    assert backup == path.with_name("sources.toml.bak")
    assert backup.read_text(encoding="utf-8") == HAND
    assert load(path).sources[0].url == "https://ny.se/"
    assert sorted(file.name for file in path.parent.iterdir()) == ["sources.toml", "sources.toml.bak"]


def test_it_writes_nothing_when_nothing_changes(path: Path) -> None:
    assert editing.apply(path, [change("url", "https://a.se/")]) is None
    assert editing.apply(path, []) is None
    assert [file.name for file in path.parent.iterdir()] == ["sources.toml"]


def test_it_refuses_what_would_not_load(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"sources\.toml:8: source\.a\.url: 'ftp://x/' is not an http"):
        editing.apply(path, [change("url", "ftp://x/")])
    assert path.read_text(encoding="utf-8") == HAND
    assert [file.name for file in path.parent.iterdir()] == ["sources.toml"]


def test_it_keeps_mode_link_and_byte_order_mark(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + HAND.encode())
    path.chmod(0o640)
    link = path.with_name("link.toml")
    link.symlink_to(path.name)
    editing.apply(link, [change("url", "https://ny.se/")])
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.with_name("sources.toml.bak").stat().st_mode & 0o777 == 0o640
    assert path.read_bytes().startswith(b"\xef\xbb\xbf#")
    assert load(link).sources[0].url == "https://ny.se/"


def child(code: str, *arguments: str) -> "subprocess.Popen[bytes]":
    code = f"import sys, itertools\nfrom pathlib import Path\nfrom linkwatch.editing import Edit, apply\n{code}"
    environment = {**os.environ, "PYTHONPATH": str(SHIPPED.parent.parent)}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], env=environment, stdout=subprocess.PIPE)


def test_it_leaves_the_old_file_or_the_new_one_when_it_is_killed(path: Path) -> None:
    code = (
        "print('ready', flush=True)\n"
        "for n in itertools.count():\n"
        "    apply(Path(sys.argv[1]), [Edit(kind='set', source_id='a', fields={'url': f'https://a.se/{n}'})])\n"
    )
    for round_ in range(6):
        process = child(code, str(path))
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.05 + 0.013 * round_)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        text = path.read_text(encoding="utf-8")
        assert text.endswith("# The end.\n")
        assert load(path).sources[0].url.startswith("https://a.se/")
        backup = path.with_name("sources.toml.bak")
        assert not backup.exists() or backup.read_text(encoding="utf-8").endswith("# The end.\n")


def test_it_loses_no_edit_of_two_at_once(path: Path) -> None:
    code = (
        "who = sys.argv[2]\n"
        "for n in range(12):\n"
        "    fields = {'name': who, 'url': f'https://{who}.se/{n}', 'owner': who}\n"
        "    apply(Path(sys.argv[1]), [Edit(kind='add', source_id=f'{who}{n}', fields=fields)])\n"
    )
    children = [child(code, str(path), who) for who in ("left", "right")]
    for one in children:
        assert one.wait() == 0
        assert one.stdout is not None
        one.stdout.close()
    added = {source.id for source in load(path).sources} - {"a", "b", "c"}
    assert added == {f"{who}{n}" for who in ("left", "right") for n in range(12)}


def test_it_starts_over_when_somebody_saves_meanwhile(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, by_hand = editing.write_whole, iter([HAND.replace('"Region B"', '"By hand"')])

    def saved_by_hand(place: Path, content: bytes, *, like: Path | None = None) -> None:
        whole(place, content, like=like)
        if text := next(by_hand, None):
            path.write_text(text, encoding="utf-8")

    monkeypatch.setattr(editing, "write_whole", saved_by_hand)
    editing.apply(path, [change("url", "https://ny.se/")])
    assert [(source.url, source.owner) for source in load(path).sources[:2]] == [
        ("https://ny.se/", "Region A"), ("https://b.se/", "By hand"),
    ]  # fmt: skip


def test_it_does_not_replace_an_address_that_somebody_saves_meanwhile(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, theirs = editing.write_whole, HAND.replace("https://a.se/", "https://deras.se/")

    def saved_by_hand(place: Path, content: bytes, *, like: Path | None = None) -> None:
        whole(place, content, like=like)
        path.write_text(theirs, encoding="utf-8")

    monkeypatch.setattr(editing, "write_whole", saved_by_hand)
    with pytest.raises(editing.Overtaken) as overtaken:
        editing.apply(path, [change("url", "https://ny.se/")], expected={"a": "https://a.se/"})
    assert overtaken.value.source_ids == ("a",)
    assert path.read_text(encoding="utf-8") == theirs


def test_it_says_of_a_source_that_is_gone_that_others_were_there_first(path: Path) -> None:
    with pytest.raises(editing.Overtaken):
        editing.apply(path, [change("url", "https://ny.se/", "x")], expected={"x": "https://x.se/"})


# ---------------------------------------------------------------- the table beside it


@pytest.fixture
def table(path: Path) -> Path:
    path.write_text(HAND.replace('title = "x"', 'sources_csv = "links.csv"'), encoding="utf-8")
    table = path.with_name("links.csv")
    table.write_bytes(
        "id,note,url,name,owner,new_url\r\nx,1,https://x.se/,Åre,O,https://ny.se/\r\n\r\ny,,,Y,O,\r\n".encode("cp1252")
    )
    return table


def test_it_edits_a_source_where_it_is_kept(path: Path, table: Path) -> None:
    assert editing.apply(path, [change("url", "https://ny.se/", "x")]) == table.with_name("links.csv.bak")
    lines = table.read_bytes().decode("cp1252").split("\r\n")
    assert lines[1:4] == ["x,1,https://ny.se/,Åre,O,", "", "y,,,Y,O,"]
    editing.apply(path, [change("contact", "a@a.se"), Edit(kind="remove", source_id="y")])
    assert [source.id for source in load(path).sources] == ["a", "b", "c", "x"]
    assert load(path).sources[0].contact == "a@a.se"


def test_it_adds_to_the_table_what_a_table_can_say(path: Path, table: Path) -> None:
    fields = {"name": "ł", "url": "https://z.se/", "owner": "O"}
    on_page = {**fields, "listing": "page"}
    editing.apply(
        path, [Edit(kind="add", source_id="z", fields=fields), Edit(kind="add", source_id="p", fields=on_page)]
    )
    assert [source.id for source in load(path).sources] == ["a", "b", "c", "p", "x", "y", "z"]
    assert "z,,https://z.se/,ł,O,\r\n" in table.read_bytes().decode("utf-8-sig")


def test_it_refuses_what_a_table_cannot_say(path: Path, table: Path) -> None:
    before = table.read_bytes()
    with pytest.raises(ConfigError, match=r"links\.csv: source\.x: a table has no 'listing'"):
        editing.apply(path, [Edit(kind="set", source_id="x", fields={"listing": "page"})])
    assert table.read_bytes() == before
