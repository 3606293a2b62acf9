"""Certificates for the corpus's hosts, good ones and each kind of bad one, made when a host is first greeted."""

import datetime as dt
import ssl
import tempfile
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_EXPIRED = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)


class Authority:
    """One trusted authority, one that nobody trusts, and a context for each (host, kind) once asked for."""

    def __init__(self) -> None:
        self._trusted = trustme.CA()
        self._stranger = trustme.CA(organization_name="Okänd utfärdare")
        self._intermediate = self._trusted.create_child_ca()
        self._contexts: dict[tuple[str, str], ssl.SSLContext] = {}

    def write_root(self, path: Path) -> None:
        """The certificate that a client must trust, as PEM."""
        self._trusted.cert_pem.write_to_path(path)

    def context(self, host: str, kind: str) -> ssl.SSLContext:
        key = (host, kind)
        if key not in self._contexts:
            self._contexts[key] = self._make(host, kind)
        return self._contexts[key]

    def _make(self, host: str, kind: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        if kind == "self_signed":
            _load(context, *_self_signed(host))
        elif kind == "incomplete":
            leaf = self._intermediate.issue_cert(host)
            _load(context, leaf.private_key_pem.bytes(), leaf.cert_chain_pems[0].bytes())
        else:
            self._issue(host, kind).configure_cert(context)
        return context

    def _issue(self, host: str, kind: str) -> trustme.LeafCert:
        if kind == "expired":
            return self._trusted.issue_cert(host, not_before=_LONG_AGO, not_after=_EXPIRED)
        if kind == "wrong_host":
            return self._trusted.issue_cert("webbhotell.example", "www.webbhotell.example")
        return (self._stranger if kind == "unknown_issuer" else self._trusted).issue_cert(host)


def _load(context: ssl.SSLContext, key: bytes, chain: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "both.pem"
        path.write_bytes(key + chain)
        context.load_cert_chain(path)


def _self_signed(host: str) -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_LONG_AGO)
        .not_valid_after(dt.datetime(2036, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)
