"""The shape of the way: where it leads, for good or not, and pages that only send on."""

import pytest

from linkwatch.core.models import Hop, Link
from linkwatch.core.signs import redirects
from tests.core.cases import PROGRAMME, URL, page, visit

SITE = "https://www.region.example"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/404", True),
        ("/404.html", True),
        ("/sv/404/", True),
        ("/sidan-finns-inte", True),
        ("/sidan-finns-inte/", True),
        ("/sidan-hittades-inte.html", True),
        ("/page-not-found", True),
        ("/Templates/Pages/PageNotFound.aspx", True),
        ("/error", True),
        ("/fel.aspx?aspxerrorpath=/a", True),
        ("/x.aspx?404;http://a.example:80/b", True),
        ("/siden-findes-ikke", True),
        ("/siden-finnes-ikke/", True),
        ("/sivua-ei-loytynyt", True),
        ("/rum/404-konferens", False),
        ("/vardprogram-404-palliativ", False),
        ("/fel-pa-gatubelysning", False),
        ("/felanmalan", False),
        ("/errors-and-omissions", False),
        ("/hittegods", False),
        ("/", False),
    ],
)
def test_it_knows_the_addresses_of_error_pages(path: str, expected: bool) -> None:
    assert redirects.is_error_address(f"{SITE}{path}") is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("/a/regionalt-serviceprogram.html", "/b/c/regionalt-serviceprogram", True),
        ("/a/regionalt-serviceprogram.4.2f1.html", "/b/regionalt-serviceprogram.html", True),
        ("/sv/Regionalt-Serviceprogram-Kalmar-lan/", "/regionalt-serviceprogram/", True),
        ("/a/program f%C3%B6r l%C3%A4net.pdf", "/b/program-for-lanet.pdf", True),
        ("/a/serviceprogram", "/b/bygglov", False),
        ("/a/index.html", "/b/index.html", False),
        ("/node/123", "/node/123", False),
        ("/a/", "/", False),
    ],
)
def test_it_knows_a_name_that_went_along(one: str, other: str, expected: bool) -> None:
    assert redirects.has_same_name(f"{SITE}{one}", f"{SITE}{other}") is expected


def test_it_finds_the_old_name_in_a_heading() -> None:
    url = f"{SITE}/a/service-pa-landsbygden"
    assert redirects.name_in(url, ("Service på landsbygden | Region", None))
    assert not redirects.name_in(url, ("Bygglov", None))
    assert not redirects.name_in(f"{SITE}/a/1234", ("1234", None))


def test_it_weighs_only_the_steps_that_leave() -> None:
    plain, secure, new = URL.replace("https", "http"), URL, f"{SITE}/ny/plats"
    hops = (Hop(url=plain, status=302, location=secure), Hop(url=secure, status=301, location=new))
    way = redirects.way(plain, visit(plain, hops=hops, final_url=new))
    assert (way.leaves, way.is_permanent, way.hops) == (True, True, 2)
    assert not redirects.way(plain, visit(plain, hops=hops[:1], final_url=secure)).leaves


@pytest.mark.parametrize(
    ("asked", "end", "expected"),
    [
        (f"{SITE}/a/b/c", f"{SITE}/", True),
        (f"{SITE}/a", f"{SITE}/sv/", True),
        (f"{SITE}/a/b", f"{SITE}/a", True),
        (f"{SITE}/a", f"{SITE}/b", False),
        (f"{SITE}/a/b", f"{SITE}/c/d", False),
        (f"{SITE}/", f"{SITE}/start", False),
        (f"{SITE}/", "https://annan.example/", False),
    ],
)
def test_it_knows_front_pages_and_hubs(asked: str, end: str, expected: bool) -> None:
    assert redirects.way(asked, visit(asked, to=end)).to_front is expected


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/artikel/73f2a9/butiken-i-granhult", "/artikel/"),
        ("/download/18.5a1b2c3d/1741076100000/program.pdf", "/download/18.5a1b2c3d/"),
        ("/utveckling/landsbygd/serviceprogram.html", "/utveckling/landsbygd/"),
        ("/2025/serviceprogram/", "/"),
        ("/serviceprogram", "/"),
    ],
)
def test_it_makes_an_address_that_cannot_exist(path: str, kept: str) -> None:
    made = redirects.stranger(f"{SITE}{path}", "1")
    assert made.startswith(f"{SITE}{kept}")
    assert made.count("/") == f"{SITE}{path}".count("/")
    assert not set(made.removeprefix(f"{SITE}{kept}").split("/")) & set(path.strip("/").split("/"))
    assert made == redirects.stranger(f"{SITE}{path}", "1") != redirects.stranger(f"{SITE}{path}", "2")


def test_it_reads_where_a_page_sends_on() -> None:
    target = f"{SITE}/ny"
    stub = page("x", refresh=(0.0, target))
    assert redirects.forward(visit(), stub) == target
    assert redirects.ending(visit(), stub) == target
    assert redirects.forward(visit(), page("x", refresh=(300.0, target))) is None
    assert redirects.forward(visit(), page("x", body=PROGRAMME, refresh=(0.0, target))) is None
    assert redirects.forward(visit(), page("x", refresh=(5.0, URL))) is None


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("window.location.href = '/ny';", f"{SITE}/ny"),
        ('location.replace("https://annan.example/x")', "https://annan.example/x"),
        ("document.location='ny.html'", f"{SITE}/utveckling/landsbygd/ny.html"),
        ("if (location.href == 'x') {}", None),
        ("location.href = 'mailto:a@b.example'", None),
    ],
)
def test_it_reads_a_script_of_one_line(script: str, expected: str | None) -> None:
    shown = page(None, full_text="")
    assert redirects.forward(visit(body=f"<script>{script}</script>".encode()), shown) == expected


def test_it_does_not_read_scripts_of_pages_that_say_something() -> None:
    body = b"<script>window.location.href='/ny'</script>"
    assert redirects.forward(visit(body=body), page("x", body=PROGRAMME[:400])) is None
    assert redirects.forward(visit(body=body + b" " * 5_000), page(None, full_text="")) is None


def test_it_reads_one_address_from_a_notice() -> None:
    new, other = Link(url=f"{SITE}/ny/sida", text="här"), Link(url=f"{SITE}/sajtkarta/x", text="sajtkarta")
    told = "Sidan har flyttats till en ny adress."
    assert redirects.notice(page("x", body=told, links=(new,)), URL) == new.url
    assert redirects.notice(page("x", body=told, links=(new, other)), URL) is None
    spelt = Link(url=new.url, text=new.url)
    assert redirects.notice(page("x", body=told, links=(spelt, other)), URL) == new.url
    assert redirects.notice(page("x", body="Läs mer om bygglov.", links=(new,)), URL) is None
    assert redirects.notice(page("x", body=f"{told} {PROGRAMME}", links=(new,)), URL) is None
