"""A connection as bytes in and bytes out, over TLS or not, that never holds more than a little of what is sent."""

import asyncio
import socket
import ssl
import time

from linkwatch.core.models import FaultKind
from linkwatch.fetch.faults import faulted, talking

_MOST_UNREAD = 128 * 1024


class Wire(asyncio.Protocol):
    """asyncio's end of one connection. One reader at a time."""

    def __init__(self) -> None:
        self._unread = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if len(self._unread) > _MOST_UNREAD and self._transport is not None:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self._ended = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._error = exc
        self._wake()

    # What we call

    async def read(self, most: int, deadline: float) -> bytes:
        """Up to so many bytes, b"" at the end. `Faulted` on a reset or when `deadline` passes."""
        if time.monotonic() > deadline:  # a server that always has something to say must end, too
            raise faulted(FaultKind.TIMEOUT, "read_timeout")
        if not self._unread and not self._ended:
            await self._more(deadline)
        if self._unread:
            return self._take(most)
        if isinstance(self._error, OSError):
            raise talking(self._error) from self._error
        return b""

    def write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    @property
    def is_stale(self) -> bool:
        """Between two requests there is nothing to read: bytes, or the end, mean that the server has hung up."""
        return bool(self._unread) or self._ended or self._transport is None or self._transport.is_closing()

    @property
    def ssl_object(self) -> ssl.SSLObject | None:
        found = self._transport.get_extra_info("ssl_object") if self._transport is not None else None
        return found if isinstance(found, ssl.SSLObject) else None

    @property
    def leaf(self) -> bytes:
        """The certificate that the server presented for itself, DER."""
        return (self.ssl_object.getpeercert(binary_form=True) or b"") if self.ssl_object else b""

    async def _more(self, deadline: float) -> None:
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout_at(deadline):
                await self._waiting
        except TimeoutError as error:
            raise faulted(FaultKind.TIMEOUT, "read_timeout") from error
        finally:
            self._waiting = None

    def _take(self, most: int) -> bytes:
        data = bytes(self._unread[:most])
        del self._unread[:most]
        if self._transport is not None and not self._transport.is_closing() and len(self._unread) <= _MOST_UNREAD:
            self._transport.resume_reading()
        return data

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


async def plain(sock: socket.socket) -> Wire:
    _, wire = await asyncio.get_running_loop().create_connection(Wire, sock=sock)
    return wire


async def secured(sock: socket.socket, context: ssl.SSLContext, host: str, deadline: float) -> Wire:
    """Shake hands. `ssl.SSLCertVerificationError` is left to the caller, all else is `Faulted`."""
    patience = max(0.001, deadline - time.monotonic())
    try:
        async with asyncio.timeout_at(deadline):
            _, wire = await asyncio.get_running_loop().create_connection(
                Wire, sock=sock, ssl=context, server_hostname=host, ssl_handshake_timeout=patience + 1
            )
    except ssl.SSLCertVerificationError:
        raise
    except TimeoutError as error:
        raise faulted(FaultKind.TIMEOUT, "connect_timeout", "in the TLS handshake") from error
    except ssl.SSLError as error:
        raise faulted(FaultKind.TLS, "handshake", error.reason or error) from error
    except UnicodeError as error:  # a name that no certificate can hold
        raise faulted(FaultKind.TLS, "handshake", error) from error
    except OSError as error:
        raise talking(error) from error
    return wire
