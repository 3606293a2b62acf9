from dataclasses import replace

from linkwatch.core.models import Copy, Snapshot, State, Transition
from linkwatch.locale import Words
from linkwatch.report.details import render
from tests.report import hostile
from tests.report.sample import NOW, ago, sample, shared

COPY = Copy(
    title="Regionalt serviceprogram – Region Blekinge", h1=None, text="ett två tre", shingles=(), shingle_count=0,
    links=(), learnt_at=ago(days=400), url="https://www.region-blekinge.example/gammal",
)  # fmt: skip


def said(*ids: str, snapshot: Snapshot | None = None, language: str = "sv", **copies: Copy) -> str:
    view = snapshot or sample()
    return render(view, ids, copies, words=Words(language), timezone="Europe/Stockholm")


def test_it_tells_everything_of_a_link() -> None:
    text = " ".join(said("blekinge", blekinge=COPY).split())
    for part in (
        "Blekinge (blekinge) ===", "Trasig: sidan hittades inte, sedan 3 dagar (20 november 2026)",
        "Vad det betyder: Webbplatsen svarar, men har ingen sida", "Gör så här: Öppna den föreslagna adressen.",
        "Underlag Så avgjordes det: Webbplatsens svarskod avgjorde. 0\u00a0% av den godkända texten finns på sidan.",
        "Svar: HTTP 404, sidan hittades inte", "Sett så många kontroller i rad: 2",
        "Godkänd version Inläst 19 oktober 2025, 3 ord. Sidans titel: Regionalt serviceprogram – Region Blekinge",
        "Adress: https://www.region-blekinge.example/gammal",
    ):  # fmt: skip
        assert " ".join(part.split()) in text


def test_it_draws_the_chain_hop_by_hop() -> None:
    text = said("jamtland")
    assert (
        "   1. HTTP 301, flyttad för gott\n      http://region-jamtland.example/service\n"
        "   2. HTTP 308, flyttad för gott\n      https://region-jamtland.example/service\n"
        "   3. HTTP 200, webbplatsen svarade\n      https://www.region-jh.example/"
    ) in text


def test_it_tells_what_has_happened_newest_first_and_whole() -> None:
    changes = tuple(
        Transition(link_id="blekinge", at=ago(days=n), old=State.OK, new=State.FAILING, verdict=None, reason=None)
        for n in range(12)
    )
    link = replace(sample().links[0], transitions=changes)
    history = said("blekinge", snapshot=replace(sample(), links=(link,))).split("Vad som har hänt\n")[1]
    days = [int(line.split()[0]) for line in history.splitlines() if "kl. 14:00" in line]
    assert days == list(range(23, 11, -1))


def test_it_says_that_there_is_no_approved_copy() -> None:
    assert "Godkänd version\n   Det finns ingen godkänd version av sidan än." in said("ostergotland")
    assert "Godkänd version" not in said("vastmanland")


def test_it_tells_of_the_latest_check_beside_the_finding_that_stands() -> None:
    text = said("skane")
    assert text.index("Underlag\n") < text.index("Den senaste kontrollen\n") < text.index("Godkänd version\n")
    assert "De flesta webbplatser var tysta samtidigt" in text.split("Den senaste kontrollen\n")[1]


def test_it_names_the_links_of_the_same_incident() -> None:
    text = said("kalmar-1", snapshot=shared(State.BROKEN, State.BROKEN))
    assert (
        "Händelse\n   Så har det varit sedan 18 november 2026 med 2 länkar. De andra är:\n   - Kalmar 2 (kalmar-2)"
        in text
    )
    alone = said("kalmar-1", snapshot=shared(State.BROKEN))
    assert "och det gäller bara den här länken." in " ".join(alone.split())


def test_it_tells_of_no_incident_where_the_address_was_taken_away() -> None:
    assert "Händelse" not in said("kalmar-1", snapshot=shared(State.NO_LINK, State.BROKEN))


def test_it_names_by_id_what_has_left_the_configuration() -> None:
    whole = shared(State.BROKEN, State.BROKEN)
    text = said("kalmar-1", snapshot=replace(whole, links=whole.links[:1]))
    assert "- kalmar-2 (kalmar-2)" in text


def test_it_tells_of_several_in_the_order_asked_for() -> None:
    text = said("skane", "blekinge", "gotland")
    assert text.index("Skåne (skane)") < text.index("Blekinge (blekinge)") < text.index("Gotland (gotland)")
    assert text.count("===\n") == 3


def test_it_speaks_english() -> None:
    text = " ".join(said("blekinge", language="en", blekinge=COPY).split())
    assert "How it was decided: The website’s status code decided." in text
    assert "Read on 19 October 2025, 3 words." in text


def test_it_keeps_no_control_and_no_reading_direction_from_elsewhere() -> None:
    view = hostile.snapshot()
    text = render(view, [link.source.id for link in view.links], {}, words=Words("sv"), timezone="UTC")
    assert not set(text) & {chr(n) for n in (*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066, 0x200F)} - {"\n"}


def test_it_has_something_to_say_of_every_link() -> None:
    for language in ("sv", "en"):
        for link in sample().links:
            assert len(said(link.source.id, language=language).splitlines()) >= 4
    assert said("ostergotland", snapshot=Snapshot(generated_at=NOW, run=None, links=sample().links[-1:]))
