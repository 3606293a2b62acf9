from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from linkwatch.config import load
from linkwatch.core.models import FetchPolicy
from linkwatch.core.starter import Origin
from linkwatch.starting import links_of_page, visited
from tests.cli.command import linkwatch, no_traceback
from tests.small_web import Web

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
PAGE = (
    '<html><body><nav><a href="/">Start</a></nav><main><h2>Länen</h2><ul>'
    '<li><a href="https://regionblekinge.se/rsp">Blekinge</a></li>'
    '<li><a href="https://www.regionuppsala.se/">Uppsala</a></li>'
    '<li><a href="https://regionorebrolan.se/x.pdf">Örebro</a></li></ul></main></body></html>'
)


def test_it_writes_an_example_that_loads_and_overwrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config" / "sources.toml"
    done = linkwatch("init", "--config", str(path), "--language", "en")
    assert (done.returncode, done.stderr) == (0, "")
    assert str(path) in done.stdout
    assert [source.id for source in load(path).sources] == ["example"]
    before = path.read_bytes()
    again = linkwatch("init", "--config", str(path))
    assert (again.returncode, again.stdout) == (2, "")
    assert "is there already" in again.stderr
    assert path.read_bytes() == before


def test_it_fills_it_from_a_saved_page(tmp_path: Path) -> None:
    saved, path = tmp_path / "page.html", tmp_path / "sources.toml"
    saved.write_text(PAGE, encoding="utf-8")
    done = linkwatch("init", "--from", str(saved), "--heading", "Länen", "--config", str(path), "--language", "en")
    assert done.returncode == 0, done.stderr
    assert "with 3 links" in done.stdout
    config = load(path)
    assert [(one.id, one.county, one.owner) for one in config.sources] == [
        ("blekinge", "K", "regionblekinge.se"),
        ("uppsala", "C", "regionuppsala.se"),
        ("orebro", "T", "regionorebrolan.se"),
    ]
    assert config.listings == ()


async def test_it_reads_the_links_of_a_page_where_it_is_published() -> None:
    async with Web() as web:
        web.say("/lista", PAGE.encode())
        url = web.url("vi.example", "/lista")
        policy = FetchPolicy(
            allow_networks=(ip_network("127.0.0.0/8"),), resolve={"vi.example": f"127.0.0.1:{web.port}"}
        )
        visit = await visited(url, policy, NOW)
    assert [link.name for link in links_of_page(visit, Origin(url=url))] == ["Blekinge", "Uppsala", "Örebro"]


@pytest.mark.parametrize(
    ("place", "code", "said"),
    [
        ("http://127.0.0.1:9/lista", 1, "could not be read ("),
        ("nowhere.html", 2, "nowhere.html cannot be read: No such file or directory."),
        ("empty.html", 1, "No links were found in"),
    ],
)
def test_it_writes_nothing_when_there_are_no_links(tmp_path: Path, place: str, code: int, said: str) -> None:
    (tmp_path / "empty.html").write_text("<html><body><p>Inget här.</p></body></html>", encoding="utf-8")
    path = tmp_path / "sources.toml"
    place = place if "://" in place else str(tmp_path / place)
    done = linkwatch("init", "--from", place, "--config", str(path), "--language", "en")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    assert said in done.stderr
    assert not path.exists()
    no_traceback(done)


def test_it_says_when_a_selector_is_none(tmp_path: Path) -> None:
    done = linkwatch("init", "--from", "x", "--selector", "a[", "--config", str(tmp_path / "s.toml"))
    assert done.returncode == 2
    assert "'a[' is not a CSS selector" in done.stderr
