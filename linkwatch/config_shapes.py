"""The shapes that values of a configuration take, each with the sentence that says what is wrong."""

import difflib
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from linkwatch.core import fields
from linkwatch.core.pins import pinned

_QUOTED = re.compile(r"(['\"])(.*?)\1(?=[\s,;:)]|$)")


def wrong(sentence: str) -> PydanticCustomError:
    """To be raised by whatever checks a value."""
    return PydanticCustomError("linkwatch", "{sentence}", {"sentence": sentence})


def without_user(address: str) -> str:
    """An address that somebody meant as such, without the user and the password in it."""
    scheme, slashes, rest = address.partition("//")
    if not slashes:
        scheme, rest = "", address
    end = next((at for at, sign in enumerate(rest) if sign in "/?#"), len(rest))
    user, at, host = rest[:end].rpartition("@")
    if not at or not (slashes or ":" in user):
        return address
    return f"{scheme}{slashes}…@{host}{rest[end:]}"


def discreet(sentence: str) -> str:
    """What is wrong, without the users and passwords of the addresses that it quotes."""
    return _QUOTED.sub(lambda found: f"{found[1]}{without_user(found[2])}{found[1]}", sentence)


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise wrong(fields.UNSHOWN)
    return text


def _header_safe(text: str) -> str:
    if not (text.isprintable() and text.isascii()):
        raise wrong("is sent with every visit and must be plain ASCII on one line")
    return text


def _mail(text: str) -> str:
    _header_safe(text)
    local, at, domain = text.rpartition("@")
    if not (at and local and "." in domain and " " not in text):
        raise wrong(f"{text!r} is not a mail address")
    return text


def _web_address(url: str) -> str:
    if sentence := fields.wrong_url(url):
        raise wrong(sentence)
    return url


def _zone(name: str) -> str:
    known = available_timezones()
    if known and name not in known:  # where none is known, that is told once for the file
        near = difflib.get_close_matches(name, known, n=1)
        raise wrong(f"{name!r} is not a time zone" + (f"; did you mean {near[0]!r}?" if near else ""))
    return name


def is_zone_known(name: str) -> bool:
    """Whether this machine has its data: also for the one that holds where none is named."""
    try:
        ZoneInfo(name)
    except (LookupError, OSError, ValueError):
        return False
    return True


def _county(letter: str) -> str:
    if sentence := fields.wrong_county(letter):
        raise wrong(sentence)
    return letter


def _selector(text: str) -> str:
    from linkwatch.core.listing import is_selector  # noqa: PLC0415  (the HTML parser: only where one is given)

    if not is_selector(text):
        raise wrong(f"{text!r} is not a CSS selector such as 'main .list a'")
    return text


def _network(text: Any) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise wrong(f"{text!r} is not a network such as '10.0.0.0/8'") from error


def _pin(text: str) -> str:
    if pinned(text) is None:
        raise wrong(f"{text!r} is not an IP address, with or without a port")
    return text


Identifier = Annotated[str, Field(pattern=fields.ID_PATTERN)]
Text = Annotated[str, Field(min_length=1, max_length=fields.LONGEST_TEXT), AfterValidator(_one_line)]
Header = Annotated[str, Field(max_length=500), AfterValidator(_header_safe)]
HeaderUrl = Annotated[Header, AfterValidator(_web_address)]
Mail = Annotated[str, AfterValidator(_mail)]
Url = Annotated[str, Field(max_length=fields.LONGEST_URL), AfterValidator(_web_address)]
Zone = Annotated[str, AfterValidator(_zone)]
County = Annotated[str, AfterValidator(_county)]
Selector = Annotated[Text, AfterValidator(_selector)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Pin = Annotated[str, AfterValidator(_pin)]
Whole = Annotated[int, Field(ge=1, le=1_000_000)]


TABLE = ConfigDict(extra="forbid", strict=True, frozen=True)  # for the model of a table
