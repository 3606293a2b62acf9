import pytest

from linkwatch.core.models import Facts, Hop
from linkwatch.locale import Words
from linkwatch.report.way import answer, http_words, way
from tests.report.sample import sample

SV = Words("sv")
FACTS = {link.source.id: link.facts for link in sample().links}


def test_it_draws_every_hop_and_where_they_ended() -> None:
    steps = way(FACTS["jamtland"], {}, SV)
    assert [step.words for step in steps] == [
        "HTTP 301, flyttad för gott", "HTTP 308, flyttad för gott", "HTTP 200, webbplatsen svarade",
    ]  # fmt: skip
    assert steps[-1].address.text == FACTS["jamtland"].final_url


def test_it_draws_nothing_where_nobody_was_sent_on() -> None:
    assert way(FACTS["gotland"], {"final_url": FACTS["gotland"].final_url}, SV) == ()
    assert way(Facts(), {"final_url": "https://a.example/"}, SV) == ()


def test_it_draws_the_last_step_to_where_a_page_itself_sends_its_reader() -> None:
    facts = Facts(http_status=200, final_url="https://a.example/old")
    steps = way(facts, {"final_url": "https://a.example/new"}, SV)
    assert [(step.status, step.address.text) for step in steps] == [
        (200, "https://a.example/old"), (None, "https://a.example/new"),
    ]  # fmt: skip
    assert steps[-1].words == "hit skickar sidan själv sin besökare"


def test_it_says_where_the_way_ended_without_an_answer() -> None:
    hop = Hop(url="https://a.example/", status=302, location="https://b.example/")
    steps = way(Facts(final_url="https://b.example/", redirects=(hop,)), {}, SV)
    assert [step.words for step in steps] == ["HTTP 302, hänvisar tillfälligt vidare", "inget svar"]


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "sidan hittades inte"), (418, "kunde inte ge sidan"), (599, "fel hos webbplatsen"), (0, "okänt svar"),
     (-7, "okänt svar"), (99999, "okänt svar")],
)  # fmt: skip
def test_it_has_words_for_every_answer(status: int, words: str) -> None:
    assert http_words(status, SV) == words
    assert answer(status, SV) == f"HTTP {status}, {words}"


def test_it_says_that_nobody_answered() -> None:
    assert answer(None, SV) == "inget svar"
