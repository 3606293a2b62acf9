import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkwatch.core.models import Link, Page, PageKind, Visit
from linkwatch.core.page import read_page
from tests.core.sample_pages import EPISERVER_FORM, PARAGRAPHS, WORDPRESS, sitevision

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
URL = "https://regionexempel.se/utveckling/service/program.html"


def visit(body: str | bytes, content_type: str = "text/html; charset=utf-8", **headers: str) -> Visit:
    sent = {"content-type": content_type} | {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body.encode() if isinstance(body, str) else body
    return Visit(
        url=URL, started_at=NOW, elapsed_ms=1, final_url=URL, status=200, body=raw, headers=tuple(sent.items())
    )  # fmt: skip


def read(body: str | bytes, content_type: str = "text/html; charset=utf-8", **headers: str) -> Page:
    return read_page(visit(body, content_type, **headers))


# ---------------------------------------------------------------- whole pages


def test_it_reads_a_sitevision_page() -> None:
    page = read(sitevision(paragraphs=3))
    assert (page.title, page.h1) == ("Regionalt serviceprogram - Region Exempel", "Regionalt serviceprogram")
    assert page.text == (
        f"Regionalt serviceprogram {PARAGRAPHS[0]} Punkt 0 av planen. {PARAGRAPHS[1]} Punkt 1 av planen. "
        f"{PARAGRAPHS[2]} Punkt 2 av planen. Dokument och länkar Program 2023–2030 "
        "Tillväxtverket Kontakta oss Skriv till oss Blekinge"
    )
    assert page.links == (
        Link(
            url="https://regionexempel.se/download/18.5a1b2c3d4e5f/1741076100000/program%202023-2030.pdf",
            text="Program 2023–2030",
        ),
        Link(url="https://tillvaxtverket.se/", text="Tillväxtverket"),
        Link(url="https://regionexempel.se/utveckling/kontakt.html", text="Kontakta oss"),
        Link(url="https://www.example.se/gammal", text="Blekinge"),
    )
    assert page.canonical == "https://regionexempel.se/utveckling/serviceprogram.html"
    assert (page.last_modified, page.last_modified_from) == (datetime(2025, 3, 4, 8, 15, tzinfo=UTC), "meta")
    assert (page.language, page.charset, page.scripts) == ("sv", "utf-8", 27)
    assert "Vi använder kakor" in page.full_text
    assert "dataLayer" not in page.full_text


def test_it_reads_an_old_episerver_page_inside_its_form() -> None:
    page = read(EPISERVER_FORM.encode("windows-1252"), "text/html")
    assert (page.title, page.h1) == ("Serviceprogram - Länet", "Serviceprogram för länet")
    assert page.text == f"Serviceprogram för länet {PARAGRAPHS[0]} {PARAGRAPHS[1]} Programmet som pdf"
    assert [link.url for link in page.links] == ["https://regionexempel.se/Global/Program%20f%F6r%20l%E4net.pdf"]
    assert (page.declared_charset, page.charset, page.language) == ("iso-8859-1", "windows-1252", "sv")
    assert page.last_modified == datetime(2014, 12, 15, 10, 0, tzinfo=UTC)


def test_it_reads_a_wordpress_page() -> None:
    page = read(WORDPRESS)
    assert (page.title, page.h1, page.text) == ("Serviceprogram", "Serviceprogram", f"Serviceprogram {PARAGRAPHS[2]}")
    assert page.last_modified == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert "Osynligt" not in page.full_text
    assert "Dolt" not in page.full_text


@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-1", "windows-1252", "us-ascii", "nonsense"])
@pytest.mark.parametrize("real", ["utf-8", "latin-1", "windows-1252"])
def test_it_reads_swedish_under_wrong_declarations(declared: str, real: str) -> None:
    body = f'<html><head><meta charset="{declared}"><title>Räksmörgås</title></head><p>ÅÄÖ åäö é'.encode(real)
    for content_type in ("text/html", f"text/html; charset={declared}"):
        page = read(body, content_type)
        assert (page.title, page.text) == ("Räksmörgås", "ÅÄÖ åäö é")
        assert page.declared_charset == declared
        assert page.charset == ("utf-8" if real == "utf-8" else "windows-1252")


def test_an_xml_declaration_is_no_obstacle() -> None:
    page = read(
        b'<?xml version="1.0" encoding="iso-8859-1"?><html xml:lang="sv"><title>H\xf6</title>', "application/xml"
    )
    assert (page.kind, page.title, page.language) == (PageKind.HTML, "Hö", "sv")


# ---------------------------------------------------------------- the head


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title> Ett\n  &amp; två </title><title>Tre</title>", "Ett & två"),
        ("<svg><title>Ikon</title></svg><title>Sidan</title>", "Sidan"),
        ("<title></title><meta property='og:title' content='Delad'>", "Delad"),
        ("<meta property='og:title' content='Delad'><title>Egen</title>", "Egen"),
        ("<title>a<b>c", "a<b>c"),
        ("", None),
    ],
)
def test_it_finds_the_title(head: str, title: str | None) -> None:
    assert read(f"<!doctype html><html><head>{head}").title == title


