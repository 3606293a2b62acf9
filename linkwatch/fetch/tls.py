"""Certificates: whom we trust, what a presented one says, and the exact reason why one fails."""

import ssl
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import TypeVar

import certifi
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from linkwatch.core.models import TlsFacts
from linkwatch.errors import LinkwatchError

T = TypeVar("T")

_MOST_NAMES = 50
_LONGEST = 255
_DER = 2  # `_ssl.ENCODING_DER`

# X509_V_ERR_* of OpenSSL's x509_vfy.h
_NO_ISSUER = (20, 21)  # the issuer's certificate is not at hand; nor any but the leaf's
_REASONS = {
    9: "not_yet_valid",
    10: "expired",
    18: "self_signed",
    19: "unknown_issuer",  # its root was sent along, and is not one of ours
    23: "revoked",
    62: "wrong_host",
    64: "wrong_host",  # an address that the certificate does not hold
}


class Contexts:
    """The two ways to shake hands, made when first needed. A `ca_file` is read at once, so that a bad one is told."""

    def __init__(self, ca_file: str | None = None) -> None:
        self._ca_file = ca_file
        if ca_file is not None:
            self.trusting  # noqa: B018 - read it now

    @cached_property
    def trusting(self) -> ssl.SSLContext:
        """Verifies, against Mozilla's roots, the system's, and `ca_file`."""
        context = _client_context()
        context.load_verify_locations(certifi.where())
        context.load_default_certs()
        if self._ca_file is not None:
            try:
                context.load_verify_locations(self._ca_file)
            except OSError as error:
                raise LinkwatchError(f"{self._ca_file}: no certificates could be read from it: {error}") from error
        return context

    @cached_property
    def blind(self) -> ssl.SSLContext:
        """Verifies nothing: for looks at what a failing certificate says, or hides."""
        context = _client_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    @cached_property
    def trusted_organisations(self) -> frozenset[str]:
        """Organisations of all trusted roots, in lower case."""
        subjects = (root["subject"] for root in self.trusting.get_ca_certs() if "subject" in root)
        pairs = (rdn[0] for subject in subjects for rdn in subject)
        return frozenset(str(pair[1]).lower() for pair in pairs if pair[0] == "organizationName")


def _client_context() -> ssl.SSLContext:
    """As browsers: servers without secure renegotiation (RFC 5746) are spoken to, and renegotiation is never done."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.options |= 0x4  # SSL_OP_LEGACY_SERVER_CONNECT, named in `ssl` from Python 3.12
    context.options |= ssl.OP_NO_RENEGOTIATION
    return context


def facts(chain: Sequence[bytes]) -> TlsFacts | None:
    """What the presented leaf says of itself, trusted or not. None: it cannot be read."""
    leaf = _parsed(chain[0]) if chain else None
    if leaf is None:
        return None
    return TlsFacts(expires_at=_quietly(lambda: _expiry(leaf)), issuer=_issuer_name(leaf), names=_names(leaf))


def presented(wire: ssl.SSLObject) -> tuple[bytes, ...]:
    """The chain as sent, leaf first, DER. Only the leaf where this Python does not give the rest."""
    public = getattr(wire, "get_unverified_chain", None)  # from 3.13
    if public is not None:
        return tuple(public())
    chain = getattr(getattr(wire, "_sslobj", None), "get_unverified_chain", None)
    if chain is not None:
        return tuple(certificate.public_bytes(_DER) for certificate in chain() or ())
    leaf = wire.getpeercert(binary_form=True)
    return (leaf,) if leaf else ()


def reason(error: ssl.SSLCertVerificationError, chain: Sequence[bytes], trusted: Contexts) -> str:
    """Why the certificate failed, in a stable word. `chain` is what was presented on a second look, maybe nothing."""
    if error.verify_code in _NO_ISSUER:
        return _missing_issuer(chain, trusted)
    return _REASONS.get(error.verify_code, "certificate")


def _missing_issuer(chain: Sequence[bytes], trusted: Contexts) -> str:
    """`incomplete_chain`: browsers, which know or fetch what is missing, show the page; programs do not.

    Told from a chain that leads nowhere by three signs: the leaf came alone, did not sign itself, and says where its
    issuer's certificate is, or names an organisation whose root we trust.
    """
    leaf = _parsed(chain[0]) if len(chain) == 1 else None
    if leaf is None:
        return "unknown_issuer"
    if leaf.issuer == leaf.subject:
        return "self_signed"
    organisation = _part(leaf.issuer, NameOID.ORGANIZATION_NAME)
    known = organisation is not None and organisation.lower() in trusted.trusted_organisations
    return "incomplete_chain" if known or _says_where_its_issuer_is(leaf) else "unknown_issuer"


def _says_where_its_issuer_is(leaf: x509.Certificate) -> bool:
    """RFC 5280 §4.2.2.1, over HTTP: an address in a company's own directory (ldap:) helps nobody outside."""
    access = _quietly(lambda: leaf.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value)
    return access is not None and any(
        each.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        and isinstance(each.access_location, x509.UniformResourceIdentifier)
        and each.access_location.value.lower().startswith(("http://", "https://"))
        for each in access
    )


def _expiry(leaf: x509.Certificate) -> datetime:
    return leaf.not_valid_after_utc


def _issuer_name(leaf: x509.Certificate) -> str | None:
    issuer = _quietly(lambda: leaf.issuer)
    if issuer is None:
        return None
    return _part(issuer, NameOID.ORGANIZATION_NAME) or _part(issuer, NameOID.COMMON_NAME)


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    names = _quietly(lambda: leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    if names is None:
        return ()
    hosts = names.get_values_for_type(x509.DNSName)
    addresses = [str(ip) for ip in names.get_values_for_type(x509.IPAddress)]
    return tuple(name[:_LONGEST] for name in (*hosts, *addresses)[:_MOST_NAMES])


def _part(name: x509.Name, oid: x509.ObjectIdentifier) -> str | None:
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value)[:_LONGEST] if found else None


def _parsed(der: bytes) -> x509.Certificate | None:
    return _quietly(lambda: x509.load_der_x509_certificate(der))


def _quietly(look: Callable[[], T]) -> T | None:
    """A certificate may hold anything: what cannot be parsed is not known (ValueError and x509's own errors)."""
    try:
        return look()
    except Exception:  # the parser's errors have no common base, and the bytes are a stranger's
        return None
