"""Imports point downwards: the rooms of docs/architecture.md, held against the code."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "linkwatch"

# What each room may import of our own, beside itself. `core` is below all, `cli` above all.
MAY_IMPORT = {
    "core": set(),
    "errors": set(),
    "toml_lines": set(),
    "locale": {"core"},
    "files": {"errors"},
    "config_files": {"core", "errors"},
    "config": {
        "config_files",
        "config_mail",
        "config_operations",
        "config_shapes",
        "config_web",
        "core",
        "errors",
        "toml_lines",
    },
    "toml_blocks": {"core", "errors", "toml_lines"},
    "editing": {"config", "config_files", "core", "errors", "files", "toml_blocks"},
    "extract": {"core", "errors"},
    "fetch": {"core", "errors"},
    "store": {"core", "errors"},
    "report": {"core", "locale"},
    "config_shapes": {"core"},
    "config_web": {"config_shapes", "core", "errors"},
    "config_mail": {"config_shapes", "core"},
    "config_operations": {"config_shapes"},
    "notify": {"core", "errors"},
    "logs": {"core", "errors"},
    "doctor": {"config", "config_web", "core", "errors", "fetch", "mailing", "notify", "store"},
    "textfile": {"config", "files", "report", "store"},
    "config_watch": {"config", "config_files", "errors", "store"},
    "running": {"run"},
    "scheduling": {
        "config",
        "config_watch",
        "core",
        "errors",
        "fetch",
        "logs",
        "mailing",
        "run",
        "running",
        "store",
        "textfile",
    },
    "snapshots": {"config", "core", "store"},
    "answers": {"config", "core", "editing", "errors", "snapshots", "store"},
    "mailing": {"config", "core", "fetch", "locale", "notify", "report", "snapshots", "store"},
    "web": {
        "answers",
        "config",
        "config_files",
        "config_watch",
        "config_web",
        "core",
        "errors",
        "locale",
        "mailing",
        "report",
        "run",
        "snapshots",
        "running",
        "store",
    },
    "starting": {"core", "errors", "fetch"},
    "look": {"core", "config", "errors", "extract", "fetch", "store"},
    "listings": {"config", "core", "editing", "errors", "fetch", "look", "store"},
    "run": {"core", "config", "errors", "fetch", "listings", "look", "store"},
    "demo": {"core", "config", "locale", "mailing", "report", "run", "store"},
    "cli": {
        "answers",
        "core",
        "config",
        "config_files",
        "config_web",
        "demo",
        "doctor",
        "editing",
        "errors",
        "files",
        "locale",
        "mailing",
        "report",
        "listings",
        "run",
        "config_watch",
        "logs",
        "scheduling",
        "snapshots",
        "textfile",
        "starting",
        "web",
        "store",
    },
    "__main__": {"cli"},
    "__init__": set(),
}

# Each library has its rooms, and a reason in docs/dependencies.md.
LIBRARY_ROOMS = {
    "ada_url": {"core"},
    "apprise": {"notify"},
    "apscheduler": {"scheduling"},
    "babel": {"locale"},
    "bs4": {"core"},
    "certifi": {"fetch", "notify", "web"},
    "click": {"cli"},
    "cryptography": {"fetch", "demo"},
    "httpcore": {"fetch"},
    "httpx": {"fetch"},
    "jinja2": {"report"},
    "joserfc": {"web"},
    "lxml": {"core"},
    "markupsafe": {"report"},
    "protego": {"fetch"},
    "publicsuffixlist": {"core"},
    "pydantic": {"config", "config_mail", "config_operations", "config_shapes", "config_web", "store"},
    "pydantic_core": {"config", "config_shapes"},
    "pypdf": {"core"},
    "rich": {"cli"},
    "smtplib": {"notify"},
    "socket": {"fetch", "demo", "notify", "scheduling", "web"},
    "sqlite3": {"store"},
    "sqlite_utils": {"store"},
    "ssl": {"fetch", "demo", "notify", "web"},
    "starlette": {"web"},
    "tomlkit": {"toml_blocks"},
    "uvicorn": {"web", "cli"},
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Dotted names of everything that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_it_imports_only_from_the_rooms_below(path: Path) -> None:
    ours = {name.split(".")[1] for name in imported(path) if name.startswith("linkwatch.")} - {"__version__"}
    assert ours - {room(path)} <= MAY_IMPORT[room(path)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_it_imports_a_library_only_in_its_room(path: Path) -> None:
    libraries = {name.split(".")[0] for name in imported(path)}
    strangers = {name for name in libraries & LIBRARY_ROOMS.keys() if room(path) not in LIBRARY_ROOMS[name]}
    assert not strangers


def test_it_imports_httpx_in_one_module() -> None:
    users = {path.name for path in MODULES if any(name.split(".")[0] == "httpx" for name in imported(path))}
    assert users == {"client.py"}


def test_it_reads_no_clock_in_the_core() -> None:
    for path in (PACKAGE / "core").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert ".now(" not in source, path
        assert "time.time" not in source, path


def test_it_names_a_room_for_every_library_that_is_depended_on() -> None:
    pyproject = (PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8")
    block = pyproject.partition("dependencies = [")[2].partition("\n]")[0]
    declared = {line.strip(' ",').split("[")[0].split(">")[0].split("=")[0] for line in block.splitlines() if line}
    modules = {"beautifulsoup4": "bs4", "tzdata": None, "sniffio": None}  # the last two are used by others
    wanted = {modules.get(name, name.replace("-", "_")) for name in declared} - {None}
    assert wanted <= LIBRARY_ROOMS.keys()
