from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.urls import (
    MAX_LENGTH,
    display,
    host,
    is_root,
    is_trivial_redirect,
    join,
    normalise,
    path_depth,
    politeness_key,
    registrable_domain,
    sibling,
)

PROGRAMME = "https://www.example.se/utveckling/regionalt-serviceprogram.html"

text = st.text(alphabet=st.characters(codec=None), max_size=60)
segments = st.lists(
    st.sampled_from(["a", "Å", "%E5", "%C3%A5", "x y", "1", ".", "-", "_", "%2F", "'", "é", "..", ";p"]), max_size=6
)
paths = st.lists(segments.map("".join), max_size=4).map("/".join)
addresses = st.builds(
    "{}://{}/{}{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(
        ["example.se", "www.Köping.se", "xn--kping-jua.se", "10.0.0.1:8080", "[::1]", "u:p@a.b.se:443", "x_y.se."]
    ),
    paths,
    st.sampled_from(["", "?", "?id=12", "?a=ö&b=%F6", "#top", ".html", "/default.aspx?id=3"]),
)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("HTTP://Example.SE:80", "http://example.se/"),
        ("https://example.se:443/a#b", "https://example.se/a"),
        ("https://example.se:8443/a", "https://example.se:8443/a"),
        ("https://köping.se/å ä", "https://xn--kping-jua.se/%C3%A5%20%C3%A4"),
        ("https://example.se/filer/f%F6r%20l%e4net.pdf", "https://example.se/filer/f%F6r%20l%e4net.pdf"),
        ("https://user:secret@example.se/", "https://example.se/"),
        ("https:\\\\example.se\\a\\b", "https://example.se/a/b"),
        (" https://example.se/a\n/b\t", "https://example.se/a/b"),
        ("https://example.se/a/../b/./c", "https://example.se/b/c"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]/"),
        ("https://example.se./", "https://example.se./"),
    ],
)
def test_it_spells_addresses_as_browsers_do(written: str, normal: str) -> None:
    assert normalise(written) == normal


@pytest.mark.parametrize(
    "written",
    [
        "", "example.se", "/a", "ftp://example.se/", "mailto:a@example.se", "javascript:alert(1)", "file:///etc/passwd",
        "https://", "https:///", "https://a b/", "http://example.se:99999/", "https://example.se/\0", "https://a..se/",
        "https://\ud800.se/", "https://" + "a" * 64 + ".se/", "https://" + "a." * 150 + "se/",
        "https://example.se/" + "a" * 8000,
        "https://example.se/" + "å" * 4000, "about:blank", "data:text/html,x", "blob:https://example.se/1",
    ],
)  # fmt: skip
def test_it_refuses_what_cannot_be_visited(written: str) -> None:
    assert normalise(written) is None


@pytest.mark.parametrize(
    ("reference", "target"),
    [
        ("b.html", "https://example.se/a/b.html"),
        ("../c?x=å", "https://example.se/c?x=%C3%A5"),
        ("//other.se/x", "https://other.se/x"),
        ("?q=1", "https://example.se/a/x.html?q=1"),
        ("#top", "https://example.se/a/x.html"),
        ("", "https://example.se/a/x.html"),
        ("mailto:a@example.se", None),
        ("tel:010", None),
        ("http://", None),
        ("https://[", None),
    ],
)
def test_it_resolves_references(reference: str, target: str | None) -> None:
    assert join("https://example.se/a/x.html", reference) == target


@given(text, text)
def test_it_joins_anything_without_raising(base: str, reference: str) -> None:
    joined = join(base, reference)
    assert joined is None or normalise(joined) == joined


_LABELS = st.sampled_from(["", "a", "A", "ö", "xn--4ca", "a-b", "a--b", "-a", "a-", "0x7f", "127", "1", "se", "a" * 64])
_SEGMENTS = st.sampled_from(["", ".", "..", "a", "A.b", ".a", "a..", "%41", "%2e", "~a", "a b", "ö", "a_b-c", "a;b"])


