"""Each fault, planted for real in a project in which all else is well, is named: it, and nothing else."""

import ast
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import linkwatch.doctor
from linkwatch.doctor.records import Check, Level
from linkwatch.fetch.roots import Roots
from linkwatch.locale import catalogue
from tests.doctor.world import NOW, Names, World, dated, settings
from tests.notify.servers import DIE, Mailbox
from tests.servers import Site, running

FAULT, WARNING = Level.FAULT, Level.WARNING


def test_nothing_is_found_where_all_is_well(world: World) -> None:
    assert world.wrong() == {}
    assert world.looked_at() == set(Check) - {Check.MAIL, Check.OUTBOX}


def test_it_leaves_everything_as_it_was(world: World) -> None:
    def everything() -> dict[str, bytes]:
        return {str(one): one.read_bytes() for one in world.folder.rglob("*") if one.is_file()}

    before = everything()
    world.found()
    assert everything() == before


def test_offline_it_asks_nobody(world: World) -> None:
    world.with_around(resolver=Names(failing={"*": "dns_failure"}))
    assert world.wrong(is_offline=True) == {}
    assert world.site.log == []
    assert world.looked_at(is_offline=True) == set(Check) - {Check.MAIL, Check.OUTBOX, Check.DNS, Check.NETWORK}


# ---------------------------------------------------------------- configuration


def test_a_configuration_that_cannot_be_used(world: World) -> None:
    world.write(fetch={"timeout_s": -1, "colour": "red"})
    (found,) = world.found()
    assert (found.code, found.level, found.values["mistakes"]) == ("config_bad", FAULT, 2)
    assert "sources.toml:" in str(found.values["first"])


def test_no_configuration(world: World) -> None:
    world.path.unlink()
    assert world.wrong() == {"config_unreadable": FAULT}


SUBSCRIBER = '[[subscriber]]\naddress = "anna@myndigheten.se"\nonly = {tags = ["badplatser"]}\n'
SMTP = {"server": "127.0.0.1:1", "security": "none", "from": "lankar@myndigheten.se"}


@pytest.mark.parametrize(
    ("tables", "more", "wrong"),
    [
        ({"monitor": {"contact": "webbredaktion@example.se"}}, "", {"contact_example": WARNING}),
        ({"fetch": {"allow_networks": ["0.0.0.0/0"]}}, "", {"networks_wide": WARNING}),
        ({"web": {"listen": "0.0.0.0:8420"}}, "", {"desk_open": FAULT}),
        ({"web": {"auth": "token", "public_url": "http://l.myndigheten.se"}}, "", {"desk_in_clear": WARNING}),
        ({"mail": SMTP | {"server": "smtp.myndigheten.se:25"}}, "", {"mail_in_clear": WARNING}),
        ({"mail": SMTP}, SUBSCRIBER, {"subscriber_empty": WARNING}),
        ({"mail": SMTP}, SUBSCRIBER.replace('tags = ["b', 'owners = ["b'), {"subscriber_empty": WARNING}),
        ({"mail": SMTP}, SUBSCRIBER.replace('tags = ["badplatser"]', 'owners = ["region-a.se"]'), {}),
        ({"mail": SMTP}, SUBSCRIBER.replace('tags = ["badplatser"]', 'severities = ["broken"]'), {}),
    ],
)  # fmt: skip
def test_what_is_allowed_and_not_meant(
    world: World, tables: dict[str, dict[str, object]], more: str, wrong: dict[str, Level]
) -> None:
    world.more = more
    world.write(**tables)
    assert world.wrong(is_offline=True) == wrong


def test_no_contact(world: World) -> None:
    del world.tables["monitor"]["contact"]
    world.write()
    assert world.wrong() == {"contact_missing": WARNING}


def test_no_data_of_time_zones(world: World, no_zones: None) -> None:
    assert world.wrong() == {"zone_missing": FAULT}
    world.write(fetch={"timeout_s": -1})
    assert world.wrong() == {"config_bad": FAULT}  # which keeps the rest of the file from being looked at


