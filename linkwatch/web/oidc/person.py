"""Whom the claims of a login name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linkwatch.config_web import Web

_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """`name` is "" where the login does not say it. `groups` are those that the configuration gives a role."""

    name: str
    groups: tuple[str, ...]


def named(claims: Mapping[str, Any], settings: Web) -> Named:
    return Named(
        name=_name(claims, settings.oidc_name), groups=settings.groups_in(_values(claims, settings.oidc_claim))
    )


def lacks(claims: Mapping[str, Any], settings: Web) -> bool:
    """Whether something is missing that the UserInfo endpoint may say."""
    wanted = (settings.oidc_name, settings.oidc_claim, "email_verified" if settings.oidc_name == "email" else None)
    return any(_at(claims, claim) is None for claim in wanted if claim)


def _name(claims: Mapping[str, Any], claim: str) -> str:
    """A mail address only where its issuer has seen that it is theirs: anybody can write down somebody else's."""
    said = _at(claims, claim)
    if not isinstance(said, str) or (claim == "email" and claims.get("email_verified") not in (True, "true")):
        return ""
    name = said.strip()
    return name if name.isprintable() and len(name) <= _LONGEST else ""


def _values(claims: Mapping[str, Any], claim: str | None) -> tuple[str, ...]:
    said = _at(claims, claim) if claim else None
    listed = said if isinstance(said, list) else [said]
    return tuple(one for one in listed if isinstance(one, str))


def _at(claims: Mapping[str, Any], claim: str) -> Any:
    """The claim of that name; else, for "realm_access.roles", that of an object in an object."""
    if claim in claims:
        return claims[claim]
    found: Any = claims
    for key in claim.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found
