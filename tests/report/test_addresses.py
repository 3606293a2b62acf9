import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.report.addresses import mailbox, web


@pytest.mark.parametrize(
    "url",
    ["https://www.example.se/a?b=c&d#e", "http://example.se:8080/", "HTTPS://EXAMPLE.SE/", "https://räksmörgås.se/å%20ö",
     "https://[::1]/x"],
)  # fmt: skip
def test_it_links_web_addresses(url: str) -> None:
    assert (web(url).text, web(url).href) == (url, url)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "ftp://example.se/", "//example.se/", "https://", "www.example.se", "",
     "https://example.se/\u202egnp", "https://example.se/a b", "https://example.se/\n", " https://example.se/",
     "https://example.se/\x00", "https://e.se/" + "x" * 8_000, "https://e.se\\@evil.se/", 'https://e.se/"onclick='],
)  # fmt: skip
def test_it_shows_anything_else_as_text(url: str) -> None:
    assert web(url).href is None


def test_it_shows_long_addresses_cut() -> None:
    assert len(web("https://e.se/" + "x" * 100_000).text) == 1_000


@given(st.text(st.characters(exclude_categories=())))
def test_it_links_nothing_but_http(url: str) -> None:
    href = web(url).href
    assert href is None or href.lower().startswith(("http://", "https://"))


@pytest.mark.parametrize("text", ["webb@region.example", " webb@region.example ", "a.b+c@x-y.se"])
def test_it_knows_a_mailbox(text: str) -> None:
    assert mailbox(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["", "https://region.example/kontakt", "0480-000 00", "a@b", "a@b.se?bcc=x@y.se", "a@b.se,x@y.se", "a%0Abcc:x@b.se",
     "javascript:alert(1)//a@b.se", "Webb <a@b.se>", "a@b.se\nBcc: x@y.se", "å@b.se", "a" * 65 + "@b.se",
     "a@" + "b." * 150 + "se"],
)  # fmt: skip
def test_it_takes_nothing_else_for_one(text: str) -> None:
    assert mailbox(text) is None
