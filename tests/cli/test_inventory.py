"""import, export and accept, as people use them."""

import asyncio
from pathlib import Path

import pytest

from linkwatch.config import load
from tests.cli.command import Project, no_traceback
from tests.small_web import Web, page

LINKS = {"a": "http://127.0.0.1:9/a", "b": "http://127.0.0.1:9/b"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.make(tmp_path, links=LINKS)


def table(project: Project, text: str, encoding: str = "utf-8") -> str:
    path = project.folder / "all.csv"
    path.write_bytes(text.encode(encoding))
    return str(path)


def urls(project: Project) -> dict[str, str]:
    return {source.id: source.url for source in load(project.config).sources}


def test_it_imports_what_it_exported_without_a_change(project: Project) -> None:
    project.add("c", "", contact="=cmd|' /C calc'!A0", county="K")
    before = project.config.read_bytes()
    out = project.folder / "out.csv"
    assert project.run("export", "--out", str(out)).returncode == 0
    assert ";'=cmd|" in out.read_text(encoding="utf-8")
    done = project.run("import", str(out))
    assert (done.returncode, done.stdout, done.stderr) == (0, "The table changes nothing.\n", "")
    assert project.config.read_bytes() == before


def test_it_applies_new_addresses_and_new_sources(project: Project) -> None:
    rows = ("id;name;owner;url;new_url", "a;A;Region a;x;https://ny.se/", "c;Åre;O;https://c.se/;", "")
    name = table(project, "\r\n".join(rows), "cp1252")
    shown = project.run("import", name, "--dry-run")
    assert '+url = "https://ny.se/"\n' in shown.stdout
    assert urls(project) == LINKS
    done = project.run("import", name)
    assert done.stdout.splitlines()[:2] == ["1 new link.", "1 link changed."]
    assert "sources.toml.bak" in done.stdout
    assert urls(project) == {**LINKS, "a": "https://ny.se/", "c": "https://c.se/"}
    assert load(project.config).sources[2].name == "Åre"


def test_it_applies_nothing_when_a_line_is_bad_unless_asked_to(project: Project) -> None:
    name = table(project, "id,name,new_url\na,A,https://ny.se/\nb,,x\n")
    done = project.run("import", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "linkwatch: all.csv:3: source.b.name: must not be empty",
        "linkwatch: all.csv:3: source.b.new_url: 'x' is not an http or https address",
        "linkwatch: 2 mistakes in the table, so nothing is changed. Mend them, or take the good lines with --partial.",
    ]
    assert urls(project) == LINKS
    done = project.run("import", name, "--partial")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 2)
    assert urls(project) == {**LINKS, "a": "https://ny.se/"}


def test_it_says_when_addresses_differ_that_are_not_taken(project: Project) -> None:
    done = project.run("import", table(project, "id,url\na,https://elsewhere.se/\n"))
    assert "1 row has another address in the column url than is watched (a)." in done.stderr
    assert urls(project) == LINKS


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"PK\x03\x04\x00\x81\x8d", b"id;name\n\xc3\xa5;\xe5\n"])
def test_it_says_when_a_file_is_no_table(project: Project, raw: bytes) -> None:
    path = project.folder / "x.csv"
    path.write_bytes(raw)
    done = project.run("import", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("linkwatch: x.csv:")
    no_traceback(done)


def test_it_fills_an_inventory_that_is_not_there_yet(tmp_path: Path) -> None:
    project = Project.make(tmp_path, links={}, monitor='sources_csv = "links.csv"')
    assert "`linkwatch import FILE.csv` makes it" in project.run("status").stderr
    done = project.run("import", table(project, "id,name,owner,url\na,Å,O,https://a.se/\n"))
    assert done.returncode == 0, done.stderr
    assert project.config.with_name("links.csv").read_bytes() == (
        "\ufeffid;name;owner;contact;county;url;new_url;state;verdict;since\r\na;Å;O;;;https://a.se/;;;;\r\n".encode()
    )
    assert urls(project) == {"a": "https://a.se/"}


def test_it_applies_what_was_filled_in_where_the_sources_are_kept(tmp_path: Path) -> None:
    project = Project.make(tmp_path, links={}, monitor='sources_csv = "links.csv"')
    links = project.config.with_name("links.csv")
    links.write_bytes("id;name;owner;url;new_url\r\na;Å;O;https://a.se/;https://ny.se/\r\nb;B;O;;\r\n".encode("cp1252"))
    assert urls(project) == {"a": "https://a.se/", "b": ""}
    assert project.run("import", str(links)).returncode == 0
    assert links.read_bytes().decode("cp1252").split("\r\n")[1:] == ["a;Å;O;https://ny.se/;", "b;B;O;;", ""]
    assert project.run("import", str(links)).stdout == "The table changes nothing.\n"


def test_it_says_mistakes_of_both_files_with_their_lines(tmp_path: Path) -> None:
    project = Project.make(tmp_path, links=LINKS, monitor='sources_csv = "links.csv"\ncolour = "red"')
    project.config.with_name("links.csv").write_text('id,name,owner,url\nc,"C",O,ftp://x/\na,A,O,\n', encoding="utf-8")
    done = project.run("status")
    assert done.returncode == 2
    lines = [line.removeprefix("linkwatch: ") for line in done.stderr.splitlines()]
    assert lines[0].startswith("sources.toml:4: monitor.colour: unknown key")
    assert lines[1:] == [
        "links.csv:2: source.c.url: 'ftp://x/' is not an http or https address",
        "links.csv:3: source.a.id: 'a' is used already, by source number 1 in sources.toml",
    ]


# ---------------------------------------------------------------- accept


def test_it_accepts_an_address_that_is_named(project: Project) -> None:
    done = project.run("accept", "a", "https://ny.se/")
    assert done.returncode == 0
    assert done.stdout.startswith("A: http://127.0.0.1:9/a is now https://ny.se/.")
    assert urls(project) == {**LINKS, "a": "https://ny.se/"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["a"], 1, "No address is suggested for A. Name it yourself: linkwatch accept a URL"),
        (["a", "ftp://x/"], 2, "'ftp://x/' is not an http or https address"),
        (["a", ""], 2, "'' is not an http or https address"),
        (["a", LINKS["a"]], 2, "A has the address http://127.0.0.1:9/a already."),
        (["aa"], 2, "There is no source with the id 'aa' in sources.toml; did you mean"),
    ],
)
def test_it_says_why_nothing_is_accepted(project: Project, arguments: list[str], code: int, said: str) -> None:
    before = project.config.read_bytes()
    done = project.run("accept", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert project.config.read_bytes() == before


async def test_it_accepts_where_a_link_has_moved_and_starts_it_anew(tmp_path: Path) -> None:
    async def moved(writer: asyncio.StreamWriter) -> None:
        target = web.url("a.example", "/new")
        writer.write(f"HTTP/1.1 301 M\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())

    async with Web() as web:
        web.say("/old", page("Serviceprogram"))
        web.say("/new", page("Serviceprogram"))
        project = Project.make(tmp_path, {"a": web.url("a.example", "/old")}, fetch=web.pins)
        assert (await asyncio.to_thread(project.run, "check")).returncode == 0
        web.behave("/old", moved)
        await asyncio.to_thread(project.run, "check")
        done = await asyncio.to_thread(project.run, "accept", "a")
        assert done.returncode == 0, done.stderr
        assert urls(project) == {"a": "http://a.example/new"}
        report = (await asyncio.to_thread(project.run, "check", "--json")).json
        assert report["links"][0]["state"] == "ok"
