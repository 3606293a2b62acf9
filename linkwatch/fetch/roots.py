"""Whom we trust: the certificates that all others are verified against."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from linkwatch.fetch.tls import Contexts


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    trusted: int  # how many in all
    own: Sequence[tuple[str, datetime]] = ()  # those of `ca_file`: subject, and until when each is valid


def roots(ca_file: str | None) -> Roots:
    """Raises LinkwatchError for a `ca_file` that cannot be read."""
    trusted = len(Contexts(ca_file).trusting.get_ca_certs())
    if ca_file is None:
        return Roots(trusted=trusted)
    own = x509.load_pem_x509_certificates(Path(ca_file).read_bytes())
    return Roots(trusted=trusted, own=tuple((one.subject.rfc4514_string(), one.not_valid_after_utc) for one in own))