@pytest.mark.parametrize(
    ("body", "h1"),
    [
        ("<h1> </h1><h1>Andra <em>rubriken</em></h1>", "Andra rubriken"),
        ("<h1 hidden>Dold</h1><h1>Synlig</h1>", "Synlig"),
        ("<header><h1>Regionen</h1></header><main><h1>Sidan</h1></main>", "Sidan"),
        ("<header><h1>Regionen</h1></header><main><p>Text</p></main>", "Regionen"),
        ("<h1>Aldrig stängd<p>text", "Aldrig stängd"),
        ("<h2>Under</h2>", None),
    ],
)
def test_it_finds_the_heading(body: str, h1: str | None) -> None:
    assert read(body).h1 == h1


@pytest.mark.parametrize(
    ("head", "header", "refresh"),
    [
        ("<meta http-equiv=Refresh content='5; URL=/ny'>", "", (5.0, "https://regionexempel.se/ny")),
        (
            "<meta http-equiv=refresh content=\"0;url='../ny.html'\">",
            "",
            (0.0, "https://regionexempel.se/utveckling/ny.html"),
        ),
        ("", "3; url=https://example.se/", (3.0, "https://example.se/")),
        ("<base href='/b/'><meta http-equiv=refresh content='1,x'>", "", (1.0, "https://regionexempel.se/b/x")),
        ("<meta http-equiv=refresh content='300'>", "", None),
        ("<meta http-equiv=refresh content='0; url=javascript:x'>", "", None),
        ("<noscript><meta http-equiv=refresh content='0; url=/js'></noscript>", "", None),
    ],
)
def test_it_sees_where_a_page_sends_its_reader(head: str, header: str, refresh: tuple[float, str] | None) -> None:
    assert read(f"<html><head>{head}</head>x", refresh=header).refresh == refresh


@pytest.mark.parametrize(
    ("meta", "header", "noindex"),
    [
        ("noindex, follow", "", True),
        ("none", "", True),
        ("index", "", False),
        ("max-image-preview:none", "", False),
        ("", "noindex", True),
        ("", "nofollow, noindex", True),
        ("", "otherbot: noindex", False),
    ],
)
def test_it_sees_what_is_not_to_be_indexed(meta: str, header: str, noindex: bool) -> None:
    assert read(f"<meta name=ROBOTS content='{meta}'>x", x_robots_tag=header).noindex is noindex


def test_it_counts_scripts_and_sees_password_fields() -> None:
    page = read("<script></script><form><input type=Password></form><script src=a></script>")
    assert (page.scripts, page.password_field) == (2, True)
    assert not read("<div hidden><input type=password></div><input type=text>").password_field


