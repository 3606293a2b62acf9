"""Judges what sources.toml says: what is allowed there, and unlikely to be meant."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from linkwatch.config import NO_ZONE, Config
from linkwatch.config_web import Auth
from linkwatch.core.models import Snapshot
from linkwatch.core.overlay import with_sources
from linkwatch.doctor.records import Check, Finding, fault, or_well, warning, well
from linkwatch.errors import ConfigError

_IT = Check.CONFIGURATION
_EXAMPLES = ("example.se", "example.com", "example.org", "example.net", "example")  # RFC 2606, and the file we ship
_WIDE = 8  # a network of private addresses is no wider (10.0.0.0/8)


def unusable(error: ConfigError) -> Iterator[Finding]:
    if isinstance(error.__cause__, OSError):
        yield fault(_IT, "config_unreadable", detail=error.mistakes[0])
        return
    mistakes = [one for one in error.mistakes if not one.endswith(NO_ZONE)]
    if mistakes:
        yield fault(_IT, "config_bad", mistakes=len(mistakes), first=mistakes[0])
    if len(mistakes) < len(error.mistakes):  # the machine lacks something, and not the file
        yield fault(Check.TIME_ZONE, "zone_missing")


def judge(config: Config, now: datetime) -> tuple[Finding, ...]:
    found = [*_contact(config), *_open_doors(config), *_mail(config, now)]
    return or_well(found, well(_IT, "config_good", links=len(config.sources)))


def _contact(config: Config) -> Iterator[Finding]:
    contact = config.fetch.contact
    if contact is None:
        yield warning(_IT, "contact_missing")
    elif _is_example(contact.rpartition("@")[2]):
        yield warning(_IT, "contact_example", contact=contact)


def _is_example(domain: str) -> bool:
    return any(domain == one or domain.endswith(f".{one}") for one in _EXAMPLES)


def _open_doors(config: Config) -> Iterator[Finding]:
    wide = [str(network) for network in config.fetch.allow_networks if network.prefixlen < _WIDE]
    if wide:
        yield warning(_IT, "networks_wide", networks=", ".join(wide))
    web = config.web
    if not web.listen.is_only_here and web.auth is Auth.NONE:
        yield fault(_IT, "desk_open", listen=str(web.listen))
    public = urlsplit(web.public_url or "")
    if public.scheme == "http" and web.auth is not Auth.NONE:
        yield warning(_IT, "desk_in_clear", url=web.public_url)


def _mail(config: Config, now: datetime) -> Iterator[Finding]:
    mail, links = config.mail, with_sources(Snapshot(generated_at=now, run=None, links=()), config.sources).links
    if mail.can_send and mail.security == "none" and mail.host not in ("localhost", "127.0.0.1", "::1"):
        yield warning(_IT, "mail_in_clear", server=mail.host)
    for one in mail.subscribers:
        if not any(one.only.takes(link) for link in links):
            yield warning(_IT, "subscriber_empty", subscriber=one.id)
