"""How sites answer addresses that they do not know: one function a policy, as named in sites.txt."""

from collections.abc import Callable
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import quote_plus

from bench.accuracy.corpus import cms, frame, text
from bench.accuracy.corpus.frame import Profile, View
from bench.accuracy.corpus.model import Answer, Phase, Reply, Request, rng_of

_HERE = Path(__file__).parent
SOFT = frozenset("title h1 body blank to404 to404p tosearch echo popular teasers ssr odd noindex canon".split())
HOME = frozenset({"tohome", "tohomep"})

SEARCH_MISS = {
    "sv": ("Sökresultat", "Din sökning på {} gav 0 träffar. Kontrollera stavningen eller prova andra ord."),
    "no": ("Søkeresultat", "Ingen treff på {}. Prøv med andre ord."),
    "da": ("Søgeresultat", "Din søgning på {} gav ingen resultater."),
    "fi": ("Hakutulokset", "Haku {} ei tuottanut tuloksia."),
    "en": ("Search results", "Your search for {} returned no results. Check the spelling or try other words."),
}


@cache
def wordings(language: str, style: str) -> list[tuple[str, str]]:
    """(heading, sentence) of not-found pages; `style` is plain or odd."""
    return [(row[2], row[3]) for row in _rows("not_found.txt") if row[:2] == (language, style)]


@cache
def notices(language: str) -> list[tuple[str, str]]:
    return [(row[1], row[2]) for row in _rows("gone_notices.txt") if row[0] == language]


@cache
def _rows(name: str) -> list[tuple[str, ...]]:
    lines = (_HERE / name).read_text(encoding="utf-8").splitlines()
    return [tuple(part.strip() for part in line.split(" | ")) for line in lines if line and not line.startswith("#")]


