import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.models import PageKind
from linkwatch.core.sniff import kind_of

HTML, PDF, TEXT, OTHER, EMPTY = PageKind.HTML, PageKind.PDF, PageKind.TEXT, PageKind.OTHER, PageKind.EMPTY
XHTML = b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x">\n<html>'


@pytest.mark.parametrize(
    ("body", "label", "kind"),
    [
        (b"<!DOCTYPE html><p>x", "text/html; charset=utf-8", HTML),
        (b"<!DOCTYPE html><p>x", "application/octet-stream", HTML),
        (b"<!doctype HTML><h1>404", "application/pdf", HTML),
        (b"<h1>404</h1>", "application/pdf", HTML),
        (b"<!DOCTYPE html>", "application/msword", HTML),
        (b"\xef\xbb\xbf\r\n<!-- x --><html>", "text/plain", HTML),
        (XHTML, "application/xhtml+xml", HTML),
        (XHTML, "application/xml", HTML),
        ("<!doctype html><p>å".encode("utf-16"), "text/html", HTML),
        (b"hej <b>du</b>", "text/html", HTML),
        (b"hej du", "text/html", HTML),
        (b"<p>hej", "", HTML),
        (b"%PDF-1.4\n", "application/pdf", PDF),
        (b"%PDF-1.4\n", "text/html", PDF),
        (b"\r\n\x00%PDF-1.7", "", PDF),
        (b"\x00\x01\x02", "application/pdf", PDF),
        (b"<p>A page about %PDF-1.4", "text/html", HTML),
        (b"hej", "text/plain", TEXT),
        (b"hej", "", TEXT),
        (b"hej", "application/octet-stream", TEXT),
        (b'{"a": 1}', "application/json; charset=utf-8", TEXT),
        (b"<?xml version='1.0'?><rss/>", "application/rss+xml", TEXT),
        (b"PK\x03\x04rest", "text/html", OTHER),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword", OTHER),
        (b"\x89PNG\r\n", "image/png", OTHER),
        (b"text", "image/png", OTHER),
        (b"\x00\x01\x02\x03", "application/octet-stream", OTHER),
        (b"\x00\x01\x02\x03", "text/html", OTHER),
        (b"BMI och andra ord", "text/plain", TEXT),
        (b"", "text/html", EMPTY),
        (b"\xef\xbb\xbf \n\0", "text/html", EMPTY),
        (b"", "application/pdf", EMPTY),
    ],
)
def test_it_goes_by_the_bytes_where_they_say_something(body: bytes, label: str, kind: PageKind) -> None:
    assert kind_of(body, label) is kind


@given(st.binary(max_size=200), st.text(max_size=20))
def test_anything_is_something(body: bytes, label: str) -> None:
    assert kind_of(body, label) in PageKind
