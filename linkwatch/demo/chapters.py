"""The story: what happens to the web from week to week, and what must be believed of each link after the run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from linkwatch.core.models import Code, State
from linkwatch.demo import mishaps
from linkwatch.demo.looks import LOOKS
from linkwatch.demo.prose import line
from linkwatch.demo.site import Answer, Site, decoded, redirect
from linkwatch.demo.sites import AGENCY_HOST, agency_site, counties, county, not_there, programme
from linkwatch.demo.web import CountyWeb

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NEW_SKANE_HOST = "www.skane.example"

_START = datetime(2026, 1, 12, 9, 0, tzinfo=STOCKHOLM)
_NEW_SKANE_PATH = "/utveckling/landsbygd/service-pa-landsbygden.html"
_NEW_PDF = "/VLL/Filer/Serviceprogram%20V%C3%A4sterbotten%20rev%202.pdf"
_OREBRO_PATH = "/sv/regional-utveckling/örebro/serviceprogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """The state a link must be in, and the verdict on which it stands."""

    state: State
    finding: Code | None


ALL_WELL = Belief(state=State.OK, finding=Code.OK)


def _nothing(_: CountyWeb) -> None:
    """A quiet week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One run. `key` names its sentences; `edits` are addresses that the agency's editor changes before it.

    `expect` names the links whose belief changes; every other is what it was, on the first day `ALL_WELL`.
    """

    key: str
    week: int
    expect: Mapping[str, Belief] = field(default_factory=dict)
    change: Callable[[CountyWeb], None] = _nothing
    edits: Mapping[str, str] = field(default_factory=dict)
    offline: bool = False

    @property
    def at(self) -> datetime:
        return _START + timedelta(weeks=self.week)


def stage() -> list[Site]:
    """The hosts beside the counties' that the story leads to."""
    skane = county("skane")
    new_home = Site(
        host=NEW_SKANE_HOST,
        pages={"/": not_there(skane, status=200), _NEW_SKANE_PATH: programme(skane)},
        missing=not_there(skane),
        server=LOOKS[skane.look].server,
    )
    return [mishaps.merged_region(), new_home]


def expected(upto: Chapter) -> dict[str, Belief]:
    """What must be believed of every link after that chapter's run."""
    beliefs = dict.fromkeys((one.id for one in counties()), ALL_WELL)
    for chapter in CHAPTERS[: CHAPTERS.index(upto) + 1]:
        beliefs |= chapter.expect
    return beliefs


# ---------------------------------------------------------------- what happens


def _merger_and_https(web: CountyWeb) -> None:
    web.change(county("vastmanland").ascii_host, everywhere=redirect(301, f"https://{mishaps.MERGED_HOST}/"))
    jamtland = county("jamtland")
    page = {f"{decoded(jamtland.path)}/": programme(jamtland)}
    web.change(jamtland.ascii_host, pages=page, https_only=True, adds_slash=True)


def _polite_404_and_folded_host(web: CountyWeb) -> None:
    one = county("vastra-gotaland")
    _take_down(web, "vastra-gotaland")
    web.change(one.ascii_host, missing=not_there(one, status=200))
    _move(web, "skane", f"https://{NEW_SKANE_HOST}{_NEW_SKANE_PATH}")


def _renamed_pdf_and_wall(web: CountyWeb) -> None:
    one = county("vasterbotten")
    _take_down(web, one.id)
    pages = web.sites[one.ascii_host].pages
    web.change(one.ascii_host, pages={**pages, decoded(_NEW_PDF): programme(one)})
    web.change(county("halland").ascii_host, everywhere=mishaps.bot_wall(county("halland").ascii_host))


def _certificate_and_overload(web: CountyWeb) -> None:
    web.change(county("gavleborg").ascii_host, lapsed=True)
    web.change(county("stockholm").ascii_host, everywhere=mishaps.overloaded())


def _next_period_and_silence(web: CountyWeb) -> None:
    links = {one.id: one.url for one in counties()}
    web.sites[AGENCY_HOST] = agency_site(links | {"skane": f"https://{NEW_SKANE_HOST}{_NEW_SKANE_PATH}"})
    one = county("jonkoping")
    _put(web, one.id, programme(one, period="2027–2034", renewed=line(22)))
    web.change(county("sodermanland").ascii_host, silent=True)


def _old_copy_and_login(web: CountyWeb) -> None:
    web.change(county("stockholm").ascii_host, everywhere=None)
    _put(web, "dalarna", programme(county("dalarna"), period="2014–2020"))
    one = county("norrbotten")
    host, pages = one.ascii_host, web.sites[one.ascii_host].pages
    login = {mishaps.LOGIN_PATH: mishaps.login_form(host)}
    asked = {decoded(one.path): mishaps.to_login(quote(one.path, safe=""))}
    web.change(host, pages={**pages, **login, **asked})


def _wound_up_and_parked(web: CountyWeb) -> None:
    web.change(county("kalmar").ascii_host, everywhere=mishaps.wound_up(county("kalmar")))
    host = county("vasternorrland").ascii_host
    web.change(host, everywhere=mishaps.parked(host))


def _raw_bytes_and_robots(web: CountyWeb) -> None:
    one = county("orebro")
    pages = web.sites[one.ascii_host].pages
    moved = {_OREBRO_PATH: programme(one), decoded(one.path): redirect(301, _OREBRO_PATH.encode("latin-1"))}
    web.change(one.ascii_host, pages={**pages, **moved})
    web.change(county("gotland").ascii_host, robots="User-agent: *\nDisallow: /\n")


