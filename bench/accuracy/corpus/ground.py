"""One living site under construction: its host, its front page and hubs, and pages put at its addresses."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from random import Random

from bench.accuracy.corpus import cms, errors, frame, text
from bench.accuracy.corpus.frame import Profile, View
from bench.accuracy.corpus.model import Answer, Group, Host, Reply, Request, World, phased, rng_of
from bench.accuracy.corpus.text import Prose

_ADDRESSES = {
    "sitevision": ("/{folder}/{slug}.4.{hex}.html", "/{folder}/{slug}.html"),
    "episerver": ("/{folder}/{slug}/", "/{folder}/{word}/{slug}/"),
    "aspx": ("/{folder}/{slug}/?id={n}", "/templates/Page____{n}.aspx", "/{folder}/{slug}.aspx?id={n}&epslanguage=sv"),
    "wordpress": ("/{slug}/", "/{folder}/{slug}/", "/2025/0{digit}/{slug}/"),
    "sharepoint": ("/{folder}/Sidor/{slug}.aspx", "/{folder}/{word}/Sidor/default{n}.aspx"),
    "drupal": ("/{folder}/{slug}", "/node/{n}"),
    "typo3": ("/{folder}/{word}/{slug}", "/{folder}/{slug}.html"),
    "umbraco": ("/{folder}/{slug}/", "/{folder}/{word}/{slug}/"),
    "static": ("/{slug}.html", "/{folder}/{slug}.htm"),
    "news": ("/a/{hex}/{slug}", "/{folder}/{slug}.{n}"),
    "ssr": ("/{folder}/{slug}", "/{folder}/{word}/{slug}"),
    "sitecore": ("/{folder}/{slug}", "/{folder}/{word}/{slug}"),
    "govuk": ("/guidance/{slug}", "/{folder}/{slug}"),
}  # fmt: skip
_IDENTS = {
    "sitevision": re.compile(r"\.4\.[0-9a-f]{15}\.html$"),
    "aspx": re.compile(r"[?&]id=\d+|Page____\d+"),
    "news": re.compile(r"^/a/[0-9a-f]{15}/|\.\d+$"),
}  # these systems look at the number in an address and at nothing else of it
_ROBOTS = ("", "User-agent: *\nDisallow: /admin/\n", "User-agent: *\nDisallow: /intern/\nSitemap: {base}/sitemap.xml\n",
           "User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nAllow: /\n")  # fmt: skip
_SUFFIXES = ("{} - {org}", "{} | {org}", "{} – {org}", "{}", "{org}: {}")
SATELLITES = ("utveckling", "bibliotek", "jobb", "turism", "arkiv", "kultur")


@dataclass(slots=True, kw_only=True)
class Ground:
    """A site and the means to put links on it. `host` is its main host, `index` its place in sites.txt."""

    world: World
    site: Profile
    index: int
    host: Host
    rng: Random
    children: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    # ------------------------------------------------------------ text and addresses

    def prose(self, *, sentences: int = 10, topic: str | None = None, table: bool = False) -> Prose:
        chosen = topic or self.rng.choice(text.topics(self.site.language))
        return text.write(chosen, self.rng, self.site.facts, sentences=sentences, table=table)

    def address(self, title: str) -> str:
        """A free address as this system makes them."""
        rng = self.rng
        shape = rng.choice(_ADDRESSES[self.site.cms])
        folder = self.site.folder(rng.randrange(99))
        words = {
            "folder": folder.replace("-", "").title() if self.site.cms in {"aspx", "sharepoint"} else folder,
            "slug": text.slug(title),
            "word": text.slug(rng.choice(frame.titles(self.site, rng, 1)))[:18].strip("-"),
            "hex": f"{rng.randrange(16**15):015x}",
            "n": str(rng.randint(1000, 99999)),
            "digit": str(rng.randint(1, 9)),
        }
        found = shape.format(**words)
        if found in self.used:
            return self.address(f"{title} {rng.randint(2, 99)}")
        self.used.add(found)
        self.children.setdefault(folder, []).append((found, title))
        return found

    def url(self, target: str) -> str:
        return self.site.base + target

    def satellite(self, number: int) -> Host:
        """A further host of the same site, made when first asked for."""
        bare = self.site.host.removeprefix("www.").removeprefix("app.")
        name = f"{SATELLITES[(self.index + number) % len(SATELLITES)]}.{bare}"
        if name in self.world.hosts:
            return self.world.hosts[name]
        host = Host(name=name, site=self.site.id, unknown=errors.unknown(self.site))
        host.routes["/"] = lambda request: front(self.site, request)
        return self.world.host(host)

    # ------------------------------------------------------------ answers

    def shown(
        self,
        prose: Prose,
        path: str,
        *,
        system: str | None = None,
        live: bool = False,
        validator: str | None = None,
        head: str = "",
        h1: bool = True,
        fixed: bool = False,
    ) -> Answer:
        """The page with that prose. `live` turns its teasers with each request, `fixed` never does; otherwise they
        turn from day to day. `validator` is etag or modified."""

        def answer(request: Request) -> Reply:
            tick = request.number if live else errors.day(request)
            view = View(
                path=path,
                title=page_title(self.site, prose.title),
                h1=prose.title if h1 else None,
                main=main_html(prose),
                updated=prose.updated,
                tick=0 if fixed or validator else tick,
                head=head,
            )
            reply = errors.html_reply(self.site, cms.render(self.site, view, system))
            return with_validator(reply, request, validator)

        return answer

    def framed(self, path: str, title: str, main: str, *, head: str = "") -> Answer:
        """A page of this site with that main part; its teasers turn from day to day."""

        def answer(request: Request) -> Reply:
            tick = errors.day(request)
            view = View(path=path, title=page_title(self.site, title), h1=title, main=main, head=head, tick=tick)
            return errors.html_reply(self.site, cms.render(self.site, view))

        return answer

    # ------------------------------------------------------------ links

    def link(
        self,
        target: str,
        *,
        group: Group,
        family: str,
        expected: str,
        also: Iterable[str] = (),
        before: Answer | None = None,
        after: Answer | None = None,
        host: Host | None = None,
    ) -> None:
        """A watched link at `target`. Without `before` it is first seen on day 1; without `after` the site does not
        know the address then."""
        home = host or self.host
        later = after or home.unknown
        if before or after:
            home.put(target, phased(before or later, later))
        self.world.link(
            f"{self.site.scheme}://{home.name}{target}",
            site=self.site.id,
            group=group,
            family=family,
            language=self.site.language,
            expected=expected,
            also=also,
            before=before is not None,
        )


def open_ground(world: World, site: Profile, index: int) -> Ground:
    """The site's host with its front page, hubs and robots.txt."""
    host = world.host(
        Host(
            name=site.host,
            site=site.id,
            unknown=errors.unknown(site),
            head_fails=index % 7 == 3,
            ident=_IDENTS.get(site.cms),
            corrects=site.cms == "news",
        )
    )
    ground = Ground(world=world, site=site, index=index, host=host, rng=rng_of(site.id))
    host.routes["/"] = lambda request: front(site, request)
    robots = _ROBOTS[index % len(_ROBOTS)]
    if robots:
        host.routes["/robots.txt"] = text_reply(robots.format(base=site.base))
    for label, folder in site.sections:
        host.routes[f"/{folder}/"] = _hub(ground, label, folder)
    return ground


