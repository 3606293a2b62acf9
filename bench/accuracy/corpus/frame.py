"""The parts that the pages of a site share: navigation, cookie banner, teasers, footer."""

from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from random import Random

from bench.accuracy.corpus import text, words
from bench.accuracy.corpus.model import rng_of

_SITES = Path(__file__).with_name("sites.txt")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One line of sites.txt. `policy` says how the site answers addresses that it does not know."""

    id: str
    host: str
    language: str
    cms: str
    sector: str
    policy: str
    flags: frozenset[str]
    organisation: str
    place: str

    @property
    def scheme(self) -> str:
        return "https" if "https" in self.flags else "http"

    @property
    def base(self) -> str:
        return f"{self.scheme}://{self.host}"

    @property
    def charset(self) -> str:
        return "iso-8859-1" if "latin1" in self.flags else "utf-8"

    @property
    def facts(self) -> text.Facts:
        region = text.COUNTIES[self.language]
        return text.Facts(language=self.language, organisation=self.organisation, place=self.place, region=region)

    @property
    def labels(self) -> dict[str, str]:
        return words.LABELS[self.language]

    @cached_property
    def sections(self) -> tuple[tuple[str, str], ...]:
        """(label, folder) of the site's main navigation."""
        table = words.NAV[self.language]
        labels = table.get(self.sector) or table[next(iter(table))]
        return tuple((label, text.slug(label)) for label in labels)

    def folder(self, index: int) -> str:
        return self.sections[index % len(self.sections)][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One page to be framed. `main` is the HTML of its main part, without the h1; `tick` turns the teasers."""

    path: str
    title: str
    main: str
    h1: str | None = None
    kind: str = "article"  # article | front | error
    head: str = ""
    updated: str = ""
    tick: int = 0
    language: str | None = None


def profiles() -> list[Profile]:
    lines = _SITES.read_text(encoding="utf-8").splitlines()
    return [_profile([part.strip() for part in line.split("|")]) for line in lines if not line.startswith("#")]


def _profile(parts: list[str]) -> Profile:
    names = ("id", "host", "language", "cms", "sector", "policy", "flags", "organisation", "place")
    values = dict(zip(names, parts, strict=True))
    flags = frozenset(values.pop("flags").split())
    return Profile(flags=flags, **values)


def nav(site: Profile) -> str:
    """The items of the main navigation; with the flag `hugenav` each section opens into some thirty links."""
    return "".join(
        f'<li class="nav-item"><a href="/{folder}/">{escape(label)}</a>{_subnav(site, folder)}</li>'
        for label, folder in site.sections
    )


def _subnav(site: Profile, folder: str) -> str:
    if "hugenav" not in site.flags:
        return ""
    names = titles(site, rng_of(site.id, folder, "subnav"), 30)
    links = (f'<li><a href="/{folder}/{text.slug(name)}-{i}/">{escape(name)}</a></li>' for i, name in enumerate(names))
    return f"<ul>{''.join(links)}</ul>"


def titles(site: Profile, rng: Random, count: int) -> list[str]:
    """Headings as pages of this site bear them."""
    bank = text.bank(site.language)
    return [text.spin(rng.choice(bank[rng.choice(list(bank))].titles), rng, site.facts) for _ in range(count)]


def link_list(site: Profile, rng: Random, count: int = 6) -> str:
    return "".join(
        f'<li><a href="/{site.folder(i)}/{text.slug(name)}/">{escape(name)}</a></li>'
        for i, name in enumerate(titles(site, rng, count))
    )


def cookies(site: Profile) -> str:
    if "cookie" not in site.flags:
        return ""
    rng = rng_of(site.id, "cookie")
    sentence = rng.choice(words.COOKIES[site.language])
    return (
        f'<div id="{rng.choice(["cookie-banner", "CybotCookiebotDialog", "kakor", "consent"])}" role="dialog" '
        f'aria-live="polite"><p>{sentence}</p><button type="button">OK</button></div>'
    )


def login_box(site: Profile) -> str:
    """A log-in form in the header of every page, as newspapers and associations have it."""
    if "loginbox" not in site.flags:
        return ""
    labels = site.labels
    return (
        f'<form class="header-login" action="/login" method="post"><label>{labels["user"]} '
        f'<input type="text" name="user"></label><label>{labels["password"]} '
        f'<input type="password" name="pass"></label><button>{labels["login"]}</button></form>'
    )


def breadcrumbs(site: Profile, view: View) -> str:
    parts = [part for part in view.path.split("?")[0].split("/") if part]
    known = {folder: label for label, folder in site.sections}
    label = known.get(parts[0], "") if parts else ""
    middle = f'<li><a href="/{parts[0]}/">{escape(label)}</a></li>' if label else ""
    return (
        f'<nav class="breadcrumb" aria-label="breadcrumb"><ol><li><a href="/">{site.labels["home"]}</a></li>'
        f"{middle}<li>{escape(view.h1 or view.title)}</li></ol></nav>"
    )


def teasers(site: Profile, tick: int, count: int = 5) -> list[tuple[str, str]]:
    """(heading, first sentence) of some news; another choice for every `tick`."""
    rng = rng_of(site.id, "teasers", tick)
    bank = text.bank(site.language)
    chosen = [bank[rng.choice(text.topics(site.language))] for _ in range(count)]
    return [
        (text.spin(rng.choice(topic.titles), rng, site.facts), text.spin(topic.sentences[0], rng, site.facts))
        for topic in chosen
    ]


def teaser_list(site: Profile, tick: int, count: int = 5) -> str:
    return "".join(
        f'<article class="teaser"><h3><a href="/nyheter/{text.slug(heading)}/">{escape(heading)}</a></h3>'
        f"<p>{escape(lead)}</p></article>"
        for heading, lead in teasers(site, tick, count)
    )


def footer(site: Profile) -> str:
    rng = rng_of(site.id, "footer")
    labels = site.labels
    general = text.bank(site.language)[text.GENERAL[site.language]].sentences
    lines = [text.spin(line, rng, site.facts) for line in general[:2]]
    return (
        f"<h2>{labels['contact']}</h2><address>{escape(site.organisation)}<br>{escape(site.place)}<br>"
        f"0{rng.randint(100, 999)}-{rng.randint(10, 99)} {rng.randint(100, 999)}</address>"
        f"<p>{' '.join(map(escape, lines))}</p>"
        f'<ul><li><a href="/om/">{labels["about"]}</a></li>'
        f'<li><a href="/tillganglighet/">{labels["access"]}</a></li>'
        f'<li><a href="https://social.example/{site.id}">Facebook</a></li></ul>'
        f"<p>&copy; 2026 {escape(site.organisation)}</p>"
    )