@given(
    st.sampled_from(["http://", "https://", "HTTP://", "http:/", "ftp://"]),
    st.lists(_LABELS, min_size=1, max_size=4).map(".".join),
    st.lists(_SEGMENTS, max_size=4).map("/".join),
    st.sampled_from(["", "/", "?", "/?", "/?a=b&c=d", "/?a=%20", "/?'", "/#a", "\n", "/ "]),
)
def test_what_is_taken_as_it_stands_is_what_a_browser_makes_of_it(scheme: str, host: str, path: str, end: str) -> None:
    for url in (f"{scheme}{host}/{path}{end}", f"{scheme}{host}{end}"):
        assert normalise(url) == normalise(f"\t{url}")  # a browser drops the tab


@given(addresses)
def test_it_normalises_once_and_for_all(url: str) -> None:
    normal = normalise(url)
    assert normal is not None
    assert normalise(normal) == normal
    assert len(normal) <= MAX_LENGTH


@pytest.mark.parametrize(
    ("url", "name", "key"),
    [
        ("https://www.Example.se/a", "www.example.se", "www.example.se"),
        ("http://example.se:443/", "example.se", "example.se"),
        ("http://example.se:8080/", "example.se", "example.se:8080"),
        ("http://127.0.0.1:8000/", "127.0.0.1", "127.0.0.1:8000"),
        ("http://[::1]/", "::1", "::1"),
        ("http://[::1]:81/", "::1", "[::1]:81"),
        ("https://example.se./", "example.se", "example.se"),
        ("not an address", "", ""),
    ],
)
def test_it_names_hosts(url: str, name: str, key: str) -> None:
    assert (host(url), politeness_key(url)) == (name, key)


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("utveckling.regionostergotland.se", "regionostergotland.se"),
        ("www.county.gov.uk", "county.gov.uk"),
        ("gov.uk", "gov.uk"),
        ("a.github.io", "a.github.io"),
        ("www.xn--kping-jua.se", "xn--kping-jua.se"),
        ("WWW.Example.SE.", "example.se"),
        ("localhost", "localhost"),
        ("10.0.0.1", "10.0.0.1"),
        ("::1", "::1"),
        ("", ""),
    ],
)
def test_it_knows_what_can_be_registered(name: str, domain: str) -> None:
    assert registrable_domain(name) == domain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.se/a", "https://www.example.se/a/"),
        ("https://example.se/Utveckling/RSP", "https://example.se/utveckling/rsp"),
        ("https://example.se/a/", "https://example.se/a/index.html"),
        ("https://example.se/a", "https://example.se/a/Default.aspx"),
        ("https://example.se/", "https://example.se/start.html"),
        ("https://example.se/f%F6r", "https://example.se/f%c3%b6r"),
        ("https://example.se/%7Ea", "https://example.se/~a"),
        ("https://example.se/a?id=1", "https://example.se/a?id=1&utm_source=x&fbclid=y"),
        ("https://example.se/a", "https://example.se/a;jsessionid=0A1B"),
        ("https://example.se/a.aspx", "https://example.se/(S(abc123))/a.aspx"),
        ("https://example.se/a", "https://example.se/a?AspxAutoDetectCookieSupport=1"),
    ],
)
def test_it_sees_the_same_place_spelt_otherwise(one: str, other: str) -> None:
    assert is_trivial_redirect(one, other)
    assert is_trivial_redirect(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.se/a", "https://example.se/"),
        ("https://example.se/a", "https://example.se/b"),
        ("https://example.se/a", "https://utveckling.example.se/a"),
        ("https://example.se/a", "https://example.nu/a"),
        ("https://example.se/a?id=1", "https://example.se/a?id=2"),
        ("https://example.se/a", "https://example.se/a?id=1"),
        ("https://example.se/a", "https://example.se/a.html"),
        ("https://example.se/", "https://example.se/sv/"),
        ("https://example.se/a/start.html", "https://example.se/a/"),
        ("https://example.se/a%2Fb", "https://example.se/a/b"),
        ("http://example.se:8080/", "http://example.se/"),
        ("nonsense", "nonsense"),
    ],
)
def test_it_tells_other_places_apart(one: str, other: str) -> None:
    assert not is_trivial_redirect(one, other)


