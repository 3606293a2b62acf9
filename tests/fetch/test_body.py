import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.fetch.body import KEPT_OF_A_LARGE_ONE, BadEncoding, Body

TEXT = "Sidan om service på landsbygden. ".encode() * 50
LIMIT = 1_000_000


def raw_deflate(data: bytes) -> bytes:
    squeezer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeezer.compress(data) + squeezer.flush()


def fed(encoding: str, *chunks: bytes, limit: int = LIMIT) -> Body:
    body = Body(encoding, limit)
    for chunk in chunks:
        body.feed(chunk)
    return body


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("utf-8", TEXT),  # no encoding, but some servers say so: browsers ignore it
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("X-GZIP", gzip.compress(TEXT, mtime=0)),
        ("gzip", gzip.compress(TEXT[:100], mtime=0) + gzip.compress(TEXT[100:], mtime=0)),
        ("gzip", gzip.compress(TEXT, mtime=0) + b"\0" * 20),
        ("gzip", gzip.compress(TEXT, mtime=0) + b"<!-- rubbish -->"),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT), mtime=0)),
    ],
)
@pytest.mark.parametrize("size", [7, 1_000_000])
def test_it_decodes(encoding: str, sent: bytes, size: int) -> None:
    body = fed(encoding, *(sent[at : at + size] for at in range(0, len(sent), size)))
    assert body.content() == TEXT
    assert body.ended
    assert not body.is_over


def test_it_keeps_what_came_before_the_damage() -> None:
    sent = bytearray(gzip.compress(bytes(range(256)) * 400, compresslevel=0))
    body = fed("gzip", bytes(sent[:50_000]))
    with pytest.raises(BadEncoding):
        body.feed(b"\xff" * 60_000)
    assert body.size > 40_000


def test_it_notices_an_encoding_that_stops_in_the_middle() -> None:
    body = fed("gzip", gzip.compress(TEXT, mtime=0)[:-20])
    assert not body.ended


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br", "gzip, gzip, gzip, gzip"])
def test_it_refuses_what_it_never_asked_for(encoding: str) -> None:
    with pytest.raises(BadEncoding):
        Body(encoding, LIMIT)


def test_it_says_so_when_the_bytes_are_not_what_was_said() -> None:
    with pytest.raises(BadEncoding):
        fed("gzip", b"<html>plain</html>")


def bomb(megabytes: int) -> bytes:
    squeezer = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    return b"".join(squeezer.compress(bytes(1_000_000)) for _ in range(megabytes)) + squeezer.flush()


@pytest.mark.parametrize(
    ("encoding", "sent"), [("gzip", bomb(50)), ("gzip, gzip", gzip.compress(bomb(50), mtime=0)), ("", bytes(2 * LIMIT))]
)
def test_it_stops_at_the_limit_and_keeps_the_beginning(encoding: str, sent: bytes) -> None:
    body = fed(encoding, sent)
    assert body.is_over
    assert body.size <= LIMIT + len(sent) * (not encoding)
    assert len(body.content()) <= KEPT_OF_A_LARGE_ONE


def test_it_counts_what_swells_in_between() -> None:
    squeezer = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    endless_name = b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * 20_000_000  # a gzip header whose file name never ends
    body = fed("gzip, gzip", squeezer.compress(endless_name) + squeezer.flush())
    assert body.is_over
    assert body.content() == b""


@given(st.sampled_from(["gzip", "deflate", "gzip, deflate", ""]), st.lists(st.binary(max_size=200), max_size=5))
def test_it_survives_any_bytes(encoding: str, chunks: list[bytes]) -> None:
    body = Body(encoding, 500)
    try:
        for chunk in chunks:
            body.feed(chunk)
    except BadEncoding:
        pass
    assert body.size <= 1000
