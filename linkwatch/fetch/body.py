"""A body as it comes in: content-encoding undone a little at a time, never more kept than the limit.

Ten gigabytes of zeros are ten megabytes of gzip: what a chunk inflates to is asked for in small pieces, and the pieces
are counted at every stage.
"""

import io
import zlib
from collections.abc import Iterator
from typing import Protocol

_PIECE = 64 * 1024
_SLICE = 1024  # fed to zlib at once: what a damaged slice inflated to is lost whole
KEPT_OF_A_LARGE_ONE = 256 * 1024
_MOST_ENCODINGS = 3
_GZIP = ("gzip", "x-gzip")
_UNDECODABLE = ("br", "zstd", "compress", "x-compress", "dcb", "dcz")  # codings that we never asked for


class BadEncoding(Exception):
    """The bytes are not what Content-Encoding says."""


class _Stage(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]: ...
    @property
    def ended(self) -> bool: ...


class _Inflate:
    """gzip (members in a row, padding after them) or deflate (zlib's or raw: browsers take both)."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._raw = False
        self._first = True
        self._inflater = self._fresh()

    @property
    def ended(self) -> bool:
        return self._inflater.eof or self._first

    def feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _SLICE):
            yield from self._slice(data[start : start + _SLICE])

    def _slice(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inflater.eof:
                data = data.lstrip(b"\0")
                if not self._gzip or not data.startswith(b"\x1f"):
                    return  # what follows the stream is nobody's
                self._inflater = self._fresh()
            piece = self._inflate(data)
            data = self._inflater.unconsumed_tail or self._inflater.unused_data
            if piece:
                yield piece
        while not self._inflater.eof and (piece := self._inflate(b"")):
            yield piece

    def _inflate(self, data: bytes) -> bytes:
        try:
            piece = self._inflater.decompress(data, _PIECE)
        except zlib.error as error:
            if not self._first or self._gzip or self._raw:
                raise BadEncoding(str(error)) from error
            self._raw, self._inflater = True, zlib.decompressobj(-zlib.MAX_WBITS)
            return self._inflate(data)
        if data:
            self._first = False
        return piece

    def _fresh(self) -> "zlib._Decompress":
        return zlib.decompressobj(16 + zlib.MAX_WBITS if self._gzip else zlib.MAX_WBITS)


class Body:
    """Feed it what came over the wire, in order; it keeps the first `limit` bytes, decoded."""

    def __init__(self, content_encoding: str, limit: int) -> None:
        self._stages = _stages(content_encoding)
        self._produced = [0] * len(self._stages)
        self._limit = limit
        self._kept = io.BytesIO()
        self._wire = 0

    @property
    def size(self) -> int:
        return self._kept.tell()

    @property
    def is_over(self) -> bool:
        """More came than may be kept, on the wire, decoded, or in between."""
        return max(self._wire, self.size, *self._produced) > self._limit

    @property
    def ended(self) -> bool:
        """Whether every encoding came to its own end."""
        return all(stage.ended for stage in self._stages)

    def feed(self, data: bytes) -> None:
        """Raises `BadEncoding`; what was decoded before stays."""
        self._wire += len(data)
        for piece in self._decoded(data, 0):
            self._kept.write(piece)
            if self.is_over:
                return

    def content(self) -> bytes:
        if self.is_over:
            self._kept.truncate(KEPT_OF_A_LARGE_ONE)
        return self._kept.getvalue()

    def _decoded(self, data: bytes, number: int) -> Iterator[bytes]:
        if number == len(self._stages):
            yield data
            return
        for piece in self._stages[number].feed(data):
            self._produced[number] += len(piece)
            if self._produced[number] > self._limit:
                return
            yield from self._decoded(piece, number + 1)


def _stages(content_encoding: str) -> list[_Stage]:
    """The decoders in the order of undoing (RFC 9110 §8.4). Words that name no encoding are ignored, as browsers do."""
    words = [word.strip().lower() for word in content_encoding.split(",")]
    known = [word for word in words if word in (*_GZIP, "deflate", *_UNDECODABLE)]
    if len(known) > _MOST_ENCODINGS or any(word in _UNDECODABLE for word in known):
        raise BadEncoding(content_encoding)
    return [_Inflate(gzip=word in _GZIP) for word in reversed(known)]
