"""Sites that are out of order, and pages that speak of works."""

import pytest

from linkwatch.core.signs import trouble
from tests.core.cases import PROGRAMME, page


@pytest.mark.parametrize(
    "words",
    [
        "Underhåll pågår",
        "Planerat underhåll",
        "Vi uppdaterar webbplatsen",
        "Vi arbetar just nu med att förbättra webbplatsen",
        "Webbplatsen är tillfälligt stängd",
        "Sidan är under uppbyggnad",
        "Webbplatsen uppdateras just nu",
        "Vi är snart tillbaka",
        "Under construction",
        "Site maintenance",
        "We'll be back soon",
        "The site is temporarily unavailable",
        "Service unavailable",
        "Vi oppdaterer nettstedet",
        "Hjemmesiden er midlertidigt lukket",
        "Huoltokatko",
    ],
)
def test_it_knows_a_site_under_maintenance(words: str) -> None:
    assert trouble.is_maintenance(page(words, None, "Välkommen åter."))
    assert trouble.is_maintenance(page("Region", words, "Välkommen åter."))
    assert trouble.is_maintenance(page("Region", None, f"{words}. Välkommen åter."))


@pytest.mark.parametrize(
    "words",
    [
        "Linje 503 ur drift",
        "Underhåll av gator och vägar",
        "Vi bygger om skolan",
        "Ursäkta röran – vi bygger om",
        "Vi arbetar med arbetsplatser i hela länet",
        "Sidan uppdateras löpande",
        "Webbplatsen flyttar till ny plattform",
        "Driftinformation",
        "Maintenance of roads",
        "Stugan är stängd för säsongen",
    ],
)
def test_it_knows_other_works_from_it(words: str) -> None:
    assert not trouble.is_maintenance(page(words, words, f"{words}. Läs mer."))


def test_it_takes_a_long_page_for_no_maintenance() -> None:
    assert not trouble.is_maintenance(page("Underhåll pågår", "Underhåll pågår", PROGRAMME))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Welcome to nginx!", True),
        ("Apache2 Ubuntu Default Page: It works", True),
        ("IIS Windows Server", True),
        ("Domain Default page", True),
        ("Account Suspended", True),
        ("Welcome to our library", False),
        ("Apache i Arizona", False),
        ("It works wonders", False),
    ],
)
def test_it_knows_the_pages_of_empty_servers(title: str, expected: bool) -> None:
    assert trouble.is_default(page(title, None, "")) is expected


def test_it_knows_an_applications_own_error() -> None:
    assert trouble.is_error(page("Fel", "Ett fel har inträffat", "Försök igen."))
    assert not trouble.is_error(page("Felanmälan", "Felanmälan", "Ring oss."))
    assert not trouble.is_error(page("Fel", "Ett fel har inträffat", PROGRAMME))
