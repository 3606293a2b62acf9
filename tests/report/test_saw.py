import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import linkwatch
from linkwatch.core.signs import soft404
from linkwatch.locale import LANGUAGES, Words, catalogue
from linkwatch.report import saw
from linkwatch.report.reading import Reading
from tests.report import hostile
from tests.report.sample import NOW

SV = Reading(words=Words("sv"), timezone="Europe/Stockholm", now=NOW)
PACKAGE = Path(linkwatch.__file__).parent


def rules_used() -> set[str]:
    """Every rule that a verdict is given under, read from the source: `rule="x"`, `verdict(code, reason, "x", …)`."""
    sources = (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    return {rule for text in sources for node in ast.walk(ast.parse(text)) for rule in _rules(node)}


def _rules(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id="verdict"), args=[_, _, ast.Constant(value=str(rule)), *_]):
            yield rule
        case ast.keyword(arg="rule", value=ast.Constant(value=str(rule))):
            yield rule


def test_it_finds_the_rules_in_the_code() -> None:
    assert {"wall", "drift", "soft_404", "our_side", "inconclusive_run", "too_many_questions"} <= rules_used()
    assert len(rules_used()) >= 25


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_has_words_for_every_rule_and_for_no_other(language: str) -> None:
    assert {key.removeprefix("rule.") for key in catalogue(language) if key.startswith("rule.")} == rules_used()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_how_each_rule_decides_in_whole_sentences(language: str) -> None:
    reading = Reading(words=Words(language), timezone="UTC", now=NOW)
    for rule in rules_used():
        sentence = saw.decided({"rule": rule}, reading)
        assert sentence is not None
        assert sentence[0].isupper()
        assert sentence.endswith(".")


def test_it_says_nothing_of_a_rule_that_it_does_not_know() -> None:
    assert saw.decided({"rule": "made_up"}, SV) is None
    assert saw.decided({}, SV) is None


def test_it_has_an_order_for_all_that_it_can_tell() -> None:
    known = {key.split(".")[1] for key in catalogue("sv") if key.startswith("evidence.")}
    assert known == set(saw.ORDER)
    assert len(saw.ORDER) == len(known)


@pytest.mark.parametrize(
    ("evidence", "sentences"),
    [
        ({"containment": 0.31}, ["31\u00a0% av den godkända texten finns på sidan."]),
        ({"containment": 0.0}, ["0\u00a0% av den godkända texten finns på sidan."]),
        ({"shrunk_to": 1.5}, ["Sidans text är 150\u00a0% så lång som den godkända."]),
        ({"probe": "text", "probe_similarity": 0.97},
         ["En påhittad adress visar samma text.", "Sidan är till 97\u00a0% lik det som visas för en påhittad adress."]),
        ({"root": 200, "sibling": 404},
         ["Webbplatsens startsida svarar: HTTP 200, webbplatsen svarade.",
          "En påhittad adress bredvid svarar: HTTP 404, sidan hittades inte."]),
        ({"mark": "header cf-mitigated"}, ["Det syns på svarets fält ”cf-mitigated”."]),
        ({"mark": "address"}, ["Det syns på adressen som besökaren skickas till."]),
        ({"mark": "/cdn-cgi/challenge"}, ["Det syns i sidans kod: ”/cdn-cgi/challenge”"]),
        ({"period": "2014–2020"}, ["Perioden i sidans rubrik är 2014–2020."]),
        ({"last_modified": "2014-05-20T00:00:00+00:00", "from": "pdf"},
         ["Sidan ändrades senast 20 maj 2014.", "Den uppgiften står i pdf-filen."]),
        ({"tls": "expired", "status_behind": 200},
         ["Felet med certifikatet: certifikatet har gått ut.",
          "Bakom certifikatet svarar webbplatsen: HTTP 200, webbplatsen svarade."]),
        ({"signs": ["title", "noindex", "made_up"]},
         ["Tecken på att sidan saknas: titeln säger det och sidan vill inte synas i sökmotorer."]),
        ({"signals": ["sale_phrase", "content_lost"]},
         ["Tecken på att webbadressen är till salu eller ledig: sidan säger det och inget av den godkända texten finns "
          "kvar."]),
        ({"first": "soft_404"},
         ["Det första besöket i samma kontroll gav ett annat svar: ett felmeddelande i stället för sidan."]),
        ({"sibling_ends_here": True}, ["En påhittad adress på webbplatsen leder till samma ställe."]),
        ({"confirmed": True}, ["Ett andra besök gav samma svar."]),
        ({"notice": "Vi har\nlagt ner"}, ["På sidan står det: ”Vi har lagt ner”"]),
        ({"host_fault_of": "kalmar", "detail": "Connection refused"},
         ["Felet sågs på en annan länk till samma webbplats i samma kontroll. Den här adressen besöktes därför inte.",
          "Tekniskt meddelande: ”Connection refused”"]),
    ],
)  # fmt: skip
def test_it_tells_what_a_rule_saw(evidence: dict[str, Any], sentences: list[str]) -> None:
    assert list(saw.sentences(evidence, SV)) == sentences


@pytest.mark.parametrize(
    "evidence",
    [
        {"confirmed": False, "others_ending_here": 0, "containment": float("nan"), "notice": "", "period": None},
        {"made_up": 1, "name": "x", "approved_copy": False, "status": 404, "hops": 2, "saw": "unreachable"},
        {"signs": ["made_up"], "signals": [], "mark": "", "probe": None, "tls": "made_up", "last_modified": "soon"},
    ],
)
def test_it_tells_only_what_there_is_and_what_there_are_words_for(evidence: dict[str, Any]) -> None:
    assert list(saw.sentences(evidence, SV)) == []


def test_it_tells_the_weightiest_first_whatever_the_order_of_keeping() -> None:
    told = list(saw.sentences({"confirmed": True, "shrunk_to": 0.1, "containment": 0.0}, SV))
    assert [sentence.split()[0] for sentence in told] == ["0", "Sidans", "Ett"]


def test_it_has_words_for_every_sign_of_a_missing_page() -> None:
    signs = ("title", "h1", "short_text", "noindex", "canonical", "error_address", "search_address")
    assert set(soft404._PLAIN) < set(signs)
    assert [sign for sign in signs if f"evidence.signs.{sign}" not in SV.words] == []


def test_it_survives_values_that_no_rule_gives() -> None:
    for text in hostile.TEXTS:
        for sentence in saw.sentences({**hostile.EVIDENCE, "mark": text, "detail": text, "signs": [text]}, SV):
            assert len(sentence) < 400
