"""A listing page → a configuration to start from, with a comment on everything that can be set."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from linkwatch.core.fields import LONGEST_TEXT
from linkwatch.core.listed import Listed
from linkwatch.core.naming import county_of
from linkwatch.core.safe import plain
from linkwatch.core.urls import host, registrable_domain

_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "ß": "ss", "ð": "d", "þ": "th", "ł": "l", "đ": "d"})

_HEAD = """\
# What linkwatch watches. Every mistake in this file is reported with its line:
#   linkwatch config check

[monitor]
title     = {title}
language  = "{language}"                         # sv or en: reports and what commands print
timezone  = "Europe/Stockholm"
database  = "db/linkwatch.db"            # relative to the project folder
# contact = "webb@example.se"            # yours: sent with every visit, so that those you visit can reach you
# about   = "https://example.se/linkwatch"   # a page that says what you do
outdated_after_days = 1825               # a page last modified longer ago is out of date
# sources_csv = "links.csv"              # more sources, in a table beside this file: linkwatch import, export

[fetch]
timeout_s           = 30                 # for one link, all its redirects together
per_host_delay_s    = 1.0                # pause between two requests to one host
concurrency         = 16                 # hosts visited side by side
max_body_mb         = 10
respect_robots      = true
allow_networks      = []                 # e.g. ["10.0.0.0/8"]: private ranges that may be visited all the same

[confirm]                                # when a failure counts
missing_runs        = 2                  # 404, 410 and the like: this many checks in a row ...
missing_hours       = 24                 # ... spread over at least this long
trouble_runs        = 3                  # server errors, time-outs, DNS
trouble_hours       = 144

[web]                                    # the review desk: linkwatch serve
listen              = "127.0.0.1:8420"   # elsewhere only with auth and public_url
auth                = "none"             # who sits at this machine; or "token", "proxy", "oidc"
"""

_EXAMPLE = """
# One [[source]] for each link. Put your own in the place of this one.

[[source]]
id       = "example"                     # stable: history hangs on it
name     = "Example"
url      = "https://example.se/"         # "" where there is no page
owner    = "Example organisation"        # who answers for the page
# contact = "webb@example.se"            # where to report a fault
# county = "AB"                          # county letter, for the map
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The listing that a configuration is made from. `heading` and `selector` say which part of the page it is."""

    url: str
    heading: str | None = None
    selector: str | None = None


def starter(links: Sequence[Listed] = (), *, origin: Origin | None = None, language: str = "sv") -> str:
    """The text of a configuration that loads. Without links it has one example to be replaced."""
    head = _HEAD.format(title=_quoted("linkwatch"), language=language)
    if not links:
        return head + _EXAMPLE
    sources = list(_sources(links, {"listing": "listing"} if origin else {}))
    return head + (_listing(origin, len(sources)) if origin else "") + "".join(map(_table, sources))


def slug(name: str) -> str:
    """A name as an id: "Västra Götaland" is "vastra-gotaland"; "" where there is no letter or digit to keep."""
    bare = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"[\u0300-\u036f]", "", bare)).strip("-")[:80].strip("-")


def _sources(links: Sequence[Listed], more: Mapping[str, str]) -> Iterator[dict[str, str]]:
    used: set[str] = set()
    for link in links:
        domain = registrable_domain(host(link.url)) if link.url else ""
        name = _shown(link.name) or domain or f"link {link.position}"
        fields = {"id": _unused(slug(name) or slug(domain) or "link", used), "name": name, "url": link.url or ""}
        fields["owner"] = domain or name
        if letter := county_of(name):
            fields["county"] = letter
        yield {**fields, **more}


def _unused(wanted: str, used: set[str]) -> str:
    name, number = wanted, 1
    while name in used:
        number += 1
        name = f"{wanted}-{number}"
    used.add(name)
    return name


def _shown(text: str) -> str:
    return "".join(char for char in plain(text, LONGEST_TEXT) if char.isprintable()).strip()


def _listing(origin: Origin, expect: int) -> str:
    said = {"id": "listing", "url": origin.url, "heading": origin.heading, "selector": origin.selector}
    lines = [f"{key:<8} = {_quoted(value)}" for key, value in said.items() if value]
    return "\n".join(["", "[[listing]]                              # the page that lists the links", *lines,
                      f"expect   = {expect}", ""])  # fmt: skip


def _table(fields: Mapping[str, str]) -> str:
    lines = [f"{key:<8} = {_quoted(value)}" for key, value in fields.items()]
    return "\n".join(["", "[[source]]", *lines, ""])


def _quoted(text: str) -> str:
    """TOML's basic string: JSON's, but for DEL and lone surrogates, which have been taken away."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
