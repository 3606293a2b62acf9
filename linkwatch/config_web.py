"""The `[web]` table: where the review desk listens, and who may do what there."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field

from linkwatch.config_shapes import TABLE, Network, Text, Url, wrong
from linkwatch.core.roles import Role


class Auth(StrEnum):
    """How people are known."""

    NONE = "none"  # they sit at this machine
    TOKEN = "token"  # noqa: S105  (a word of the configuration): by a token that `linkwatch token add` made for them
    PROXY = "proxy"  # by a header that a proxy sets
    OIDC = "oidc"  # by the organisation's login


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """`host` is an address or a name; without the brackets of IPv6."""

    host: str = "127.0.0.1"
    port: int = 8420

    @classmethod
    def of(cls, text: str) -> "Listen | None":
        """From "HOST:PORT" or "[IPv6]:PORT"; None for anything else. Port 0 is one that is free."""
        found = _LISTEN.fullmatch(text)
        if not found or int(found["port"]) > 65535:
            return None
        if found["six"] and not _is_address(found["six"]):
            return None
        return cls(host=found["six"] or found["host"], port=int(found["port"]))

    @property
    def is_only_here(self) -> bool:
        """Whether only this machine can reach it, as far as its name says."""
        address = _address(self.host)
        return address.is_loopback if address else self.host.lower() == "localhost"

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


_LISTEN = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9._-]+)):(?P<port>\d{1,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """What `[web]` says, or how it is where nothing is said."""

    listen: Listen = Listen()
    hosts: tuple[str, ...] = ()  # lower case
    public_url: str | None = None  # "https://links.example", without a slash at its end
    auth: Auth = Auth.NONE
    anonymous: Role = Role.NOBODY
    session: timedelta = timedelta(days=7)
    proxy_header: str = ""  # lower case
    proxy_from: tuple[IPv4Network | IPv6Network, ...] = ()
    viewers: frozenset[str] = frozenset()
    editors: frozenset[str] = frozenset()
    operators: frozenset[str] = frozenset()
    default_role: Role = Role.NOBODY
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_secret_file: Path | None = None
    oidc_scopes: tuple[str, ...] = ("profile",)  # beside "openid"
    oidc_name: str = "preferred_username"  # the claim that says who somebody is
    oidc_claim: str | None = None  # the claim whose values the lists above hold, in place of names

    @property
    def roles(self) -> tuple[tuple[Role, frozenset[str]], ...]:
        """Who has which role, the highest first."""
        return ((Role.OPERATOR, self.operators), (Role.EDITOR, self.editors), (Role.VIEWER, self.viewers))

    def role_of(self, name: str, groups: Iterable[str] | None = None) -> Role:
        """What somebody may whom a proxy or the organisation's login has named; `groups` are what the latter says.

        The lists hold either names or groups: else somebody might choose the name of a group as their own.
        """
        said = frozenset((name,) if groups is None or self.oidc_claim is None else groups)
        return next((role for role, listed in self.roles if listed & said), self.default_role)

    def groups_in(self, said: Iterable[str]) -> tuple[str, ...]:
        """Those of somebody's groups that a list here names: of the others nothing is kept."""
        return tuple(sorted(set(said) & (self.viewers | self.editors | self.operators)))

    @property
    def public_host(self) -> str | None:
        return urlsplit(self.public_url).hostname if self.public_url else None

    def is_proxy(self, address: str) -> bool:
        """Whether an address is one of those that speak for others."""
        found = _address(address)
        return found is not None and any(found in network for network in self.proxy_from)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An IPv4 address that arrived on an IPv6 socket is that IPv4 address (RFC 4291 §2.5.5.2)."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _is_address(text: str) -> bool:
    return _address(text) is not None


# ---------------------------------------------------------------- the table's shape


def _listen(text: str) -> str:
    if Listen.of(text) is None:
        raise wrong(f"{text!r} is not an address with a port, such as '127.0.0.1:8420' or '[::1]:8420'")
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]", text):
        raise wrong(f"{text!r} is not a host name such as 'links.example.se', without scheme and port")
    return text.lower()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise wrong(f"{url!r} has more than a scheme and a host: the desk is at the root of a host of its own")
    return url.rstrip("/")


