import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.fetch.head import END, is_interim, mended, speaks_http


def parsed(head: bytes) -> h11.Response:
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    connection.receive_data(head)
    event = connection.next_event()
    assert isinstance(event, h11.Response)
    return event


@pytest.mark.parametrize(
    "line",
    [b"Content-Security-Policy: a\r\nscript-src 'self';", b"No colon here", b"Na me: x", b": x", b"X-\xe5: 1"],
)
def test_it_drops_lines_that_no_grammar_allows(line: bytes) -> None:
    response = parsed(mended(b"HTTP/1.1 200 OK\r\n" + line + b"\r\nContent-Length: 3\r\n\r\n"))
    assert (b"content-length", b"3") in list(response.headers)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b"X : 1", b"1"),
        (b"X:1", b"1"),
        (b"X: a\0b", b"ab"),
        (b"X: a\r\n  b\r\n\tc", b"a b c"),
        (b"X: \xe5\xe4\xf6", b"\xe5\xe4\xf6"),
        (b"X:", b""),
    ],
)
def test_it_mends_what_browsers_read_all_the_same(line: bytes, value: bytes) -> None:
    assert list(parsed(mended(b"HTTP/1.1 200 OK\r\n" + line + b"\r\n\r\n")).headers) == [(b"x", value)]


@pytest.mark.parametrize(
    ("first", "status", "version"),
    [
        (b"HTTP/1.1 200", 200, b"1.1"),
        (b"HTTP/1.1 404 ", 404, b"1.1"),
        (b"HTTP/1.0 200 OK", 200, b"1.0"),
        (b"HTTP/1.1  999   Denied \xe5", 999, b"1.1"),
        (b"HTTP/2 200", 200, b"1.1"),
    ],
)
def test_it_reads_status_lines_of_all_shapes(first: bytes, status: int, version: bytes) -> None:
    response = parsed(mended(first + b"\n\n"))
    assert (response.status_code, response.http_version) == (status, version)


@pytest.mark.parametrize("line", [b"Content-Length: many", b"Content-Length: -1", b"Transfer-Encoding: identity"])
def test_it_leaves_out_lengths_that_say_nothing(line: bytes) -> None:
    assert list(parsed(mended(b"HTTP/1.1 200 OK\r\n" + line + b"\r\n\r\n")).headers) == []


def test_it_leaves_alone_what_is_not_http() -> None:
    assert mended(b"SSH-2.0-OpenSSH\r\n\r\n") == b"SSH-2.0-OpenSSH\r\n\r\n"
    assert [speaks_http(start) for start in (b"", b"HT", b"http/1", b"SSH-", b"<html>")] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_it_knows_interim_heads() -> None:
    heads = (b"HTTP/1.1 100 Continue", b"HTTP/1.1 103 Hints", b"HTTP/1.1 101 Switching", b"HTTP/1.1 200 OK")
    assert [is_interim(head) for head in heads] == [True, True, False, False]


@given(st.binary(max_size=300))
def test_it_makes_of_any_bytes_a_head_that_a_strict_parser_takes(lines: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n\r\n"
    end = END.search(head)
    assert end is not None
    parsed(mended(head[: end.end()]))