def test_no_data_of_time_zones_and_no_source(world: World, no_zones: None) -> None:
    world.path.write_text("[monitor]\n", encoding="utf-8")
    assert world.wrong() == {"config_bad": FAULT, "zone_missing": FAULT}


# ---------------------------------------------------------------- network, names, certificates, clock


def test_no_name_can_be_looked_up(world: World) -> None:
    world.with_around(resolver=Names(failing={"*": "dns_failure"}))
    assert world.wrong() == {"dns_failed": FAULT}


def test_no_resolver(world: World) -> None:
    world.with_around(resolver=Names(failing={"*": "no_resolver"}))
    assert world.wrong() == {"dns_failed": FAULT}


def test_one_name_that_is_gone_is_not_our_fault(world: World) -> None:
    world.with_around(resolver=Names(failing={"region-a.se": "dns_nxdomain"}))
    assert world.wrong() == {}


def test_nobody_answers(world: World) -> None:
    silent = Site()
    with running(silent):
        pass  # a port where nothing listens any more
    world.site = silent
    world.write()
    assert world.wrong() == {"network_failed": FAULT}


def test_one_that_does_not_answer_is_not_our_fault(world: World) -> None:
    silent = Site()
    with running(silent):
        pass
    world.write(fetch={"resolve": {"region-b.se": f"127.0.0.1:{silent.port}"}})
    assert world.wrong() == {}


def test_a_certificate_of_a_proxy_between(world: World) -> None:
    with running(between := _secure(trustme.CA())):
        world.site = between
        world.write()
        assert world.wrong() == {"network_intercepted": FAULT}


def test_its_root_as_ca_file_mends_that(world: World) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(world.folder / "ca.pem"))
    with running(between := _secure(ca)):
        world.site = between
        world.write(fetch={"ca_file": "ca.pem"})
        assert world.wrong() == {}


def _secure(ca: trustme.CA) -> Site:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("region-a.se", "region-b.se", "region-c.se").configure_cert(context)
    return Site(tls=context, otherwise=dated(NOW))


@pytest.mark.parametrize(
    "content", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_a_ca_file_without_certificates(world: World, content: str) -> None:
    (world.folder / "ca.pem").write_text(content)
    world.write(fetch={"ca_file": "ca.pem"})
    assert world.wrong() == {"ca_unreadable": FAULT}


@pytest.mark.parametrize("tables", [{}, {"fetch": {"ca_file": "ca.pem"}}])
def test_no_root_certificates(world: World, tables: dict[str, dict[str, object]]) -> None:
    def gone(ca_file: str | None) -> Roots:
        raise FileNotFoundError("cacert.pem")

    (world.folder / "ca.pem").touch()
    world.write(**tables)
    world.with_around(roots=gone)
    assert world.wrong() == {"tls_empty": FAULT}
    assert world.site.log == []  # nobody could be believed


@pytest.mark.parametrize(
    ("left", "wrong"),
    [
        (timedelta(days=-1), {"ca_expired": FAULT}),
        (timedelta(days=20), {"ca_expires": WARNING}),
        (timedelta(days=99), {}),
    ],
)
def test_a_ca_file_that_runs_out(world: World, left: timedelta, wrong: dict[str, Level]) -> None:
    (world.folder / "ca.pem").write_bytes(_root(NOW + left))
    world.write(fetch={"ca_file": "ca.pem"})
    assert world.wrong() == wrong


def _root(ends_at: datetime) -> bytes:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Roten")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(ends_at)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    return made.public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    ("theirs", "wrong"),
    [
        ([-6, -6, -6], {"clock_fast": FAULT}),
        ([6, 7, 90], {"clock_slow": FAULT}),
        ([4, -4, 4], {}),
        ([0, 9000, 9000], {}),  # a server's clock may be wrong too
        ([None, None, 6], {"clock_slow": FAULT}),
        ([None, None, None], {}),
    ],
)
def test_a_clock_that_is_wrong(world: World, theirs: list[int | None], wrong: dict[str, Level]) -> None:
    sites = [Site(otherwise=dated(NOW + timedelta(minutes=off)) if off is not None else b"") for off in theirs]
    for site, off in zip(sites, theirs, strict=True):
        if off is None:
            site.otherwise = dated(NOW).replace(b"Date:", b"Datum:")
    with running(*sites):
        pins = {host: f"127.0.0.1:{site.port}" for host, site in zip(world.hosts, sites, strict=True)}
        world.write(fetch={"resolve": pins})
        assert world.wrong() == wrong


