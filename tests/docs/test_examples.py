"""What README and docs show can be done as they show it.

```sh run          is run, line by line, in a project of its own
```toml config     and indented blocks that begin with a table: make a configuration that loads
commands           anywhere in a block, or `between ticks`: exist, with the options that are named
[links](…)         lead to files and headings that exist
"""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from linkwatch.cli import cli
from linkwatch.config import load
from linkwatch.core.models import Code
from linkwatch.locale import Words
from tests.cli.command import ROOT, Project, surroundings

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
WRITTEN = [page for page in PAGES if page.name != "reference.md"]  # by hand

_FENCED = re.compile(r"^```(\S*) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^\n|\A)((?:^    .*\n|^\n(?=    ))+)", re.MULTILINE)
_COMMAND = re.compile(r"(?:^|[\s`(]|&& )(?:sudo )?(?:python3 do\.py|linkwatch) ([^`\n#|]*)")
_NOT_OURS = ("python", "test", "lint", "--version", "ANYTHING")  # what do.py does itself


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """What is said of each block, and what stands in it."""
    for kind, mark, body in _FENCED.findall(text(page)):
        yield f"{kind} {mark}".strip(), body
    for body in _INDENTED.findall(_FENCED.sub("", text(page))):
        yield "indented", re.sub(r"^    ", "", body, flags=re.MULTILINE)


def shown(kind: str) -> list[object]:
    """Blocks of a kind, each with the name of its page."""
    found = [(page.name, body) for page in WRITTEN for said, body in blocks(page) if said == kind]
    return [pytest.param(body, id=f"{name}-{number}") for number, (name, body) in enumerate(found)]


def settings() -> list[object]:
    tables = [
        (page.name, body)
        for page in WRITTEN
        for kind, body in blocks(page)
        if kind in ("toml", "toml config") or (kind == "indented" and body.startswith("["))
    ]
    return [pytest.param(body, id=f"{name}-{number}") for number, (name, body) in enumerate(tables)]


# ---------------------------------------------------------------- shell


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """It watches nothing that would have to be visited, and `linkwatch` is a command there."""
    made = Project.make(tmp_path, {"a": "", "b": ""}, monitor='title = "Länkar"\ncontact = "webb@lankar.example"')
    with made.config.open("a", encoding="utf-8") as file:
        file.write(
            "[mail]\nserver = '127.0.0.1:9'\nsecurity = 'none'\nfrom = 'a@example.se'\n"
            "[[subscriber]]\naddress = 'b@example.se'\n"
        )
    command = tmp_path / "bin" / "linkwatch"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m linkwatch "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return made


@pytest.mark.parametrize("example", shown("sh run"))
def test_it_runs(example: str, project: Project) -> None:
    path = f"{project.folder / 'bin'}:/usr/bin:/bin"
    environment = surroundings({"PATH": path, "LINKWATCH_CONFIG": str(project.config)})
    if "token revoke" not in example and "linkwatch check " not in example:
        assert project.run("check").returncode == 0  # so that there is something to look at
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", example],
        cwd=project.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def commands() -> list[object]:
    """Every command line of ours that is shown, once."""
    found = dict[str, str]()
    for page in WRITTEN:
        for line in _COMMAND.findall(text(page)):
            words = line.split(" && ")[0].strip().rstrip(".,;:)")
            ours = cli.list_commands(click.Context(cli))
            if re.match(r"[a-z]+( |$)", words) and words.split()[0] not in _NOT_OURS and words.split()[0] in ours:
                found.setdefault(words, page.name)
    return [pytest.param(words, id=f"{name}: {words}") for words, name in found.items()]


@pytest.mark.parametrize("line", commands())
def test_a_command_has_the_options_that_are_shown(line: str) -> None:
    words = shlex.split(line.replace("’", ""))
    context = click.Context(cli)
    command: click.Command | None = cli
    while isinstance(command, click.Group) and words and words[0] in command.list_commands(context):
        command = command.get_command(context, words.pop(0))
    assert command is not None
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    named = [word.partition("=")[0] for word in words if word.startswith("-")]
    assert [name for name in named if name not in known] == []


def test_commands_are_found() -> None:
    assert len(commands()) > 20


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize("example", settings())
def test_it_is_a_configuration(example: str, tmp_path: Path) -> None:
    path = tmp_path / "config" / "sources.toml"
    path.parent.mkdir()
    whole = example.replace("…", "x")
    if "[monitor]" not in whole:
        whole = f'[monitor]\ncontact = "webb@lankar.example"\n{whole}'
    if "[[source]]" not in whole:
        whole += '\n[[source]]\nid = "a"\nname = "A"\nurl = ""\nowner = "O"\n'
    if ("[[subscriber]]" in whole or "[[webhook]]" in whole) and "[mail]" not in whole:
        whole += '\n[mail]\nserver = "smtp.example.se"\nfrom = "lankar@example.se"\n'
    path.write_text(whole, encoding="utf-8")
    assert load(path).watched


# ---------------------------------------------------------------- links, and words


def _anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    heads = re.findall(r"^#+ (.*)$", _FENCED.sub("", text(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_its_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", _FENCED.sub("", text(page))):
        if re.match("https?:", target):
            continue
        name, _, anchor = target.partition("#")
        to = page.parent / name if name else page
        assert to.exists(), target
        assert not anchor or anchor in _anchors(to), target


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_editors_page_has_the_words_that_editors_see(language: str) -> None:
    page, words = text(ROOT / "docs" / f"editor-{language}.md").lower(), Words(language)
    keys = [f"verdict.{one}.name" for one in Code] + [f"desk.action.{one}" for one in _ACTIONS]
    keys += ["report.todo.heading", "report.suspected.heading", "desk.nav.log"]
    assert [key for key in keys if words.text(key).replace("’", "'").lower() not in page] == []


_ACTIONS = ("acknowledge", "approve", "confirm", "accept", "report", "assign", "check", "pause", "ignore")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_recipients_page_has_the_words_of_the_mail(language: str) -> None:
    page, words = text(ROOT / "docs" / "recipient.md"), Words(language)
    titles = ("new", "open", "fixed", "unverified", "unchecked")
    keys = [f"mail.digest.title.{one}" for one in titles]
    keys += [f"mail.digest.answer.{one}" for one in ("acknowledge", "approve", "snooze")]
    assert [key for key in keys if words.text(key, n="").removesuffix(" ()") not in page] == []