def html_reply(site: Profile, page: str, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    body = page.encode(site.charset, errors="xmlcharrefreplace")
    return Reply(status=status, headers=(("Content-Type", f"text/html; charset={site.charset}"), *headers), body=body)


def redirect(target: str, status: int = 302) -> Reply:
    return Reply(status=status, headers=(("Location", target), ("Content-Type", "text/html")), body=b"")


@cache
def _turns(language: str) -> dict[str, int]:
    """Which number each site of a language has: no two sites in a row say the same."""
    return {site.id: number for number, site in enumerate(s for s in frame.profiles() if s.language == language)}


def said(what: str, language: str) -> tuple[str, str]:
    """(title, sentence) of sentences.txt for that purpose."""
    return next((row[2], row[3]) for row in _rows("sentences.txt") if row[:2] == (what, language))


def leads_to(target: str, status: int = 302) -> Answer:
    reply = redirect(target, status)
    return lambda _: reply


def wording(site: Profile) -> tuple[str, str]:
    """The words of this site: always the same, from the list that its policy asks for."""
    choices = wordings(site.language, "odd" if site.policy in {"odd", "noindex", "canon"} else "plain")
    turn = _turns(site.language).get(site.id, len(site.id))
    return choices[turn % len(choices)]


def unknown(site: Profile) -> Answer:
    """What the site answers to every address that it does not know."""
    return lambda request: _POLICIES[site.policy](site, request)


def day(request: Request) -> int:
    """What turns the teasers that a whole site shows on one day."""
    return int(request.phase is Phase.AFTER)


def error_view(site: Profile, request: Request, *, main: str | None = None, head: str = "", title: str = "") -> View:
    heading, sentence = wording(site)
    return View(
        path=request.target,
        title=title or f"{heading} - {site.organisation}",
        h1=heading,
        main=main if main is not None else f"<p>{escape(sentence)}</p>",
        kind="error",
        head=head,
        tick=day(request),
    )


def _page(site: Profile, view: View, status: int = 200) -> Reply:
    return html_reply(site, cms.render(site, view), status=status)


def _hard(site: Profile, request: Request) -> Reply:
    return _page(site, error_view(site, request), 404)


def _hardfat(site: Profile, request: Request) -> Reply:
    main = f"<p>{escape(wording(site)[1])}</p>{frame.teaser_list(site, request.number, 12)}"
    return _page(site, error_view(site, request, main=main), 404)


def _title(site: Profile, request: Request) -> Reply:
    return _page(site, error_view(site, request))


def _h1(site: Profile, request: Request) -> Reply:
    return _page(site, error_view(site, request, title=site.organisation))


def _body(site: Profile, request: Request) -> Reply:
    heading, sentence = wording(site)
    view = View(
        path=request.target,
        title=site.organisation,
        h1=site.organisation if rng_of(site.id, "bodyh1").random() < 0.5 else None,
        main=f"<p><strong>{escape(heading)}</strong></p><p>{escape(sentence)}</p>",
        kind="error",
        tick=day(request),
    )
    return _page(site, view)


def _blank(site: Profile, request: Request) -> Reply:
    """No word of an error: the same friendly page whatever is asked for."""
    rng = rng_of(site.id, "blank")
    general = text.bank(site.language)[text.GENERAL[site.language]].sentences
    main = "".join(f"<p>{escape(text.spin(line, rng, site.facts))}</p>" for line in general[:5])
    heading = f"{site.labels['welcome']} {site.organisation}"
    return _page(site, View(path=request.target, title=site.organisation, h1=heading, main=main, tick=day(request)))


def _to404(site: Profile, request: Request) -> Reply:
    return _error_address(site, request, "/404", 302)


def _to404p(site: Profile, request: Request) -> Reply:
    return _error_address(site, request, "/sidan-finns-inte/", 301)


def _error_address(site: Profile, request: Request, address: str, status: int) -> Reply:
    if request.path == address:
        return _page(site, error_view(site, request))
    return redirect(address, status)


def _tosearch(site: Profile, request: Request) -> Reply:
    if request.path != "/sok/":
        return redirect(f"/sok/?q={quote_plus(request.path.strip('/').split('/')[-1].replace('-', ' '))}")
    query = request.target.partition("?q=")[2].replace("+", " ")
    heading, sentence = SEARCH_MISS[site.language]
    main = (
        f'<form action="/sok/"><input name="q" value="{escape(query)}"></form><p>{escape(sentence.format(query))}</p>'
    )
    return _page(
        site,
        View(path=request.target, title=f"{heading} - {site.organisation}", h1=heading, main=main, tick=day(request)),
    )


def _echo(site: Profile, request: Request) -> Reply:
    _, sentence = wording(site)
    main = f"<p>{escape(site.base)}{escape(request.target)}</p><p>{escape(sentence)}</p>"
    return _page(site, error_view(site, request, main=main))


def _popular(site: Profile, request: Request) -> Reply:
    links = frame.link_list(site, rng_of(site.id, "popular"), 60)
    main = f"<p>{escape(wording(site)[1])}</p><h2>{site.labels['popular']}</h2><ul>{links}</ul>"
    return _page(site, error_view(site, request, main=main, title=site.organisation))


def _teasers(site: Profile, request: Request) -> Reply:
    main = f"<p>{escape(wording(site)[1])}</p>{frame.teaser_list(site, request.number, 7)}"
    return _page(site, error_view(site, request, main=main))


def _noindex(site: Profile, request: Request) -> Reply:
    return _page(site, error_view(site, request, head='<meta name="robots" content="noindex, nofollow">'))


def _canon(site: Profile, request: Request) -> Reply:
    return _page(site, error_view(site, request, head=f'<link rel="canonical" href="{site.base}/404">'))


def _tohome(_site: Profile, _request: Request) -> Reply:
    return redirect("/", 302)


def _tohomep(site: Profile, _request: Request) -> Reply:
    return redirect(f"{site.base}/", 301)


_POLICIES: dict[str, Callable[[Profile, Request], Reply]] = {
    "hard": _hard, "hardfat": _hardfat, "title": _title, "h1": _h1, "body": _body, "blank": _blank,
    "to404": _to404, "to404p": _to404p, "tosearch": _tosearch, "echo": _echo, "popular": _popular,
    "teasers": _teasers, "ssr": _h1, "odd": _title, "noindex": _noindex, "canon": _canon,
    "tohome": _tohome, "tohomep": _tohomep,
}  # fmt: skip