# ---------------------------------------------------------------- dates

OLD = "Wed, 15 Dec 2021 10:30:00 GMT"
META = "<meta name=last-modified content=2020-02-03>"
JSON_LD = '<script type="application/ld+json">{"dateModified": "2019-04-05T00:00:00Z"}</script>'


@pytest.mark.parametrize(
    ("body", "last_modified", "origin", "day"),
    [
        (META, OLD, "header", "2021-12-15"),
        (META, "", "meta", "2020-02-03"),
        (META, format_datetime(NOW - timedelta(minutes=2), usegmt=True), "meta", "2020-02-03"),
        (META, format_datetime(NOW + timedelta(days=9), usegmt=True), "meta", "2020-02-03"),
        ("x", format_datetime(NOW - timedelta(minutes=2), usegmt=True), None, None),
        ("x", "Thu, 01 Jan 1970 00:00:00 GMT", None, None),
        ("<meta name=DC.date.modified content=9999-01-01>" + META, "", "meta", "2020-02-03"),
        (JSON_LD + "x", "", "meta", "2019-04-05"),
        (JSON_LD + META, "", "meta", "2020-02-03"),
        ("<meta name=last-modified content='igår'>x", "", None, None),
    ],
)
def test_it_dates_a_page(body: str, last_modified: str, origin: str | None, day: str | None) -> None:
    page = read(f"<html>{body}", last_modified=last_modified)
    assert (page.last_modified_from, page.last_modified and f"{page.last_modified:%Y-%m-%d}") == (origin, day)


def test_a_page_as_new_as_its_answer_is_not_dated() -> None:
    page = read("x", last_modified=OLD, date="Wed, 15 Dec 2021 10:32:00 GMT")
    assert page.last_modified is None


# ---------------------------------------------------------------- the main text

TEXT = f"<p>{PARAGRAPHS[0]}</p>"
MENU = "<ul>" + "".join(f"<li><a href=/{n}>Område {n}</a></li>" for n in range(9)) + "</ul>"


@pytest.mark.parametrize(
    "body",
    [
        f"{MENU}<main>{TEXT}</main>{MENU}",
        f"{MENU}<div role=main>{TEXT}</div>",
        f"<nav>{MENU}</nav><article>{TEXT}</article><footer>{MENU}</footer>",
        f"{MENU}<div id=content>{TEXT}</div><p>Sidfot</p>",
        f"<div class=topmenu>Meny</div>{TEXT}<div id=Footer>Fot</div>",
        f"{MENU}{TEXT}",
        f"<table><tr><td>{MENU}<td>{TEXT}</table>",
        f"<body class=has-cookie-banner><div class='page with-sidebar'>{TEXT}</div><aside>Nyheter</aside>",
        f"<main><nav>Här är du</nav>{TEXT}<button>Lyssna</button><form><input><label>Sök</label></form></main>",
        f"<main>{TEXT}<dialog>Dold</dialog><script>x</script><style>y</style><template>z</template></main>",
        f"<main hidden>Gammal</main><main>{TEXT}</main>",
        f"<div class=cookie-bar><p>Kakor</p></div><header>Regionen</header>{TEXT}",
        f"<body style='display:none'><main>{TEXT}",
        f"<form id=aspnetForm>{TEXT}</form><select><option>A</select>",
        f"<nav>{MENU}<h1 hidden>x</h1></nav><div id=main-nav>Meny</div><div class='main-content'>{TEXT}</div>",
    ],
)
def test_the_main_text_is_the_text(body: str) -> None:
    assert read(body).text == PARAGRAPHS[0]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>ett</p><p>två</p>", "ett två"),
        ("ett<br>två", "ett två"),
        ("serv<b>ice</b>program<i>met</i>.", "serviceprogrammet."),
        ("a&nbsp;b &amp; c&#x2013;d&shy;e", "a b & c–de"),
        ("<td>1<td>2", "1 2"),
        ("<main></main><p>utanför</p>", "utanför"),
        ("<iframe src=/x>alternativ</iframe>", ""),
        ("<frameset><frame src=a><noframes>Ramar</noframes></frameset>", ""),
    ],
)
def test_words_stay_apart_and_whole(body: str, text: str) -> None:
    assert read(body).text == text


