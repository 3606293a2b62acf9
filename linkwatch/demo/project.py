"""The demo's project folder: a real `config/sources.toml` and the authority's certificate beside it."""

import json
from collections.abc import Mapping
from pathlib import Path

from linkwatch.demo.sites import AGENCY_HOST, LISTING_HEADING, LISTING_URL, counties

_CA_FILE = "config/demo-ca.pem"
_LISTING = "regional-samordning"
_AGENCY = AGENCY_HOST.removeprefix("www.")
DESK = "http://127.0.0.1:8420"  # where `linkwatch demo --serve` shows it, unless told otherwise


def write_project(
    folder: Path, addresses: Mapping[str, str], *, resolve: Mapping[str, str], authority: bytes, language: str
) -> Path:
    """Write the folder's configuration and return its path. `addresses` gives each county's url, empty for none."""
    path = folder / "config" / "sources.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    (folder / _CA_FILE).write_bytes(authority)
    tables = [
        _monitor(language),
        _fetch(resolve),
        _table("[web]", public_url=DESK),
        _mail(),
        _listing(addresses),
        *_sources(addresses),
    ]
    path.write_text("\n".join(tables), encoding="utf-8")
    return path


def _monitor(language: str) -> str:
    title = "Regionala serviceprogram" if language == "sv" else "Regional service programmes"
    return _table(
        "[monitor]",
        title=title,
        language=language,
        timezone="Europe/Stockholm",
        database="db/linkwatch.db",
        contact=f"webbredaktion@{_AGENCY}",
        about=f"https://{AGENCY_HOST}/linkwatch",
    )


def _fetch(resolve: Mapping[str, str]) -> str:
    pins = ", ".join(f"{_toml(host)} = {_toml(address)}" for host, address in resolve.items())
    pace = "per_host_delay_s = 0\n"
    return f'[fetch]\n{pace}allow_networks = ["127.0.0.0/8"]\nca_file = {_toml(_CA_FILE)}\nresolve = {{{pins}}}\n'


def _mail() -> str:
    """The editors' digest, an hour after each run. The demo leaves it in a folder: nothing listens on that port."""
    mail = _table(
        "[mail]",
        server="127.0.0.1:1",
        security="none",
        operators=[f"drift@{_AGENCY}"],
        **{"from": f"linkwatch@{_AGENCY}"},
    )
    return mail + _table("[[subscriber]]", address=f"webbredaktion@{_AGENCY}", every="week", weekday="monday", hour=10)


def _listing(addresses: Mapping[str, str]) -> str:
    """The agency's page, from which sources.toml follows its links by itself."""
    linked = sum(map(bool, addresses.values()))
    return _table("[[listing]]", id=_LISTING, url=LISTING_URL, heading=LISTING_HEADING, expect=linked, auto_apply=True)


def _sources(addresses: Mapping[str, str]) -> list[str]:
    return [
        _table(
            "[[source]]",
            id=one.id,
            name=one.name,
            url=addresses[one.id],
            owner=one.owner,
            contact=f"service@{one.ascii_host.removeprefix('www.')}",
            county=one.letter,
            listing=_LISTING,
        )
        for one in counties()
    ]


def _table(header: str, **values: str | int | list[str]) -> str:
    return "".join([f"{header}\n", *(f"{key} = {_toml(value)}\n" for key, value in values.items())])


def _toml(value: str | int | list[str]) -> str:
    """A TOML value; JSON's strings, whole numbers and lists of strings are TOML's as well."""
    return json.dumps(value, ensure_ascii=False)
