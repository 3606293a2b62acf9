"""The skeletons of content management systems (`skeletons/*.html`): the markup that surrounds a text in real life."""

import re
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from bench.accuracy.corpus import frame
from bench.accuracy.corpus.frame import Profile, View
from bench.accuracy.corpus.model import rng_of

_FOLDER = Path(__file__).with_name("skeletons")
_EMPTY_H1 = re.compile(r"<h1[^>]*></h1>")
SYSTEMS = tuple(sorted(path.stem for path in _FOLDER.glob("*.html")))


@cache
def _skeleton(cms: str) -> Template:
    return Template((_FOLDER / f"{cms}.html").read_text(encoding="utf-8"))


@cache
def _site_parts(site_id: str, site: Profile) -> dict[str, str]:
    rng = rng_of(site_id, "parts")
    return {
        "charset": site.charset,
        "organisation": escape(site.organisation),
        "nav": frame.nav(site),
        "cookies": frame.cookies(site),
        "login_box": frame.login_box(site),
        "footer": frame.footer(site),
        "links": frame.link_list(site, rng),
        **{f"l_{name}": word for name, word in site.labels.items()},
    }


def render(site: Profile, view: View, cms: str | None = None) -> str:
    """The whole page, in the site's own system or in another one (a redesign)."""
    rng = rng_of(site.id, view.path, view.tick)
    fields = {
        **_site_parts(site.id, site),
        "lang": view.language or site.language,
        "title": escape(view.title),
        "h1": escape(view.h1 or ""),
        "main": view.main,
        "head": view.head,
        "path": escape(view.path),
        "tick": str(view.tick),
        "kind": "error404" if view.kind == "error" else view.kind,
        "number": str(rng_of(site.id, view.path).randint(12, 9000)),
        "ident": f"{rng_of(site.id, view.path).randrange(16**12):x}",
        "token": rng.randbytes(48).hex(),
        "updated": f"{site.labels['updated']}: {view.updated}" if view.updated else "",
        "breadcrumbs": frame.breadcrumbs(site, view),
        **{f"teasers{count}": frame.teaser_list(site, view.tick, count) for count in (2, 3, 4, 8)},
    }
    return _EMPTY_H1.sub("", _skeleton(cms or site.cms).substitute(fields))