def test_an_answer_out_of_a_cache_says_nothing_of_the_clock(world: World) -> None:
    world.site.otherwise = dated(NOW - timedelta(hours=3), age="10800")
    assert world.wrong() == {}


def test_a_clock_that_has_jumped_back(world: World) -> None:
    world.run(NOW + timedelta(days=400))
    world.with_around()
    assert world.wrong() == {"clock_jumped": FAULT}


# ---------------------------------------------------------------- mail


def test_mail_that_can_be_sent(world: World) -> None:
    with Mailbox() as server:
        world.write(mail=settings(server))
        assert world.wrong() == {}
        assert world.looked_at() == set(Check)
        assert server.kept == []
        assert "MAIL" not in server.verbs()


def test_no_mail_server(world: World) -> None:
    with Mailbox() as server:
        pass
    world.write(mail=settings(server))
    assert world.wrong() == {"mail_failed": FAULT}


def test_a_mail_server_that_hangs_up(world: World) -> None:
    with Mailbox() as server:
        server.on("EHLO", DIE)
        world.write(mail=settings(server))
        assert world.wrong() == {"mail_failed": FAULT}


def test_a_mail_server_without_encryption(world: World) -> None:
    with Mailbox() as server:
        world.write(mail=settings(server, security="starttls"))
        found = {one.code: one for one in world.found()}
    assert "STARTTLS" in str(found["mail_failed"].values["detail"])


@pytest.mark.parametrize(("password", "wrong"), [("rätt", {}), ("fel", {"mail_failed": FAULT})])
def test_a_login_that_is_refused(world: World, password: str, wrong: dict[str, Level]) -> None:
    secret = world.folder / "password"
    secret.write_text(password)
    secret.chmod(0o600)
    with Mailbox(login=("lankar", "rätt"), auth_without_tls=True) as server:
        world.write(mail=settings(server, user="lankar", password_file="password"))
        assert world.wrong() == wrong
        told = " ".join(str(one.values) for one in world.found())
    assert password not in told.replace(str(secret), "")


@pytest.mark.parametrize(
    ("content", "mode", "wrong"),
    [
        ("", 0o600, {"secret_unreadable": FAULT}),
        (None, 0o600, {"secret_unreadable": FAULT}),
        ("hemligt", 0o604, {"secret_open": WARNING}),
        ("hemligt", 0o660, {"secret_open": WARNING}),
        ("hemligt", 0o602, {"secret_open": WARNING}),
        ("hemligt", 0o640, {}),
    ],
)
def test_a_file_with_a_password(world: World, content: str | None, mode: int, wrong: dict[str, Level]) -> None:
    secret = world.folder / "password"
    if content is not None:
        secret.write_text(content)
        secret.chmod(mode)
    with Mailbox() as server:
        world.write(mail=settings(server, password_file="password"))
        assert world.wrong() == wrong


# ---------------------------------------------------------------- words


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_code_has_its_words_and_each_that_is_not_well_its_remedy(language: str) -> None:
    words, codes = catalogue(language), _codes()
    assert len(codes) > 40
    for code, is_well in codes.items():
        assert words[f"cli.doctor.found.{code}"][0].endswith(".")
        assert (f"cli.doctor.do.{code}" in words) is not is_well
    for part, names in (("check", Check), ("level", Level)):
        assert all(f"cli.doctor.{part}.{name}" in words for name in names)


def _codes() -> dict[str, bool]:
    """Every code that stands in the source → whether it says that all is well."""
    found: dict[str, bool] = {}
    for path in Path(linkwatch.doctor.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="well" | "warning" | "fault" as kind), args=[_, ast.Constant(value=str(code))]
                ):
                    found[code] = kind == "well"
                case ast.Constant(value=str(code)) if code.startswith(("database_", "clock_")):
                    found.setdefault(code, False)
    return found