@pytest.mark.parametrize(
    ("path", "depth", "root"),
    [
        ("", 0, True),
        ("/", 0, True),
        ("/index.html", 0, True),
        ("/default.aspx", 0, True),
        ("/startsida", 0, True),
        ("/start.html", 0, True),
        ("/?utm_source=x", 0, True),
        ("/default.aspx?id=12", 0, False),
        ("/sv", 1, True),
        ("/en/", 1, True),
        ("/sv-se/", 1, True),
        ("/sv/index.html", 1, True),
        ("/sv/start", 2, True),
        ("/ru/", 1, False),
        ("/rsp", 1, False),
        ("/om/", 1, False),
        ("/sv/om", 2, False),
        ("/a/b/c.html", 3, False),
        ("/a/b/index.html", 2, False),
    ],
)
def test_it_measures_depth_and_knows_front_pages(path: str, depth: int, root: bool) -> None:
    url = f"https://example.se{path}"
    assert (path_depth(url), is_root(url)) == (depth, root)


def test_a_sibling_keeps_the_shape() -> None:
    made = sibling("https://example.se/d/18.5a/Program%20f%C3%B6r%20l%C3%A4net-2014_20.pdf?x=1", "seed")
    folder, _, name = made.rpartition("/")
    assert folder == "https://example.se/d/18.5a"
    assert name.startswith(tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    assert (name.count("%20"), name[-12], name[-7], name[-4:]) == (2, "-", "_", ".pdf") or name.endswith(".pdf")


@pytest.mark.parametrize("url", ["https://example.se/", "https://example.se/b", "https://example.se/12/", PROGRAMME])
def test_a_sibling_is_too_random_to_exist(url: str) -> None:
    names = {sibling(url, str(seed)).rstrip("/").rpartition("/")[2] for seed in range(50)}
    assert len(names) == 50
    assert min(map(len, names)) >= 12


@given(addresses, st.text(max_size=5))
def test_a_sibling_is_another_address_in_the_same_folder(address: str, seed: str) -> None:
    url = str(normalise(address))
    made = sibling(url, seed)
    before, after = (urlsplit(one).path.removesuffix("/").rpartition("/") for one in (url, made))
    assert made == normalise(made) == sibling(url, seed)
    assert host(made) == host(url)
    assert politeness_key(made) == politeness_key(url)
    assert made != url
    assert after[0] == before[0]
    assert not before[2].endswith(".html") or after[2].endswith(".html")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://xn--kping-jua.se/f%C3%B6r%20l%C3%A4net", "https://köping.se/för%20länet"),
        ("https://example.se/a%CC%8A", "https://example.se/a\u030a"),
        ("https://example.se/2014%E2%80%932020", "https://example.se/2014–2020"),
        ("https://example.se/f%F6r", "https://example.se/f%F6r"),
        ("https://example.se/%2F%3F%23%25%0A%00", "https://example.se/%2F%3F%23%25%0A%00"),
        (
            "https://example.se/%E2%80%AE%E2%80%8B%C2%A0%E3%85%A4",
            "https://example.se/%E2%80%AE%E2%80%8B%C2%A0%E3%85%A4",
        ),
        ("https://example.se/%D7%90", "https://example.se/%D7%90"),
        ("https://example.se/a%E2%81%84b%EF%BC%8Fc", "https://example.se/a%E2%81%84b%EF%BC%8Fc"),
        ("https://xn--80ak6aa92e.com/", "https://xn--80ak6aa92e.com/"),
        ("https://bank.se@example.se/", "https://example.se/"),
        ("java\u202escript: 1", "java%E2%80%AEscript:%201"),
    ],
)
def test_it_shows_addresses_to_people(url: str, shown: str) -> None:
    assert display(url) == shown


@given(addresses)
def test_what_is_shown_leads_to_the_same_page(address: str) -> None:
    url = str(normalise(address))
    assert str(normalise(display(url))).lower().replace(".se./", ".se/") == url.lower().replace(".se./", ".se/")


@given(text)
def test_what_is_shown_can_be_printed(anything: str) -> None:
    assert display(anything).replace(" ", "x").isprintable()
    assert " " not in display(anything)
