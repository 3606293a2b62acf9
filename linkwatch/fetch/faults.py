"""How a failure below becomes a `Fault`: one exception that carries it up, and what each errno means."""

import errno
import ssl

from linkwatch.core.models import Fault, FaultKind, TlsFacts

_LONGEST_DETAIL = 300


class Faulted(Exception):
    """A request ended without an answer. Raised and caught inside this room only: outside, a fault is data."""

    def __init__(self, fault: Fault, *, tls: TlsFacts | None = None, peer: str | None = None) -> None:
        super().__init__(fault)
        self.fault = fault
        self.tls = tls
        self.peer = peer


def faulted(
    kind: FaultKind, reason: str, detail: object = "", *, tls: TlsFacts | None = None, peer: str | None = None
) -> Faulted:
    return Faulted(Fault(kind=kind, reason=reason, detail=str(detail)[:_LONGEST_DETAIL]), tls=tls, peer=peer)


_NO_ROUTE = (FaultKind.OURS, "no_route")
_NO_FILES = (FaultKind.OURS, "out_of_files")
_NO_MEMORY = (FaultKind.OURS, "out_of_memory")

_OURS = {
    **dict.fromkeys(
        (errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EACCES, errno.EPERM),
        _NO_ROUTE,
    ),
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), _NO_FILES),
    **dict.fromkeys((errno.ENOBUFS, errno.ENOMEM), _NO_MEMORY),
}

_CONNECTING = {
    **_OURS,
    errno.ECONNREFUSED: (FaultKind.CONNECT, "connect_refused"),
    errno.ECONNRESET: (FaultKind.CONNECT, "reset"),
    errno.ECONNABORTED: (FaultKind.CONNECT, "reset"),
    errno.EHOSTUNREACH: (FaultKind.CONNECT, "host_unreachable"),
    errno.EHOSTDOWN: (FaultKind.CONNECT, "host_unreachable"),
    errno.ETIMEDOUT: (FaultKind.TIMEOUT, "connect_timeout"),
}

_TALKING = {
    **_OURS,
    errno.EHOSTUNREACH: (FaultKind.CONNECT, "host_unreachable"),
    errno.ETIMEDOUT: (FaultKind.TIMEOUT, "read_timeout"),
}


def connecting(error: OSError) -> Faulted:
    """What a failed `connect(2)`, or the making of its socket, says."""
    kind, reason = _CONNECTING.get(error.errno or 0, (FaultKind.CONNECT, "connect_failed"))
    return faulted(kind, reason, error)


def talking(error: OSError) -> Faulted:
    """What an error on a connection that stood says."""
    if isinstance(error, ssl.SSLError):
        return faulted(FaultKind.PROTOCOL, "protocol", error)
    kind, reason = _TALKING.get(error.errno or 0, (FaultKind.PROTOCOL, "reset"))
    return faulted(kind, reason, error)
