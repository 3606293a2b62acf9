"""One POST of ours, over the same guarded connections as all visits: for webhooks.

No redirect is followed, nothing is tried again, and of the answer only its head is kept.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from linkwatch.core.models import FaultKind, FetchPolicy
from linkwatch.core.urls import normalise
from linkwatch.fetch.client import Line, Reply
from linkwatch.fetch.dial import Dialer
from linkwatch.fetch.faults import Faulted
from linkwatch.fetch.resolver import Resolver, SystemResolver
from linkwatch.fetch.stopwatch import Stopwatch
from linkwatch.fetch.tls import Contexts

_DROPPED_BYTES = 64 * 1024
_DROPPING_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """`status` is None where there was no answer, and `detail` says why. Header names are lower-case."""

    status: int | None
    headers: tuple[tuple[str, str], ...] = ()
    detail: str = ""
    is_doubtful: bool = False  # no answer, but the request may have arrived


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    policy: FetchPolicy,
    *,
    timeout_s: float,
    resolver: Resolver | None = None,
) -> Posted:
    """Blocks, at most `timeout_s` and a second in all; not for use within an event loop.

    Of `policy` count `allow_networks`, `resolve`, `ca_file`, `user_agent` and `max_header_bytes`.
    """
    return asyncio.run(_post(url, body, headers, policy, timeout_s=timeout_s, resolver=resolver or SystemResolver()))


async def _post(
    url: str, body: bytes, headers: Mapping[str, str], policy: FetchPolicy, *, timeout_s: float, resolver: Resolver
) -> Posted:
    address = normalise(url)
    if address is None:
        return Posted(status=None, detail="bad_address")
    watch = Stopwatch(timeout_s)
    line = Line(Dialer(policy, resolver), Contexts(policy.ca_file), trust=True, most_head_bytes=policy.max_header_bytes)
    try:
        with watch.running():
            reply = await line.post(address, body, {"User-Agent": policy.user_agent, **headers}, watch)
            await _drop(reply)
    except Faulted as error:
        return _unanswered(error, line)
    finally:
        await line.aclose()
    return Posted(
        status=reply.status, headers=tuple((_text(name).lower(), _text(value)) for name, value in reply.headers)
    )


async def _drop(reply: Reply) -> None:
    """Read a little to its end, so that the server sees that its answer was taken."""
    size = 0
    with contextlib.suppress(Faulted, TimeoutError):
        async with asyncio.timeout(_DROPPING_S), contextlib.aclosing(reply.chunks()) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                if size > _DROPPED_BYTES:
                    break
    await reply.aclose()


def _unanswered(error: Faulted, line: Line) -> Posted:
    """Where nothing of the request can have gone out, that is certain."""
    fault = error.fault
    was_connected = line.peer is not None and fault.kind is not FaultKind.TLS and fault.reason != "connect_timeout"
    detail = f"{fault.reason}: {fault.detail}" if fault.detail else fault.reason
    return Posted(status=None, detail=detail, is_doubtful=was_connected)


def _text(raw: bytes) -> str:
    return raw.decode("latin-1").strip()