def text_reply(body: str, status: int = 200) -> Answer:
    reply = Reply(status=status, headers=(("Content-Type", "text/plain; charset=utf-8"),), body=body.encode())
    return lambda _: reply


def front(site: Profile, request: Request) -> Reply:
    rng = rng_of(site.id, "front")
    tick = errors.day(request)
    general = text.bank(site.language)[text.GENERAL[site.language]].sentences
    main = (
        f"<p>{escape(text.spin(rng.choice(general), rng, site.facts))}</p>"
        f"<ul>{frame.link_list(site, rng, 8)}</ul><h2>{site.labels['news']}</h2>{frame.teaser_list(site, tick, 6)}"
    )
    heading = f"{site.labels['welcome']} {site.organisation}"
    view = View(path="/", title=site.organisation, h1=heading, main=main, kind="front", tick=tick)
    return errors.html_reply(site, cms.render(site, view))


def _hub(ground: Ground, label: str, folder: str) -> Answer:
    site = ground.site

    def answer(_request: Request) -> Reply:
        links = "".join(
            f'<li><a href="{escape(path)}">{escape(title)}</a></li>'
            for path, title in ground.children.get(folder, ())[:12]
        )
        main = f"<ul>{links}{frame.link_list(site, rng_of(site.id, folder, 'hub'), 8)}</ul>"
        view = View(path=f"/{folder}/", title=page_title(site, label), h1=label, main=main)
        return errors.html_reply(site, cms.render(site, view))

    return answer


def page_title(site: Profile, title: str) -> str:
    return rng_of(site.id, "suffix").choice(_SUFFIXES).format(title, org=site.organisation)


def main_html(prose: Prose) -> str:
    """The prose as the main part of a page: a lead, paragraphs under headings, perhaps a table."""
    parts: list[str] = []
    for number, paragraph in enumerate(prose.paragraphs):
        if number in (2, 4) and len(prose.heads) > number // 2 - 1:
            parts.append(f"<h2>{escape(prose.heads[number // 2 - 1])}</h2>")
        css = ' class="ingress"' if number == 0 else ""
        parts.append(f"<p{css}>{escape(' '.join(paragraph))}</p>")
    if prose.rows:
        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in prose.rows)
        parts.append(f"<table><tbody>{rows}</tbody></table>")
    return "\n".join(parts)


def with_validator(reply: Reply, request: Request, validator: str | None) -> Reply:
    """The same answer with an ETag or a Last-Modified, or 304 where the request says it has it."""
    if validator is None or reply.status != 200:
        return reply
    name, value, asked = {
        "etag": ("ETag", f'"{hashlib.sha256(reply.body).hexdigest()[:20]}"', "if-none-match"),
        "modified": ("Last-Modified", "Tue, 13 Oct 2026 08:12:44 GMT", "if-modified-since"),
    }[validator]
    if request.headers.get(asked) == value:
        return Reply(status=304, headers=((name, value),))
    return Reply(status=200, headers=(*reply.headers, (name, value)), body=reply.body)
