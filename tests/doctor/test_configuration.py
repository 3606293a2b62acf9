"""What a configuration's mistakes say, and what they keep to themselves."""

import pytest

from linkwatch.config import load
from linkwatch.config_shapes import discreet
from linkwatch.errors import ConfigError
from tests.doctor.world import World, said_of


@pytest.mark.parametrize(
    ("tables", "more", "said"),
    [
        ({"mail": {"server": "smtp://u:hunter2@h"}}, "", "mail.server: 'smtp://…@h' is not a mail server, such as"),
        ({"mail": {"server": "u:hunter2@h:25"}}, "", "mail.server: '…@h:25' is not a mail server"),
        ({"mail": {"server": "smtp://u:hunter2 @'x'@h"}}, "", 'mail.server: "smtp://…@h" is not a mail server'),
        ({"schedule": {"ping_url": "ftp://u:hunter2@h/x"}}, "", "'ftp://…@h/x' is not an http or https address"),
        ({"web": {"auth": "oidc", "oidc_issuer": "http://u:hunter2@h"}}, "", "'http://…@h' is not an issuer: its"),
        ({}, '[[subscriber]]\naddress = "mailto://u:hunter2@h"\n', "subscriber.mailto://…@h.address"),
        ({"monitor": {"contact": "webb@h"}}, "", "'webb@h' is not a mail address"),
    ],
)
def test_no_password_is_repeated(world: World, tables: dict[str, dict[str, object]], more: str, said: str) -> None:
    world.more = more
    world.write(**tables)
    with pytest.raises(ConfigError) as raised:
        load(world.path)
    assert said in str(raised.value)
    told = " ".join(said_of(one, "en") for one in world.found())
    assert "hunter2" not in str(raised.value) + told


@pytest.mark.parametrize(
    "sentence", ["begins with https and has neither '?' nor '@'", "'a' and 'b@c.se' are: not 'd@e'"]
)
def test_what_is_no_address_is_said_as_it_is(sentence: str) -> None:
    assert discreet(sentence) == sentence


def test_a_machine_without_time_zones_is_told_apart_from_a_wrong_name(world: World, no_zones: None) -> None:
    lacking = "'Europe/Stockholm' is not known on this machine: install the package tzdata"
    with pytest.raises(ConfigError, match=lacking):
        load(world.path)
    world.write(monitor={"timezone": "Europe/Stockholm"})
    with pytest.raises(ConfigError, match=lacking):
        load(world.path)


def test_a_wrong_name_is_none_of_the_machine(world: World) -> None:
    world.write(monitor={"timezone": "Europe/Stokholm"})
    with pytest.raises(ConfigError, match="'Europe/Stokholm' is not a time zone; did you mean"):
        load(world.path)
