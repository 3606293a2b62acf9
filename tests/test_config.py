import tomllib
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkwatch.config import load
from linkwatch.config_files import project_folder
from linkwatch.config_shapes import without_user
from linkwatch.core.models import FetchPolicy
from linkwatch.errors import ConfigError

SHIPPED = Path(__file__).parent.parent / "config" / "sources.toml"
PAGE_ORDER = (
    "Blekinge, Dalarna, Gotland, Gävleborg, Halland, Jämtland, Jönköping, Kalmar, Kronoberg, Norrbotten, Skåne, "
    "Stockholm, Södermanland, Uppsala, Västra Götaland, Värmland, Västerbotten, Västernorrland, Västmanland, Örebro, "
    "Östergötland"
).split(", ")

ONE = '[[source]]\nid = "a"\nname = "A"\nurl = "https://a.se/"\nowner = "Region A"\n'


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write(text: str | bytes) -> Path:
        path = tmp_path / "config" / "sources.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def mistakes(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert caught.value.exit_code == 2
    return caught.value.mistakes


def test_it_ships_the_21_counties_in_the_order_of_the_page() -> None:
    config = load(SHIPPED)
    assert [source.name for source in config.sources] == PAGE_ORDER
    assert len({source.county for source in config.sources}) == 21
    assert {source.listing for source in config.sources} == {"regional-samordning"}
    assert config.database == SHIPPED.parent.parent / "db" / "linkwatch.db"


def test_it_fills_in_what_is_not_said(write: Any) -> None:
    config = load(write(ONE))
    assert (config.language, config.timezone) == ("sv", "Europe/Stockholm")
    assert config.fetch.timeout_s == FetchPolicy().timeout_s
    assert config.confirm.trouble_for == timedelta(hours=144)
    assert config.sources[0].tags == ()


def test_it_reads_what_is_said(write: Any) -> None:
    head = (
        '[monitor]\ncontact = "webb@a.se"\nabout = "https://a.se/om"\n'
        '[fetch]\nallow_networks = ["127.0.0.0/8"]\nresolve = {"WWW.a.se" = "127.0.0.1:8443"}\nca_file = "ca.pem"\n'
        "max_body_mb = 0.5\n"
    )
    path = write(head + ONE)
    (path.parent.parent / "ca.pem").touch()
    fetch = load(path).fetch
    assert fetch.allow_networks == (ip_network("127.0.0.0/8"),)
    assert fetch.resolve == {"www.a.se": "127.0.0.1:8443"}
    assert fetch.max_body_bytes == 500_000
    assert fetch.user_agent.endswith(" (+https://a.se/om; webb@a.se)")
    assert fetch.ca_file is not None
    assert Path(fetch.ca_file).is_absolute()


def test_it_takes_a_county_without_a_programme(write: Any) -> None:
    assert load(write(ONE.replace("https://a.se/", ""))).sources[0].url == ""


