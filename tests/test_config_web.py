from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from linkwatch.config import load
from linkwatch.config_web import Auth, Listen, Web
from linkwatch.core.roles import Role
from linkwatch.errors import ConfigError

ONE = '\n[[source]]\nid = "a"\nname = "A"\nurl = "https://a.se/"\nowner = "Region A"\n'


def web(folder: Path, table: str) -> Web:
    path = folder / "sources.toml"
    path.write_text(f"[web]\n{table}{ONE}", encoding="utf-8")
    return load(path).web


def mistakes(folder: Path, table: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        web(folder, table)
    return caught.value.mistakes


def test_it_listens_on_this_machine_only_where_nothing_is_said(tmp_path: Path) -> None:
    found = web(tmp_path, "")
    assert found == Web()
    assert (str(found.listen), found.auth, found.anonymous) == ("127.0.0.1:8420", Auth.NONE, Role.NOBODY)
    assert found.listen.is_only_here


def test_it_reads_what_is_said(tmp_path: Path) -> None:
    table = """listen = "0.0.0.0:80"
hosts = ["Links.Example"]
public_url = "https://links.example:8443/"
auth = "proxy"
anonymous = "viewer"
session_hours = 1.5
proxy_header = "X-Remote-User"
proxy_from = ["10.0.0.1", "fd00::/8"]
viewers = ["v"]
editors = ["e"]
operators = ["o"]
default_role = "viewer"
oidc_secret_file = "secret"
"""
    found = web(tmp_path, table)
    assert found.listen == Listen(host="0.0.0.0", port=80)
    assert (found.hosts, found.public_url, found.public_host) == (
        ("links.example",), "https://links.example:8443", "links.example",
    )  # fmt: skip
    assert (found.auth, found.anonymous, found.session) == (Auth.PROXY, Role.VIEWER, timedelta(minutes=90))
    assert (found.proxy_header, found.proxy_from) == ("x-remote-user", (ip_network("10.0.0.1"), ip_network("fd00::/8")))
    assert [found.role_of(name) for name in "veox"] == [Role.VIEWER, Role.EDITOR, Role.OPERATOR, Role.VIEWER]
    assert found.oidc_secret_file == tmp_path.resolve() / "secret"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('listen = "8420"', "web.listen: '8420' is not an address with a port"),
        ('listen = "0.0.0.0:65536"', "web.listen: '0.0.0.0:65536' is not an address"),
        ('listen = "::1:8420"', "web.listen: '::1:8420' is not an address"),
        ('listen = "[fe80]:1"', "web.listen: '[fe80]:1' is not an address"),
        ('hosts = ["https://a.se"]', "web.hosts.0: 'https://a.se' is not a host name"),
        ('hosts = ["a.se:8420"]', "web.hosts.0: 'a.se:8420' is not a host name"),
        ('hosts = ["*"]', "web.hosts.0: '*' is not a host name"),
        ('public_url = "https://a.se/desk"', "web.public_url: 'https://a.se/desk' has more than a scheme and a host"),
        ('public_url = "a.se"', "web.public_url: 'a.se' is not an http or https address"),
        ('auth = "basic"', "web.auth: must be 'none', 'token', 'proxy' or 'oidc'"),
        ('anonymous = "editor"', "web.anonymous: must be 'none' or 'viewer'"),
        ("session_hours = 0", "web.session_hours: must be more than 0"),
        ('proxy_header = "X Remote"', "web.proxy_header: 'X Remote' is not the name of a header"),
        ('proxy_from = ["proxy.se"]', "web.proxy_from.0: 'proxy.se' is not a network"),
        ('editors = ["a\\nb"]', "web.editors.0: holds a line break or another character"),
        ('colour = "red"', "web.colour: unknown key"),
        ('auth = "proxy"', "web.auth: 'proxy' needs proxy_from"),
        ('auth = "oidc"', "web.auth: 'oidc' needs oidc_client_id"),
        ("auth = []", "web.auth: must be"),
        (
            'oidc_issuer = "http://id.se"',
            "web.oidc_issuer: 'http://id.se' is not an issuer: its address begins with https",
        ),
        ('oidc_issuer = "https://id.se/?a"', "web.oidc_issuer: 'https://id.se/?a' is not an issuer"),
        ('oidc_issuer = "https://id.se/#"', "web.oidc_issuer: 'https://id.se/#' is not an issuer"),
        ('oidc_issuer = "https://a@id.se/"', "web.oidc_issuer: 'https://…@id.se/' is not an issuer"),
        ('oidc_scopes = ["a b"]', "web.oidc_scopes.0: 'a b' is not a scope"),
        (
            'public_url = "http://a.se"\nauth = "oidc"\noidc_issuer = "https://id.se"\noidc_client_id = "x"',
            "web.public_url: must begin with https where auth is 'oidc'",
        ),
    ],
)
def test_it_says_what_is_wrong(tmp_path: Path, table: str, said: str) -> None:
    assert mistakes(tmp_path, table)[0].startswith(f"sources.toml:2: {said}")


def test_it_says_all_that_is_missing_at_once(tmp_path: Path) -> None:
    said = mistakes(tmp_path, 'auth = "oidc"')
    assert [one.split(" needs ")[1].split(":")[0] for one in said] == ["oidc_client_id", "oidc_issuer", "public_url"]


def test_it_gives_roles_by_names_or_by_groups_and_never_by_a_name_that_is_a_group() -> None:
    by_names = Web(editors=frozenset({"web"}))
    by_groups = Web(editors=frozenset({"web"}), viewers=frozenset({"staff"}), oidc_claim="groups")
    assert by_names.role_of("web", ()) is Role.EDITOR
    assert by_names.role_of("Anna", ("web",)) is Role.NOBODY
    assert by_groups.role_of("Anna", ("staff", "web")) is Role.EDITOR
    assert by_groups.role_of("web", ()) is Role.NOBODY
    assert by_groups.role_of("web") is Role.EDITOR  # whom a proxy names
    assert by_groups.groups_in(["staff", "others", "web", "staff"]) == ("staff", "web")


@pytest.mark.parametrize(
    ("text", "is_only_here"),
    [
        ("127.0.0.1:1", True), ("127.9.9.9:1", True), ("[::1]:1", True), ("localhost:1", True), ("LOCALHOST:1", True),
        ("[::ffff:127.0.0.1]:1", True), ("0.0.0.0:1", False), ("[::]:1", False), ("10.0.0.1:1", False),
        ("links.example:1", False), ("localhost.example:1", False),
    ],
)  # fmt: skip
def test_it_knows_what_only_this_machine_can_reach(text: str, is_only_here: bool) -> None:
    listen = Listen.of(text)
    assert listen
    assert listen.is_only_here is is_only_here
    assert str(listen) == text


@pytest.mark.parametrize(
    ("address", "is_proxy"),
    [
        ("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("fd00::1%eth0", True), ("11.1.2.3", False), ("", False),
        ("testclient", False), ("10.1.2.3, 11.1.1.1", False),
    ],
)  # fmt: skip
def test_it_knows_a_proxy_by_its_address(address: str, is_proxy: bool) -> None:
    assert Web(proxy_from=(ip_network("10.0.0.0/8"), ip_network("fd00::/8"))).is_proxy(address) is is_proxy