def _recoveries(web: CountyWeb) -> None:
    one = county("vastra-gotaland")
    _put(web, one.id, programme(one))
    web.change(county("gavleborg").ascii_host, lapsed=False)
    web.change(county("sodermanland").ascii_host, silent=False)
    web.change(county("halland").ascii_host, everywhere=None)


def _spring_cleaning(web: CountyWeb) -> None:
    web.change(county("gotland").ascii_host, robots=None)
    links = {one.id: _EDITS.get(one.id, one.url) for one in counties()}
    web.sites[AGENCY_HOST] = agency_site(links)


def _put(web: CountyWeb, identifier: str, page: Answer) -> None:
    one = county(identifier)
    web.change(one.ascii_host, pages={**web.sites[one.ascii_host].pages, decoded(one.path): page})


def _take_down(web: CountyWeb, identifier: str) -> None:
    one = county(identifier)
    gone = decoded(one.path)
    left = {key: page for key, page in web.sites[one.ascii_host].pages.items() if key != gone}
    web.change(one.ascii_host, pages=left)


def _move(web: CountyWeb, identifier: str, url: str) -> None:
    _put(web, identifier, redirect(301, url))


_EDITS = {
    "jamtland": "https://regionjh.example/regionalutveckling/kommersiellservice/regionaltserviceprogram/",
    "skane": f"https://{NEW_SKANE_HOST}{_NEW_SKANE_PATH}",
    "vasterbotten": f"https://{county('vasterbotten').host}{_NEW_PDF}",
    "vasternorrland": "",
}


# ---------------------------------------------------------------- the weeks


def _failing(code: Code) -> Belief:
    return Belief(state=State.FAILING, finding=code)


def _broken(code: Code) -> Belief:
    return Belief(state=State.BROKEN, finding=code)


def _attention(code: Code) -> Belief:
    return Belief(state=State.ATTENTION, finding=code)


def _unverifiable(code: Code) -> Belief:
    return Belief(state=State.UNVERIFIABLE, finding=code)


_MOVED = Belief(state=State.MOVED, finding=Code.MOVED)

CHAPTERS = (
    Chapter(key="all_well", week=0),
    Chapter(
        key="merger",
        week=1,
        change=_merger_and_https,
        expect={"vastmanland": _failing(Code.MOVED_TO_HOME), "jamtland": _attention(Code.REDIRECTED)},
    ),
    Chapter(
        key="polite_404",
        week=2,
        change=_polite_404_and_folded_host,
        expect={
            "vastmanland": _broken(Code.MOVED_TO_HOME),
            "vastra-gotaland": _failing(Code.SOFT_404),
            "skane": _MOVED,
        },
    ),
    Chapter(
        key="wall",
        week=3,
        change=_renamed_pdf_and_wall,
        expect={
            "vastra-gotaland": _broken(Code.SOFT_404),
            "vasterbotten": _failing(Code.NOT_FOUND),
            "halland": _unverifiable(Code.BLOCKED),
        },
    ),
    Chapter(
        key="certificate",
        week=4,
        change=_certificate_and_overload,
        expect={
            "vasterbotten": _broken(Code.NOT_FOUND),
            "gavleborg": _attention(Code.TLS_ERROR),
            "stockholm": _failing(Code.SERVER_ERROR),
        },
    ),
    Chapter(key="our_network", week=5, offline=True),
    Chapter(
        key="next_period",
        week=6,
        change=_next_period_and_silence,
        expect={
            "jonkoping": _attention(Code.CHANGED),
            "sodermanland": _failing(Code.UNREACHABLE),
            "skane": ALL_WELL,  # mended on the agency's page, and nowhere else
        },
    ),
    Chapter(
        key="old_copy",
        week=7,
        change=_old_copy_and_login,
        expect={
            "stockholm": ALL_WELL,
            "dalarna": _attention(Code.OUTDATED),
            "norrbotten": _unverifiable(Code.LOGIN_REQUIRED),
        },
    ),
    Chapter(
        key="wound_up",
        week=8,
        change=_wound_up_and_parked,
        expect={
            "sodermanland": _broken(Code.UNREACHABLE),
            "kalmar": _failing(Code.REPLACED),
            "vasternorrland": _failing(Code.PARKED),
        },
    ),
    Chapter(
        key="raw_bytes",
        week=9,
        change=_raw_bytes_and_robots,
        expect={
            "kalmar": _broken(Code.REPLACED),
            "vasternorrland": _broken(Code.PARKED),
            "orebro": _MOVED,
            "gotland": _unverifiable(Code.ROBOTS_DISALLOWED),
        },
    ),
    Chapter(
        key="recoveries",
        week=10,
        change=_recoveries,
        expect=dict.fromkeys(("vastra-gotaland", "gavleborg", "sodermanland", "halland"), ALL_WELL),
    ),
    Chapter(
        key="spring_cleaning",
        week=11,
        change=_spring_cleaning,
        edits=_EDITS,
        expect={
            **dict.fromkeys(("gotland", "jamtland", "vasterbotten"), ALL_WELL),
            "vasternorrland": Belief(state=State.NO_LINK, finding=None),
        },
    ),
)
