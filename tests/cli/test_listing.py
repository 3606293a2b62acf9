import asyncio
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cli.command import Done, Project, no_traceback
from tests.small_web import Web, page


class Desk:
    def __init__(self, web: Web, folder: Path) -> None:
        self.web = web
        self.links = {id: web.url(f"{id}.example", f"/{id}") for id in "abc"}
        self.other = web.url("other.example", "/other")
        url = web.url("ours.example", "/list")
        self.project = Project.make(folder, self.links, fetch=web.pins)
        with self.project.config.open("a", encoding="utf-8") as file:
            file.write(f"[[listing]]\nid = 'ours'\nurl = '{url}'\n# ours, kept by hand\n")
        self.publish(self.links)

    def publish(self, links: dict[str, str], *, text: str = "") -> None:
        rows = "".join(f'<li><a href="{url}">{text or id.upper()}</a></li>' for id, url in links.items())
        self.web.say("/list", f"<title>Program</title><main><h1>Program</h1><ul>{rows}</ul></main>".encode())

    async def run(self, *arguments: str) -> Done:
        done = await asyncio.to_thread(self.project.run, *arguments)
        no_traceback(done)
        return done

    @property
    def text(self) -> str:
        return self.project.config.read_text(encoding="utf-8")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with Web() as web:
        yield Desk(web, tmp_path)


async def test_it_says_that_page_and_file_agree(desk: Desk) -> None:
    done = await desk.run("listing")
    assert done.returncode == 0
    assert done.stdout == (
        "The listing ours: http://ours.example/list\n3 links. They were found by their names.\n"
        "The page and sources.toml agree.\n"
    )


async def test_it_shows_differences_and_applies_them_with_one_line(desk: Desk) -> None:
    desk.publish({**desk.links, "b": desk.other})
    before = desk.text
    shown = await desk.run("listing")
    assert f"  B has a new address on the page: {desk.other} (watched: {desk.links['b']})" in shown.stdout
    assert "linkwatch listing --apply" in shown.stdout
    patch = await desk.run("listing", "--dry-run")
    changed = [line for line in patch.stdout.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert changed == [f'-url = "{desk.links["b"]}"', f'+url = "{desk.other}"']
    assert desk.text == before
    applied = await desk.run("listing", "--apply")
    assert applied.returncode == 0
    assert "1 change made in" in applied.stdout
    assert desk.text == before.replace(desk.links["b"], desk.other)
    assert desk.project.config.with_name("sources.toml.bak").read_text(encoding="utf-8") == before
    assert "There is nothing to take over." in (await desk.run("listing", "--apply")).stdout


async def test_it_adds_what_is_new_and_takes_away_what_is_gone(desk: Desk) -> None:
    desk.publish({"a": desk.links["a"], "b": desk.links["b"], "Åland": desk.other})
    await desk.run("listing", "--apply")
    sources = {source["id"]: source["url"] for source in tomllib.loads(desk.text)["source"]}
    assert sources == {"a": desk.links["a"], "b": desk.links["b"], "aland": desk.other}
    assert "# ours, kept by hand" in desk.text


async def test_a_page_that_cannot_be_read_is_told_and_changes_nothing(desk: Desk) -> None:
    before = desk.text
    desk.web.say("/list", page("Borttagen"), status=410)
    done = await desk.run("listing")
    assert (done.returncode, "could not be read" in done.stdout) == (0, True)
    applied = await desk.run("listing", "--apply")
    assert (applied.returncode, desk.text) == (1, before)
    assert "could not be read" in applied.stderr


async def test_it_is_data_for_scripts_with_hints(desk: Desk) -> None:
    desk.publish({**desk.links, "c": desk.links["a"]})
    (one,) = (await desk.run("listing", "--json")).json["listings"]
    assert (one["id"], one["verdict"], one["found_by"], len(one["links"])) == ("ours", "ok", "names", 3)
    assert [(each["kind"], each["source"]) for each in one["differences"]] == [("duplicate", "c")]
    assert [(each["kind"], each["names"]) for each in one["hints"]] == [("same_address", ["A", "C"])]


async def test_a_run_says_the_same_of_the_page_and_a_run_of_some_links_says_nothing(desk: Desk) -> None:
    for letter in "abc":
        desk.web.say(f"/{letter}", page(letter))
    assert (await desk.run("check", "a")).returncode == 0
    assert "/list" not in {asked.path for asked in desk.web.log}
    assert (await desk.run("check", "--due")).returncode == 0
    assert "/list" in {asked.path for asked in desk.web.log}
    desk.web.log.clear()
    await desk.run("check", "--due")
    assert desk.web.log == []


async def test_what_the_page_shows_instead_is_suggested_and_accepted(desk: Desk) -> None:
    desk.publish({**desk.links, "b": desk.other})
    await desk.run("listing")
    (one,) = [link for link in (await desk.run("status", "--json")).json["links"] if link["id"] == "b"]
    assert one["suggestion"] == {"url": desk.other, "score": 1.0, "why": "listing"}
    before = desk.text
    assert (await desk.run("accept", "b")).returncode == 0
    assert desk.text == before.replace(desk.links["b"], desk.other)


def test_it_needs_a_listing(tmp_path: Path) -> None:
    project = Project.make(tmp_path, {"a": "https://a.example/"})
    done = project.run("listing")
    assert done.returncode == 2
    assert "There is no [[listing]]" in done.stderr
