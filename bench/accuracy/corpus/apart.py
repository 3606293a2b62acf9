"""Answers that stand in place of a page: bot walls, log-ins, parked domains."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from bench.accuracy.corpus import errors, frame
from bench.accuracy.corpus.errors import redirect
from bench.accuracy.corpus.frame import Profile
from bench.accuracy.corpus.ground import Ground, front, text_reply
from bench.accuracy.corpus.model import Answer, Group, Host, Reply, Request, World, phased, rng_of

_HERE = Path(__file__).parent
_NAMES = (
    "granbygd havsnas alvkarr mossvik tallmo rosberg stenhult kvarnby lindfors bjornas ekskog fagervik gullmo hjortsjo "
    "isanas jarnforsen knutby lovanger"
).split()


@dataclass(frozen=True, slots=True)
class Canned:
    """One file of walls/ or parking/: its first line is `status | header; header`, the rest is the body."""

    name: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    def reply(self, host: str, seed: object) -> Reply:
        rng = rng_of(self.name, host, seed)
        ray = f"{rng.randrange(16**16):016x}"
        word = rng.choice(("Kommun", "Service", "Bygd"))

        def fill(value: str) -> str:
            return value.replace("[host]", host).replace("[ray]", ray).replace("[word]", word)

        headers = tuple((name, fill(value)) for name, value in self.headers)
        if not any(name == "Content-Type" for name, _ in headers):
            headers = (("Content-Type", "text/html; charset=utf-8"), *headers)
        return Reply(status=self.status, headers=headers, body=fill(self.body).encode())

    @property
    def retry_after(self) -> bool:
        return any(name == "Retry-After" for name, _ in self.headers)


def canned(folder: str) -> list[Canned]:
    return [_read(path) for path in sorted((_HERE / folder).glob("*.html"))]


def _read(path: Path) -> Canned:
    first, _, body = path.read_text(encoding="utf-8").partition("\n")
    status, _, headers = first.partition(" | ")
    pairs = tuple(
        (name.strip(), value.strip())
        for name, _, value in (header.partition(":") for header in headers.split("; ") if ":" in header)
    )
    return Canned(path.stem, int(status), pairs, body)


def guests(kind: str, count: int) -> Iterator[Profile]:
    """Small sites made up for a purpose: an organisation, a language and a system each."""
    models = frame.profiles()
    for number in range(count):
        model = models[(number * 7) % len(models)]
        name = _NAMES[number % len(_NAMES)]
        ident = f"{kind}-{name}{number}"
        yield Profile(
            id=ident,
            host=f"www.{ident}.example",
            language=model.language,
            cms=model.cms,
            sector=model.sector,
            policy="hard",
            flags=model.flags - {"latin1", "loginbox"},
            organisation=name.title(),
            place=name.title(),
        )


def open_guest(world: World, site: Profile, index: int) -> Ground:
    """A guest's host; everything on it can be overruled by what the site is there for."""
    host = world.host(Host(name=site.host, site=site.id, unknown=errors.unknown(site)))
    host.routes["/"] = lambda request: front(site, request)
    return Ground(world=world, site=site, index=index, host=host, rng=rng_of(site.id))


# ---------------------------------------------------------------- walls

_SCRIPTED = {"queue-it": ("unreadable",), "consent-wall": ("unreadable", "login_required")}  # as true of these


