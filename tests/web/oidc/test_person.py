from typing import Any

import pytest

from linkwatch.config_web import Web
from linkwatch.web.oidc.person import lacks, named


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"email": "anna@a.se", "email_verified": True}, "anna@a.se"),
        ({"email": " anna@a.se ", "email_verified": "true"}, "anna@a.se"),
        ({"email": "anna@a.se", "email_verified": False}, ""),
        ({"email": "anna@a.se", "email_verified": "false"}, ""),
        ({"email": "anna@a.se"}, ""),
        ({"email": ["anna@a.se"], "email_verified": True}, ""),
        ({"email": None, "email_verified": True}, ""),
        ({}, ""),
    ],
)
def test_it_takes_a_mail_address_for_a_name_where_it_is_verified(claims: dict[str, Any], name: str) -> None:
    assert named(claims, Web(oidc_name="email")).name == name


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31m", "\u202eanna", "\ud800", "a" * 201, " ", 7, True, {"a": "b"}])
def test_it_takes_no_name_that_cannot_be_shown(name: object) -> None:
    assert named({"preferred_username": name}, Web()).name == ""


@pytest.mark.parametrize(
    ("claim", "claims", "groups"),
    [
        ("groups", {"groups": ["web", "it", "other", 7, None, ["web"]]}, ("it", "web")),
        ("groups", {"groups": "web"}, ("web",)),
        ("groups", {"groups": {"web": True}}, ()),
        ("groups", {}, ()),
        ("realm_access.roles", {"realm_access": {"roles": ["web"]}}, ("web",)),
        ("realm_access.roles", {"realm_access": ["roles"]}, ()),
        ("https://a.se/roles", {"https://a.se/roles": ["web"]}, ("web",)),
        (None, {"groups": ["web"], "preferred_username": "web"}, ()),
    ],
)
def test_it_knows_the_groups_that_have_a_role(claim: str | None, claims: Any, groups: tuple[str, ...]) -> None:
    settings = Web(oidc_claim=claim, viewers=frozenset({"web"}), operators=frozenset({"it"}))
    assert named(claims, settings).groups == groups


def test_it_knows_what_is_missing() -> None:
    by_name, by_groups = Web(), Web(oidc_claim="groups")
    assert lacks({}, by_name)
    assert not lacks({"preferred_username": "anna"}, by_name)
    assert lacks({"preferred_username": "anna"}, by_groups)
    assert not lacks({"preferred_username": "anna", "groups": []}, by_groups)
    assert lacks({"email": "anna@a.se"}, Web(oidc_name="email"))
