"""Doors by status, address, form and heading; and pages that only have a form in their header."""

import pytest

from linkwatch.core.models import FaultKind, Page
from linkwatch.core.signs import logins
from tests.core.cases import PROGRAMME, URL, page, visit

ELSE = page("Region", "Välkommen", PROGRAMME)


def door_of(shown: Page | None, status: int = 200, url: str = URL, **more: object) -> str | None:
    found = logins.find(url, visit(url, status, **more), shown)  # type: ignore[arg-type]  # a visit's
    return found.door if found else None


@pytest.mark.parametrize(
    ("to", "door"),
    [
        ("https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=8", "microsoft"),
        ("https://adfs.region.example/adfs/ls/?wa=wsignin1.0", "adfs"),
        ("https://fs.region.example/adfs/ls/?SAMLRequest=x", "adfs"),
        ("https://idp.region.example/saml2/sso?SAMLRequest=fZJ", "sso"),
        ("https://www.region.example/simplesaml/module.php/core/loginuserpass.php", "saml"),
        ("https://app.bankid.com/?autostarttoken=x", "bankid"),
        ("https://www.region.example/logga-in/bankid?return=x", "bankid"),
        ("https://services.frejaeid.com/auth", "freja"),
        ("https://idp.ineratest.org/saml", "siths"),
        ("https://accounts.google.com/signin/v2", "google"),
        ("https://login.idporten.no/authorize", "idporten"),
        ("https://nemlog-in.mitid.dk/login", "mitid"),
        ("https://tunnistautuminen.suomi.fi/idp", "suomi_fi"),
        ("https://region.okta.com/login", "sso"),
        ("https://www.region.example/_layouts/15/Authenticate.aspx?Source=%2F", "sharepoint"),
        ("https://www.region.example/konto/logga-in?ReturnUrl=1", "login_page"),
        ("https://www.region.example/wp-login.php?redirect_to=x", "login_page"),
        ("https://www.region.example/Util/login.aspx?ReturnUrl=%2f", "login_page"),
        ("https://www.region.example/user/login", "login_page"),
        ("https://www.region.example/index.php?action=login", "login_page"),
    ],
)
def test_it_knows_a_door_by_its_address(to: str, door: str) -> None:
    assert door_of(ELSE, to=to, by=302) == door
    on_the_way = logins.on_the_way(URL, visit(to=to, fault=(FaultKind.DNS, "dns_nxdomain")))
    assert on_the_way is not None
    assert on_the_way.door == door


@pytest.mark.parametrize(
    "to",
    [
        "https://www.region.example/om/inloggning-hjalp",
        "https://www.region.example/bloggar/loggbok",
        "https://www.region.example/samling/",
        "https://www.region.example/utbildning/author/oauth-kurs",
        "https://logistik.region.example/",
        "https://www.region.example/forskning/siths-kort-i-varden",
    ],
)
def test_it_knows_an_address_that_is_none(to: str) -> None:
    assert door_of(ELSE, to=to, by=302) is None


FORM = {"password_field": True}


@pytest.mark.parametrize(
    ("shown", "door"),
    [
        (page("Logga in", "Logga in", "Användarnamn Lösenord", **FORM), "login_page"),
        (page("Mina sidor | Region", "Välkommen", "Användarnamn Lösenord Logga in", **FORM), "login_page"),
        (page("Logg inn - Fylket", "Logg inn", "Brukernavn Passord", **FORM), "login_page"),
        (page("Log ind", None, "Brugernavn Adgangskode", **FORM), "login_page"),
        (page("Kirjaudu sisään", None, "Käyttäjätunnus Salasana", **FORM), "login_page"),
        (page("Sign in", "Sign in", "Username Password", **FORM), "login_page"),
        (page("Logga in", "Välj inloggning", "Mobilt BankID Freja eID+ SITHS-kort"), "bankid"),
        (page("Inloggning", "Inloggning", "Laddar"), "login_page"),
        (page("Region", "Du saknar behörighet till sidan", "Kontakta din administratör."), "no_permission"),
    ],
)
def test_it_knows_a_door_by_what_it_shows(shown: Page, door: str) -> None:
    assert door_of(shown) == door


@pytest.mark.parametrize(
    "shown",
    [
        page("Träningstider", "Träningstider", "Måndag 18 innebandy. Söndag 16 barnens rörelsestund.", **FORM),
        page("Sidan hittades inte", "Sidan hittades inte", "Lösenord Logga in Sidan finns inte.", **FORM),
        page("Nyheter", "Butiken öppnar igen", PROGRAMME, **FORM),
        page("Hjälp att logga in", "Så loggar du in", PROGRAMME[:600], **FORM),
        page("Ansök om bygglov", "Ansök om bygglov", "Du loggar in med BankID i e-tjänsten."),
        page("Loggbok", "Loggbok från fjället", "Vi gick hela dagen."),
        page("SITHS-kort i vården", "SITHS-kort", "Korten beställs hos växeln."),
    ],
    ids=lambda shown: shown.title,
)
def test_it_lets_pages_with_a_form_in_their_header_be(shown: Page) -> None:
    assert door_of(shown) is None


def test_it_reads_the_status() -> None:
    assert door_of(ELSE, 401) == "auth_required"
    assert door_of(ELSE, 407) == "auth_required"
    assert door_of(ELSE, 403, headers={"x-forms_based_auth_required": "https://a.example/_forms/"}) == "auth_required"


def test_it_does_not_look_for_forms_on_a_missing_page() -> None:
    assert door_of(page("Logga in", "Logga in", "Lösenord", **FORM), 404) is None


def test_it_gives_a_link_to_a_login_what_it_asked_for() -> None:
    door = "https://www.region.example/logga-in"
    assert door_of(page("Logga in", "Logga in", "Lösenord", **FORM), url=door) is None


@pytest.mark.parametrize(
    ("door", "reason"),
    [
        ("auth_required", "http_auth"),
        ("login_page", "password_page"),
        ("microsoft", "identity_provider"),
        ("bankid", "identity_provider"),
        ("no_permission", "no_permission"),
    ],
)
def test_it_says_what_kind_of_door_it_is(door: str, reason: str) -> None:
    found = logins.Login(door=door, mark="address")
    assert (found.reason, found.evidence["door"]) == (reason, door)