def plant_walls(world: World) -> None:
    """Each product before two hosts: one whose pages were known, one never seen behind it."""
    products = canned("walls")
    for number, site in enumerate(guests("vagg", 2 * len(products))):
        product = products[number // 2]
        _walled(open_guest(world, site, number), product, known=number % 2 == 0)


def _walled(ground: Ground, product: Canned, *, known: bool) -> None:
    host = ground.host

    def wall(request: Request) -> Reply:
        return product.reply(host.name, request.number)

    known_pages = 1 if product.retry_after else 2
    for number in range(known_pages):
        prose = ground.prose()
        target = ground.address(prose.title)
        before = ground.shown(prose, target) if known and number == 0 else None
        ground.link(
            target,
            group=Group.WALL,
            family=product.name,
            expected="blocked",
            also=_SCRIPTED.get(product.name, ()),
            before=before,
            after=wall,
        )
    host.routes["/"] = phased(host.routes["/"], wall)
    host.unknown = phased(host.unknown, wall)
    if product.status >= 500:  # a robots.txt behind a 5xx would itself forbid the visit (RFC 9309)
        host.routes["/robots.txt"] = text_reply("User-agent: *\nAllow: /\n")


def plant_wall_on_page(ground: Ground) -> None:
    """This page alone is refused, on a site that else answers everybody."""
    if ground.site.policy not in {"hard", "hardfat"}:
        return
    names = ("nginx-403", "iis-403", "eget-block-sv")
    product = next(wall for wall in canned("walls") if wall.name == names[ground.index % 3])
    prose = ground.prose()
    target = ground.address(prose.title)
    ground.link(
        target,
        group=Group.WALL,
        family="403 for this page only",
        expected="blocked",
        also=("login_required",),
        before=ground.shown(prose, target),
        after=lambda _: product.reply(ground.host.name, 0),
    )


# ---------------------------------------------------------------- log-ins

_HANDOVERS = (
    ("login.microsoftonline.test", "/common/oauth2/v2.0/authorize?client_id=8&response_type=code&redirect_uri={url}"),
    ("adfs.lansfederation.example", "/adfs/ls/?wa=wsignin1.0&wtrealm={url}"),
    ("idp.sambi.example", "/saml2/sso?SAMLRequest=fZJNT8MwDIb&RelayState={url}"),
    ("grp.eid.example", "/login/bankid?return={url}"),
)


def plant_providers(world: World) -> None:
    """The log-in hosts that others send their visitors to: logins/HOST.html each."""
    for path in sorted((_HERE / "logins").glob("*.html")):
        reply = Reply(headers=(("Content-Type", "text/html; charset=utf-8"),), body=path.read_bytes())
        world.host(Host(name=path.stem, site=f"idp-{path.stem}", unknown=_always(reply)))


def _always(reply: Reply) -> Answer:
    return lambda _: reply


def plant_login(ground: Ground) -> None:
    """One page of this site that now asks who you are."""
    kind = ground.index % 8
    prose = ground.prose()
    target = ground.address(prose.title)
    family, after = _login_answer(ground, kind)
    known = ground.index % 3 != 0
    ground.link(
        target,
        group=Group.LOGIN,
        family=family,
        expected="login_required",
        before=ground.shown(prose, target) if known else None,
        after=after,
    )


def _login_answer(ground: Ground, kind: int) -> tuple[str, Answer]:
    site = ground.site
    if kind < len(_HANDOVERS):
        host, path = _HANDOVERS[kind]
        url = f"https://{host}{path.format(url=site.base)}"
        return f"redirect to {host.split('.')[0]}", lambda _: redirect(url)
    if kind == 4:
        challenge = (("WWW-Authenticate", 'Basic realm="Intranät"'),)
        page = "<html><head><title>401 Unauthorized</title></head><body><h1>Unauthorized</h1></body></html>"
        return "401", lambda _: errors.html_reply(site, page, status=401, headers=challenge)
    if kind == 5:
        form = _form(ground, "/konto/logga-in")
        ground.host.routes["/konto/logga-in?ReturnUrl=1"] = form
        return "redirect to its own form", lambda _: redirect("/konto/logga-in?ReturnUrl=1")
    if kind == 6:
        ground.host.routes["/wp-login.php?redirect_to=x"] = _wp_login(ground)
        return "redirect to wp-login", lambda _: redirect("/wp-login.php?redirect_to=x")
    return "a form in its place", _form(ground, "/")


def _form(ground: Ground, path: str) -> Answer:
    labels = ground.site.labels
    main = (
        f'<form method="post" action="/login"><label>{labels["user"]}<input name="u"></label>'
        f'<label>{labels["password"]}<input type="password" name="p"></label><button>{labels["login"]}</button></form>'
    )
    return ground.framed(path, labels["login"], main)


def _wp_login(ground: Ground) -> Answer:
    page = (_HERE / "wp_login.html").read_text(encoding="utf-8").replace("[org]", escape(ground.site.organisation))
    return lambda _: errors.html_reply(ground.site, page)


# ---------------------------------------------------------------- parked domains


def plant_parked(world: World) -> None:
    """Each kind of lander on two domains: one that was a known site, one never seen alive."""
    landers = canned("parking")
    for number, site in enumerate(guests("doman", 2 * len(landers))):
        ground = open_guest(world, site, number)
        _parked(ground, landers[number // 2].name, _lander(landers[number // 2]), known=number % 2 == 0)
    _redirected_domains(world)
    _spammed_domains(world)


def _lander(lander: Canned) -> Answer:
    return lambda request: lander.reply(request.host, "")


def _parked(
    ground: Ground, family: str, answer: Answer, *, known: bool, also: tuple[str, ...] = (), links: int = 2
) -> None:
    host = ground.host
    for _ in range(links):
        prose = ground.prose()
        target = ground.address(prose.title)
        ground.link(
            target,
            group=Group.PARKED,
            family=family,
            expected="parked",
            also=also,
            before=ground.shown(prose, target) if known else None,
            after=answer,
        )
    host.routes["/"] = phased(host.routes["/"], answer)
    host.unknown = phased(host.unknown, answer)


def _redirected_domains(world: World) -> None:
    """Every address of the old domain leads to a marketplace on another one."""
    lander = next(one for one in canned("parking") if one.name == "hugedomains")
    market = "www.domainmarket.test"
    world.host(Host(name=market, site="market", unknown=lambda _: lander.reply("kopdoman.example", "")))
    for number, site in enumerate(guests("saldes", 5)):
        ground = open_guest(world, site, number)
        url = f"https://{market}/domain_profile.cfm?d={site.id}"
        _parked(ground, "redirect to a marketplace", _always(redirect(url)), known=number % 2 == 0)


def _spammed_domains(world: World) -> None:
    """Bought by somebody who sells something else there: for sale no longer, but not the page that it was."""
    page = (_HERE / "casino.html").read_text(encoding="utf-8")
    reply = Reply(headers=(("Content-Type", "text/html; charset=utf-8"),), body=page.encode())
    for number, site in enumerate(guests("kasino", 3)):
        ground = open_guest(world, site, number)
        _parked(ground, "taken over by a casino", _always(reply), known=True, also=("replaced", "soft_404"))