def test_a_page_called_after_its_menu_keeps_its_text() -> None:
    assert read(f"<div class=cookies><h1>Om kakor</h1>{TEXT}</div>").text == f"Om kakor {PARAGRAPHS[0]}"
    assert read(f"<div class=menu>{TEXT}</div>").text == PARAGRAPHS[0]


def test_a_list_of_links_is_no_text_but_its_links_are_read() -> None:
    page = read(f"<h2>Länens program</h2>{MENU}")
    assert page.text == "Länens program"
    assert page.links[0] == Link(url="https://regionexempel.se/0", text="Område 0")
    assert len(page.links) == 9


def test_what_needs_scripts_says_so_in_its_full_text() -> None:
    shell = "<div id=root></div><noscript>You need to enable JavaScript</noscript><script src=a></script>"
    assert read(shell).full_text == "You need to enable JavaScript"
    assert read(shell).text == ""
    assert "JavaScript" not in read(shell + TEXT).full_text


# ---------------------------------------------------------------- links


@pytest.mark.parametrize(
    ("anchor", "text"),
    [
        ("Blekinge<img alt='länk till annan webbplats' class=sv-linkicon>", "Blekinge"),
        ("Blekinge<img alt='länk till annan webbplats, öppnas i nytt fönster'>", "Blekinge"),
        ("Dalarna<img alt=''><span class=env-assistive-text> Länk till annan webbplats.</span>", "Dalarna"),
        ("Dalarnalänk till annan webbplats, öppnas i nytt fönster", "Dalarna"),
        ("Kalmar (extern länk till annan webbplats).", "Kalmar"),
        ("Program Pdf, 467.3 kB, öppnas i nytt fönster.", "Program"),
        ("<img alt='Skåne'>", "Skåne"),
        ("  Västra\n Götaland ", "Västra Götaland"),
    ],
)
def test_a_link_is_called_what_people_see(anchor: str, text: str) -> None:
    assert read(f"<a href=/x>{anchor}</a>").links == (Link(url="https://regionexempel.se/x", text=text),)


def test_links_are_absolute_distinct_and_visitable() -> None:
    page = read(
        "<base href='https://bas.example.se/mapp/'><a href=a>A</a><a href=a>A</a><a href=a>Annat</a><a href='#x'>X</a>"
        "<a href='javascript:x'>J</a><a href='mailto:a@b.se'>M</a><a>Ingen</a><a href='http://['>F</a>"
        "<a href=' b c '>B</a>"
    )
    assert [(link.url, link.text) for link in page.links] == [
        ("https://bas.example.se/mapp/a", "A"),
        ("https://bas.example.se/mapp/a", "Annat"),
        ("https://bas.example.se/mapp/b%20c", "B"),
    ]


# ---------------------------------------------------------------- other kinds


@pytest.mark.parametrize(
    ("body", "content_type", "kind", "fault"),
    [
        (b"", "text/html", PageKind.EMPTY, None),
        (b" \r\n", "text/plain", PageKind.EMPTY, None),
        (b"PK\x03\x04", "application/zip", PageKind.OTHER, None),
        (b"PK\x03\x04", "text/html", PageKind.OTHER, "undecodable"),
        (b"\x00\x01\x02", "text/html", PageKind.OTHER, "undecodable"),
        (b"%PDF-1.4 \x00", "text/html", PageKind.PDF, "pdf_damaged"),
    ],
)
def test_what_is_no_page_is_told(body: bytes, content_type: str, kind: PageKind, fault: str | None) -> None:
    page = read(body, content_type)
    assert (page.kind, page.fault, page.text) == (kind, fault, "")


