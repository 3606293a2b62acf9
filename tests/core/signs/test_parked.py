"""Parked domains: two signals, one of which names it."""

import pytest

from linkwatch.core.models import Page
from linkwatch.core.signs import parked
from tests.core.cases import OTHER, PROGRAMME, URL, page, visit


def signals(shown: Page | None, body: str = "", *, lost: bool = False, same: bool = False, **more: object) -> set[str]:
    went = visit(**more)  # type: ignore[arg-type]  # a visit's
    return set(parked.find(went, shown, body.lower(), asked=URL, lost=lost, same_everywhere=same).signals)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("region.example is for sale", ""),
        ("region.example", "This domain may be for sale by its owner!"),
        ("The domain name region.example is for sale | Dan.com", ""),
        ("region.example är till salu", ""),
        ("Domänen region.example kan köpas", ""),
        ("region.example", "Domännamnet är till försäljning. Lämna ett bud."),
        ("Parkerad hos Loopia", "region.example är parkerat hos Loopia."),
        ("Parkerad domän", ""),
        ("region.example hos one.com", "Domänen är registrerad via one.com."),
        ("Välkommen", "Detta domännamn är registrerat hos Binero. Domänen är parkerad."),
        ("region.example er registrert hos Domeneshop", "Domenet er parkert."),
        ("region.example", "Domænet er parkeret"),
        ("region.example - Registered at Namecheap.com", "This domain is registered at Namecheap."),
        ("region.example - Diese Website steht zum Verkauf!", ""),
        ("region.example has expired", "This domain name has expired"),
        ("Verkkotunnus myytävänä", "Tämä verkkotunnus on myytävänä"),
    ],
)
def test_it_knows_the_words_of_sellers(title: str, text: str) -> None:
    assert "sale_phrase" in signals(page(title, None, text, full_text=text))


@pytest.mark.parametrize(
    "shown",
    [
        page("Parkering", "Parkera i Exempelstad", "Parkeringen är avgiftsbelagd. Bilar får inte parkeras på gården."),
        page("Lediga tomter till salu", "Tomter till salu", "Tomterna är till salu från april."),
        page("Loppis", "Till salu", "Båten är till salu."),
        page("Region", "Regionalt serviceprogram", PROGRAMME),
        page("Village news", "Village buys back its own name", f"{OTHER} This domain is for sale."),
    ],
    ids=lambda shown: shown.title,
)
def test_it_knows_what_is_for_sale_and_no_domain(shown: Page) -> None:
    assert signals(shown) == set()


@pytest.mark.parametrize(
    "body",
    [
        '<html data-adblockkey="MFww">',
        "<script src='https://img1.wsimg.com/parking-lander/static/js/main.js'>",
        "<script>window.onload=function(){window.location.href='/lander'}</script>",
        "<script src='https://www.google.com/adsense/domains/caf.js'>",
        "<img src='https://img.sedoparking.com/x.jpg'>",
        "<script src='https://c.parkingcrew.net/scripts/sale_form.js'>",
        '<script>window.park = "eyJ1"</script>',
    ],
)
def test_it_knows_the_scripts_of_parking_pages(body: str) -> None:
    assert signals(page(full_text=""), body) == {"signature"}


def test_it_knows_where_sellers_are() -> None:
    there = visit(to="https://www.hugedomains.com/domain_profile.cfm?d=x")
    assert "service" in parked.find(there, page("x"), "", asked=URL, lost=False, same_everywhere=False).signals
    at_home = visit("https://sedo.com/a")
    found = parked.find(at_home, page("x"), "", asked="https://sedo.com/a", lost=False, same_everywhere=False)
    assert found.signals == ()


@pytest.mark.parametrize(("peer", "expected"), [("91.195.240.12", {"address"}), ("192.0.2.1", set()), ("?", set())])
def test_it_knows_addresses_but_does_not_rest_on_them(peer: str, expected: set[str]) -> None:
    assert signals(page("x"), peer=peer) == expected
    found = parked.find(visit(peer=peer), page("x"), "", asked=URL, lost=True, same_everywhere=True)
    assert not found.is_certain


def test_it_wants_two_signals_one_of_them_by_name() -> None:
    sale = page("region.example is for sale", None, "")
    assert not parked.find(visit(), sale, "", asked=URL, lost=False, same_everywhere=False).is_certain
    assert parked.find(visit(), sale, "", asked=URL, lost=True, same_everywhere=False).is_certain
    assert parked.find(visit(), sale, "", asked=URL, lost=False, same_everywhere=True).is_certain
    assert not parked.find(visit(), page("x"), "", asked=URL, lost=True, same_everywhere=True).is_named