def _header(text: str) -> str:
    if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9-]*", text):
        raise wrong(f"{text!r} is not the name of a header such as 'X-Remote-User'")
    return text.lower()


def _issuer(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or "?" in url or "#" in url or "@" in parts.netloc:
        raise wrong(f"{url!r} is not an issuer: its address begins with https and has neither '?' nor '#' nor '@'")
    return url


def _scope(text: str) -> str:
    if not re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]+", text):  # RFC 6749 §3.3
        raise wrong(f"{text!r} is not a scope such as 'profile'")
    return text


def _role(word: str) -> Role:
    return Role.NOBODY if word == "none" else Role.of(word)


class WebTable(BaseModel):
    model_config = TABLE

    listen: Annotated[str, AfterValidator(_listen)] = str(Listen())
    hosts: list[Annotated[Text, AfterValidator(_host)]] = []
    public_url: Annotated[Url, AfterValidator(_origin)] | None = None
    auth: Literal["none", "token", "proxy", "oidc"] = "none"
    anonymous: Literal["none", "viewer"] = "none"
    session_hours: Annotated[float, Field(gt=0, le=8760)] = 168
    proxy_header: Annotated[Text, AfterValidator(_header)] | None = None
    proxy_from: list[Network] = []
    viewers: list[Text] = []
    editors: list[Text] = []
    operators: list[Text] = []
    default_role: Literal["none", "viewer", "editor", "operator"] = "none"
    oidc_issuer: Annotated[Url, AfterValidator(_issuer)] | None = None
    oidc_client_id: Text | None = None
    oidc_secret_file: Text | None = None
    oidc_scopes: list[Annotated[Text, AfterValidator(_scope)]] = ["profile"]
    oidc_name: Text = "preferred_username"
    oidc_claim: Text | None = None

    def frozen(self, folder: Path) -> Web:
        """The table as the program uses it; relative paths start from `folder`."""
        return Web(
            listen=Listen.of(self.listen) or Listen(),
            hosts=tuple(self.hosts),
            public_url=self.public_url,
            auth=Auth(self.auth),
            anonymous=_role(self.anonymous),
            session=timedelta(hours=self.session_hours),
            proxy_header=self.proxy_header or "",
            proxy_from=tuple(self.proxy_from),
            viewers=frozenset(self.viewers),
            editors=frozenset(self.editors),
            operators=frozenset(self.operators),
            default_role=_role(self.default_role),
            oidc_issuer=self.oidc_issuer,
            oidc_client_id=self.oidc_client_id,
            oidc_secret_file=folder / self.oidc_secret_file if self.oidc_secret_file else None,
            oidc_scopes=tuple(self.oidc_scopes),
            oidc_name=self.oidc_name,
            oidc_claim=self.oidc_claim,
        )


_NEEDS = {
    "proxy": {
        "proxy_header": "the header in which the proxy says who it is, such as 'X-Remote-User'",
        "proxy_from": "the addresses that the proxy comes from, such as ['127.0.0.1']",
    },
    "oidc": {
        "oidc_issuer": "the address of the organisation's login",
        "oidc_client_id": "what the organisation's login calls linkwatch",
        "public_url": "the address at which people open the desk",
    },
}


def missing(raw: Mapping[str, Any]) -> list[tuple[tuple[str, str], str]]:
    """What a way of knowing people needs beside it, as places and sentences; `raw` is the table as it stands."""
    auth = raw.get("auth")
    needs = _NEEDS.get(auth, {}) if isinstance(auth, str) else {}
    found = [(("web", "auth"), f"{auth!r} needs {key}: {what}") for key, what in needs.items() if not raw.get(key)]
    if auth == "oidc" and str(raw.get("public_url", "")).lower().startswith("http://"):
        found.append((("web", "public_url"), "must begin with https where auth is 'oidc': browsers keep no login else"))
    return found