def test_plain_text_is_text() -> None:
    page = read("Länets <program>\nfinns här".encode("latin-1"), "text/plain", last_modified=OLD)
    assert (page.kind, page.text, page.charset) == (PageKind.TEXT, "Länets <program> finns här", "windows-1252")
    assert page.last_modified_from == "header"


# ---------------------------------------------------------------- hostile ones

HOSTILE = {
    "nested": b"<div>" * 100_000 + b"slut",
    "inline": b"<b>" * 100_000 + b"slut",
    "links": b"<div><a href=/x>" * 60_000,
    "headings": b"<div><h1>" * 60_000,
    "attributes": b"<p " + b" ".join(b"a%d=1" % n for n in range(150_000)) + b">slut",
    "attribute": b"<p title='" + b"x" * 2_000_000 + b"'>slut",
    "titles": b"<title>x</title>" * 100_000,
    "title": b"<title>" + b"x " * 500_000,
    "metas": b"<meta name=robots content=x>" * 60_000,
    "lists": b"<ul><li><a href=a>b</a>" * 40_000,
    "chrome": b"<div class=menu>a<h1>b" * 60_000,
    "forms": b"<form>" * 100_000 + b"<a href=b>",
    "open tags": b"<" * 1_000_000,
    "unclosed": b"<a" * 500_000,
    "comment": b"<!--" + b"-" * 1_500_000,
    "entities": b"&lt" * 500_000,
    "nul": b"<p>a\0b</p>\0" * 100_000,
    "text": b"ord " * 500_000,
    "refresh": b"<meta http-equiv=refresh content='0" + b" " * 1_000_000 + b"'>",
    "noindex": b"<meta name=robots content='" + b" " * 1_000_000 + b"'>",
    "json": b'<p>"dateModified":' + b" " * 1_000_000 + b'"dateModified"' * 50_000,
    "suffixes": b"<a href=a>x" + " länk till annan webbplats".encode() * 20_000,
    "label": b"<a href=a title='" + b"(" * 1_000_000 + b"'>",
    "xml": b"<?xml " * 200_000,
    "charset": b"<meta charset" * 150_000,
    "hidden": b"<p style='" + b"display " * 100_000 + b"'>slut" + b"<p hidden>x" * 50_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_page_is_too_much(body: bytes) -> None:
    started = time.perf_counter()
    page = read(b"<!doctype html><html>" + body)
    assert time.perf_counter() - started < 6
    assert page.kind is PageKind.HTML
    assert len(page.text) <= len(page.full_text) <= 200_000
    assert len(page.links) <= 2_000
    assert max(map(len, (page.title or "", page.h1 or ""))) <= 1_000


def test_what_follows_deep_nesting_is_read() -> None:
    assert read(HOSTILE["nested"]).text == "slut"
    assert read(HOSTILE["attributes"]).text == "slut"


@given(st.binary(max_size=500), st.sampled_from(["text/html", "text/html; charset=utf-16", "text/plain", "", "x/y"]))
def test_any_bytes_make_a_page(body: bytes, content_type: str) -> None:
    page = read(body, content_type)
    "".join(filter(None, (page.title, page.h1, page.text, page.full_text))).encode()


TOKENS = (
    "<p> </p> <a href=x> </a> <h1> <main> </main> <nav hidden> <svg> <title> </title> <noscript> <ul> <li> <form> "
    "<table> <td> <script> </script> <!-- --> text <div class=menu> </div> <body> <html lang=sv> <br/> "
    "<template> \0 &amp;"
)


@settings(max_examples=200)
@given(st.lists(st.sampled_from(TOKENS.split(" ")), max_size=40).map(" ".join))
def test_any_markup_makes_a_page(markup: str) -> None:
    page = read(markup)
    assert set(page.text.split()) <= set(page.full_text.split())
