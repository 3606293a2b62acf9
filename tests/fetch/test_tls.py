import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from linkwatch.core.models import TlsFacts, Visit
from linkwatch.errors import LinkwatchError
from linkwatch.fetch.tls import facts
from tests.fetch.visiting import Names, told, visit, visitor
from tests.servers import Site, page, then_close

NAME = "www.example.se"
OURS = trustme.CA(organization_name="Trusted Roots")


@pytest.fixture(scope="module")
def ca_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    OURS.cert_pem.write_to_path(path)
    return str(path)


def server(*, cert: trustme.LeafCert, chain: bool = True) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if chain:
        cert.configure_cert(context)
        return context
    blobs = [cert.private_key_pem.bytes(), cert.cert_chain_pems[0].bytes()]
    return _loaded(b"".join(blobs), context)


def _loaded(pem: bytes, context: ssl.SSLContext | None = None) -> ssl.SSLContext:
    context = context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with trustme.Blob(pem).tempfile() as path:
        context.load_cert_chain(path)
    return context


def made(*, issuer: str, subject: str, ca_issuers: str | None = None, days: int = 30) -> ssl.SSLContext:
    """A leaf from nowhere: `issuer` is a name, its key is the leaf's own."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
    )
    if ca_issuers:
        where = x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(ca_issuers)
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([where]), critical=False)
    cert = builder.sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return _loaded(private + cert.public_bytes(serialization.Encoding.PEM))


async def look(context: ssl.SSLContext, ca_file: str | None, host: str = NAME) -> tuple[Visit, Site]:
    async with Site(tls=context).on("/", page()) as site:
        seen = await visit(site.url(host=host), ca_file=ca_file, resolver=Names({host: ["127.0.0.1"]}))
    return seen, site


async def test_it_trusts_what_the_ca_file_names_and_tells_the_facts(ca_file: str) -> None:
    expires = datetime(2035, 6, 1, tzinfo=UTC)
    cert = OURS.issue_cert(NAME, "127.0.0.1", not_after=expires.replace(tzinfo=None))
    seen, _ = await look(server(cert=cert), ca_file)
    assert (seen.status, seen.fault) == (200, None)
    assert seen.tls == TlsFacts(expires_at=expires, issuer="Trusted Roots", names=(NAME, "127.0.0.1"))


async def test_it_trusts_a_whole_chain(ca_file: str) -> None:
    seen, _ = await look(server(cert=OURS.create_child_ca().issue_cert(NAME)), ca_file)
    assert seen.status == 200


async def test_it_checks_an_address_as_a_name(ca_file: str) -> None:
    async with Site(tls=server(cert=OURS.issue_cert("127.0.0.1"))).on("/", page()) as site:
        assert (await visit(site.url(), ca_file=ca_file)).status == 200


async def test_a_final_dot_is_no_other_host(ca_file: str) -> None:
    context = server(cert=OURS.issue_cert(NAME))
    async with Site(tls=context).on("/", page()) as site:
        pins = {NAME: f"127.0.0.1:{site.port}"}
        assert (await visit(f"https://{NAME}./", ca_file=ca_file, resolve=pins)).status == 200


PAST, FUTURE = datetime(2020, 1, 1), datetime(2090, 1, 1)  # noqa: DTZ001 - trustme takes naive UTC


@pytest.mark.parametrize(
    ("context", "reason"),
    [
        (server(cert=OURS.issue_cert(NAME, not_after=PAST)), "expired"),
        (server(cert=OURS.issue_cert(NAME, not_before=FUTURE)), "not_yet_valid"),
        (server(cert=OURS.issue_cert("other.example.se")), "wrong_host"),
        (server(cert=trustme.CA(organization_name="Nobody").issue_cert(NAME)), "unknown_issuer"),
        (server(cert=trustme.CA().create_child_ca().issue_cert(NAME)), "unknown_issuer"),
        (made(issuer="Myself", subject="Myself"), "self_signed"),
        (made(issuer="Trusted Roots", subject="Somebody"), "incomplete_chain"),
        (made(issuer="X", subject="Y", ca_issuers="http://ca.example/x.crt"), "incomplete_chain"),
        (made(issuer="X", subject="Y", ca_issuers="ldap:///CN=X"), "unknown_issuer"),
    ],
)
async def test_it_tells_exactly_why_a_certificate_fails(context: ssl.SSLContext, reason: str, ca_file: str) -> None:
    seen, site = await look(context, ca_file)
    assert told(seen) == ("tls", reason)
    assert seen.tls is not None
    assert seen.tls.expires_at is not None
    assert seen.peer == "127.0.0.1"
    assert site.log == []  # not a byte of HTTP over a line that cannot be trusted


async def test_it_knows_a_chain_whose_middle_was_left_out(ca_file: str) -> None:
    """Where the missing authority bears the name of a root that we trust."""
    child = trustme.CA(parent_cert=OURS, organization_name="Trusted Roots", path_length=3)
    seen, _ = await look(server(cert=child.issue_cert(NAME), chain=False), ca_file)
    assert told(seen) == ("tls", "incomplete_chain")


async def test_it_tells_an_address_that_the_certificate_does_not_hold(ca_file: str) -> None:
    async with Site(tls=server(cert=OURS.issue_cert("127.0.0.7"))) as site:
        assert told(await visit(site.url(), ca_file=ca_file)) == ("tls", "wrong_host")


async def test_it_keeps_the_dates_of_an_expired_certificate(ca_file: str) -> None:
    seen, _ = await look(server(cert=OURS.issue_cert(NAME, not_after=PAST)), ca_file)
    assert seen.tls == TlsFacts(expires_at=PAST.replace(tzinfo=UTC), issuer="Trusted Roots", names=(NAME,))


async def test_it_looks_behind_a_certificate_that_fails_only_when_told_to(ca_file: str) -> None:
    context = server(cert=OURS.issue_cert(NAME, not_after=PAST))
    names = Names({NAME: ["127.0.0.1"]})
    async with Site(tls=context).on("/", page("behind")) as site, visitor(ca_file=ca_file, resolver=names) as one:
        behind = await one.fetch(site.url(host=NAME), trust=False)
        assert (behind.status, behind.body) == (200, b"behind")
        assert behind.tls is not None
        assert told(await one.fetch(site.url(host=NAME))) == ("tls", "expired")
        assert told(await one.visit(site.url(host=NAME))) == ("tls", "expired")
    assert len(site.log) == 1


@pytest.mark.parametrize("raw", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x03\x00\x02\x02\x28"])
async def test_a_handshake_that_fails_is_called_so(raw: bytes) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        writer.close()

    listener = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        assert told(await visit(f"https://127.0.0.1:{port}/")) == ("tls", "handshake")


async def test_a_handshake_that_hangs_ends_with_the_time_out() -> None:
    async with Site() as site:  # waits for HTTP, and never answers a ClientHello
        seen = await visit(f"https://127.0.0.1:{site.port}/", timeout_s=0.3)
    assert told(seen) == ("timeout", "connect_timeout")


async def test_it_tells_at_once_of_a_ca_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for path in ("ca.pem", "none.pem"):
        with pytest.raises(LinkwatchError, match=path):
            visitor(ca_file=str(tmp_path / path))


@pytest.mark.parametrize("der", [b"", b"\x30\x03\x02\x01\x01", b"\0" * 100])
def test_a_certificate_may_be_any_bytes(der: bytes) -> None:
    assert facts([der]) is None
    assert facts([]) is None


async def test_a_reset_after_the_handshake_is_no_fault_of_the_certificate(ca_file: str) -> None:
    async with Site(tls=server(cert=OURS.issue_cert(NAME))).on("/", then_close(b"")) as site:
        seen = await visit(site.url(host=NAME), ca_file=ca_file, resolver=Names({NAME: ["127.0.0.1"]}))
    assert told(seen) == ("protocol", "protocol")
    assert seen.tls is not None
