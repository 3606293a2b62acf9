"""HTTP/1.1 messages as bytes (RFC 9112): a request's head in, a response out."""

import gzip
from http import HTTPStatus

from linkwatch.demo.site import Answer, Request, Site, answer, conditional, head

BAD_REQUEST = Answer(status=400, content_type="text/plain", body=b"Bad Request\n")
MISDIRECTED = Answer(status=421, content_type="text/plain", body=b"Misdirected Request\n")
NOT_ALLOWED = Answer(status=405, content_type="text/plain", body=b"Method Not Allowed\n", headers=(("Allow", b"GET"),))

_WORTH_PACKING = 512  # bytes
_CHUNK = 4096


def parsed(raw: bytes, *, secure: bool) -> tuple[str, Request | None]:
    """Method and request of a head that ends in an empty line; no request where it cannot be read."""
    line, *rows = raw.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (row.partition(":") for row in rows)}
    match line.split(" "):
        case [method, target, "HTTP/1.1" | "HTTP/1.0"] if target.startswith("/") and "host" in headers:
            host = headers["host"].partition(":")[0].lower()
            return method, Request(host=host, target=target, secure=secure, headers=headers)
    return "", None


def refusal(reason: Answer) -> bytes:
    """A response after which the connection ends."""
    return _message(reason, [("Server", b"nginx"), *head(reason)], reason.body, last=True)


def response(site: Site, request: Request) -> bytes:
    """The site's response to a GET: 304 where it may be, packed where it is accepted."""
    found = conditional(answer(site, request), request)
    fields = [("Server", site.server.encode()), *head(found)]
    body = found.body
    if _packs(found, request):
        body = gzip.compress(body, mtime=0)
        fields += [("Content-Encoding", b"gzip"), ("Vary", b"Accept-Encoding")]
    return _message(found, fields, body, last=wants_close(request), chunked=site.chunked)


def wants_close(request: Request) -> bool:
    return request.headers.get("connection", "").lower() == "close"


def _packs(found: Answer, request: Request) -> bool:
    accepted = "gzip" in request.headers.get("accept-encoding", "").lower()
    return accepted and found.content_type.startswith("text/") and len(found.body) >= _WORTH_PACKING


def _message(
    found: Answer, fields: list[tuple[str, bytes]], body: bytes, *, last: bool, chunked: bool = False
) -> bytes:
    framing, payload = _framed(body, chunked=chunked)
    fields = [
        *fields,
        *([] if found.status == 304 else [framing]),
        ("Connection", b"close" if last else b"keep-alive"),
    ]
    lines = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in fields)
    return f"HTTP/1.1 {found.status} {HTTPStatus(found.status).phrase}\r\n".encode() + lines + b"\r\n" + payload


def _framed(body: bytes, *, chunked: bool) -> tuple[tuple[str, bytes], bytes]:
    """The field that says how long the body is, and the body as it is then sent."""
    if not (chunked and body):
        return ("Content-Length", str(len(body)).encode()), body
    parts = [body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK)]
    return ("Transfer-Encoding", b"chunked"), b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))