def test_it_says_every_mistake_at_once_in_the_order_of_the_file(write: Any) -> None:
    text = (
        '[monitor]\nlanguage = "no"\ntimezone = "Europe/Stokholm"\ncolour = "red"\n'  # 1-4
        "[fetch]\ntimeout_s = 0\nconcurrency = 1.5\n"  # 5-7
        '\n[fetch.resolve]\n"a.se" = "not an address"\n'  # 8-10
        '[[source]]\nid = "blekinge"\nname = "Blekinge"\nurl = "ftp://a.se/"\nowner = ""\ncounty = "Q"\n'  # 11-16
        '[[source]]\nid = "blekinge"\nname = "Två"\nurl = "https://a.se/"\nlisting = "x"\nadress = "?"\n'  # 17-22
    )
    assert mistakes(write(text)) == [
        "sources.toml:2: monitor.language: must be 'sv' or 'en'",
        "sources.toml:3: monitor.timezone: 'Europe/Stokholm' is not a time zone; did you mean 'Europe/Stockholm'?",
        "sources.toml:4: monitor.colour: unknown key (known here: title, language, timezone, database, contact, "
        "about, outdated_after_days, sources_csv)",
        "sources.toml:6: fetch.timeout_s: must be more than 0.0",
        "sources.toml:7: fetch.concurrency: must be a whole number",
        "sources.toml:10: fetch.resolve.a.se: 'not an address' is not an IP address, with or without a port",
        "sources.toml:14: source.blekinge.url: 'ftp://a.se/' is not an http or https address",
        "sources.toml:15: source.blekinge.owner: must not be empty",
        "sources.toml:16: source.blekinge.county: 'Q' is not a county letter (AB, C, D, E, F, G, H, I, K, M, N, O, "
        "S, T, U, W, X, Y, Z, AC, BD)",
        "sources.toml:17: source.blekinge.owner: is missing",
        "sources.toml:18: source.blekinge.id: 'blekinge' is used already, by source number 1",
        "sources.toml:21: source.blekinge.listing: there is no [[listing]] with the id 'x'",
        "sources.toml:22: source.blekinge.adress: unknown key (known here: id, name, url, owner, contact, county, "
        "listing, tags, paused)",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "sources.toml:1: source: there is no [[source]]: nothing to watch"),
        (ONE + "url =\n", "sources.toml:6: the file is not valid TOML: invalid value"),
        (b'[monitor]\ntitle = "\xe5"\n', "sources.toml:2: the file is not UTF-8 text"),
        ('source = "x"\n', "sources.toml:1: source: must be a list in [ ]"),
        ("source = [3]\n", "sources.toml:1: source.number 1: must be a table"),
        ('[fetch]\nca_file = "ca.pem"\n' + ONE, "sources.toml:2: fetch.ca_file: there is no file 'ca.pem'"),
        ("[sources]\n" + ONE, "sources.toml:1: sources: unknown key; did you mean 'source'?"),
        (ONE + "name = 'B'\n", "sources.toml:6: the file is not valid TOML: cannot overwrite a value"),
        (ONE.replace('"A"', '"A\\nB"'), "sources.toml:3: source.a.name: holds a line break or another character"),
        ('[monitor]\ncontact = "webb@å.se"\n' + ONE, "sources.toml:2: monitor.contact: is sent with every visit"),
        ('[monitor]\ncontact = "webbredaktion"\n' + ONE, "sources.toml:2: monitor.contact: 'webbredaktion' is not a"),
        ('[fetch]\nallow_networks = ["10.0.0.1/8"]\n' + ONE, "sources.toml:2: fetch.allow_networks.0: '10.0.0.1/8' is"),
        (
            '[schedule]\nping_url = "https://u:pw@hc.se/"\n' + ONE,
            "sources.toml:2: schedule.ping_url: holds a user or a password, which would not be sent",
        ),
        (ONE.replace('"a"', '"å ä"'), "sources.toml:2: source.å ä.id: must be letters (a-z), digits"),
    ],
)
def test_it_says_what_is_wrong_and_where(write: Any, text: str | bytes, said: str) -> None:
    assert mistakes(write(text))[0].startswith(said)


def test_it_says_when_there_is_no_file(tmp_path: Path) -> None:
    assert mistakes(tmp_path / "none.toml")[0].endswith("there is no such file; name another with --config PATH")


def test_it_says_when_the_file_is_a_folder(tmp_path: Path) -> None:
    assert "cannot be read" in mistakes(tmp_path)[0]


def test_it_starts_relative_paths_from_the_project_folder(tmp_path: Path) -> None:
    assert project_folder(tmp_path / "config" / "sources.toml") == tmp_path.resolve()
    assert project_folder(tmp_path / "links.toml") == tmp_path.resolve()


_toml = st.recursive(
    st.one_of(st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False), st.text(max_size=8)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
_names = st.sampled_from(["id", "name", "url", "owner", "county", "tags", "timeout_s", "resolve", "contact", "zzz"])


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from(["monitor", "fetch", "confirm"]), st.dictionaries(_names, _toml, max_size=4)),
       st.lists(st.dictionaries(_names, _toml, max_size=5), max_size=3))  # fmt: skip
def test_it_loads_or_says_a_line_for_every_mistake(
    tmp_path_factory: pytest.TempPathFactory, tables: dict[str, Any], sources: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("c") / "sources.toml"
    path.write_text(_dump(tables, sources), encoding="utf-8")
    tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        load(path)
    except ConfigError as error:
        assert error.mistakes
        assert all(line.startswith("sources.toml:") for line in error.mistakes)


def _dump(tables: dict[str, Any], sources: list[dict[str, Any]]) -> str:
    parts = [f"[{name}]\n" + _pairs(table) for name, table in tables.items()]
    return "".join(parts + ["[[source]]\n" + _pairs(row) for row in sources])


def _pairs(table: dict[str, Any]) -> str:
    return "".join(f"{key} = {_value(value)}\n" for key, value in table.items())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(c):08x}" for c in value if not 0xD800 <= ord(c) < 0xE000) + '"'
    return repr(value)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("smtp://u:pw@h.se", "smtp://…@h.se"),
        ("https://:pw@h.se/x?y#z", "https://…@h.se/x?y#z"),
        ("https://u:p@w@h.se/", "https://…@h.se/"),
        ("u:pw@h.se:25", "…@h.se:25"),
        ("htps://www.youtube.com/@regionen/videos", "htps://www.youtube.com/@regionen/videos"),
        ("anna@example.se", "anna@example.se"),
        ("h.se", "h.se"),
    ],
)
def test_an_address_is_shown_without_its_user(address: str, shown: str) -> None:
    assert without_user(address) == shown
