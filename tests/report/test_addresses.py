import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.report.addresses import contact, web


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


def test_it_begins_a_letter_to_a_mailbox() -> None:
    begun = contact(" webb@region.example ", subject="Länk & mer", body="rad ett\nrad två")
    assert begun.text == "webb@region.example"
    assert begun.href == ("mailto:webb@region.example?subject=L%C3%A4nk%20%26%20mer&body=rad%20ett%0Arad%20tv%C3%A5")


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("https://region.example/kontakt", "https://region.example/kontakt"),
        ("0480-000 00", None),
        ("a@b", None),
        ("a@b.se?bcc=x@y.se", None),
        ("a@b.se,x@y.se", None),
        ("a%0Abcc:x@b.se", None),
        ("javascript:alert(1)//a@b.se", None),
    ],
)
def test_it_links_other_contacts_only_where_that_is_safe(text: str, href: str | None) -> None:
    assert contact(text, subject="", body="").href == href
