import email
import re
import time
from email.message import EmailMessage
from email.policy import default
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.models import Code, Facts, LinkView, State
from linkwatch.locale import LANGUAGES, Words
from linkwatch.report.letter import LONGEST_MAILTO, Letter, contact, in_trouble, letter
from linkwatch.report.reading import Reading
from tests.report import hostile
from tests.report.sample import NOW, ago, belief, sample, source, view

READING = Reading(words=Words("sv"), timezone="Europe/Stockholm", now=NOW)
LINKS = {link.source.id: link for link in sample().links}
MAILBOX = "webb@agency.example"


def about(*links: LinkView | str, **given: str) -> Letter:
    told = [LINKS[link] if isinstance(link, str) else link for link in links]
    return letter(told, owner="Region Blekinge", reading=READING, **given)


def broken(number: int, **changes: str) -> LinkView:
    given = {"id": f"l{number}", "name": f"Länk {number}", "url": f"https://www.region.example/service-{number}"}
    return view(
        source("K", **{"contact": "webb@region.example", **given, **changes}),
        belief(State.BROKEN, Code.NOT_FOUND, days=3),
        Facts(http_status=404),
    )


def opened(written: Letter) -> EmailMessage:
    message = email.message_from_bytes(written.eml, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def fields(mailto: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(mailto).query, strict_parsing=True, keep_blank_values=True)


# ---------------------------------------------------------------- what it says


def test_it_tells_of_one_link_all_that_its_owner_needs() -> None:
    written = about(
        "blekinge", sender=MAILBOX, site="Regionala serviceprogram", page="https://agency.example/lista.html"
    )
    assert (written.to, written.subject) == ("webb@region-blekinge.example", "Länken till Blekinge")
    assert (
        written.body
        == """Hej!

På vår sida https://agency.example/lista.html länkar vi till er. Den här länken behöver ses över:

Blekinge
   Adress: https://www.region-blekinge.example/utveckling/serviceprogram
   Vad som händer: Webbplatsen svarar, men har ingen sida på den här adressen.
   Sedan: 18 november 2026
   Senast kontrollerad: 23 november 2026 kl. 13:00
   Svar: HTTP 404, sidan hittades inte
   Föreslagen ny adress: https://www.region-blekinge.example/service-2023-2030
   Vår fråga: Är den föreslagna adressen rätt? Om inte, vilken gäller?

Ni får brevet för att Region Blekinge är angiven som ansvarig. \
Vi kontrollerar våra länkar automatiskt och tar gärna emot ett svar, också om vi har fel.

Vänliga hälsningar
Regionala serviceprogram
webb@agency.example
"""
    )


def test_it_writes_in_the_owners_language_whatever_the_readers_is() -> None:
    written = about("blekinge", "norrbotten", language="en")
    assert written.subject == "2 links to Region Blekinge"
    for line in (
        "Hello,",
        "1. Blekinge",
        "2. Norrbotten",
        "   Last checked: 23 November 2026 at 13:00",
        "Kind regards",
    ):
        assert line in written.body.split("\n")
    assert "Vänliga" not in written.body


@pytest.mark.parametrize(
    ("link", "line"),
    [
        ("jamtland", "Ny adress: https://www.region-jh.example/regionaltserviceprogram20232030"),
        ("jamtland", "Vår fråga: Vi byter till den nya adressen. Säg till om den inte är rätt."),
        ("norrbotten", "Vår fråga: Kan ni rätta certifikatet, eller be dem som sköter webbplatsen att göra det?"),
        ("jonkoping", "Vår fråga: Gäller sidan fortfarande, eller finns det en nyare som vi bör länka till?"),
        ("kalmar", "Vår fråga: Vilken adress gäller nu? Finns sidan inte längre tar vi bort länken."),
        ("skane", "Leder till: https://www.region-skane.example/"),
        ("dalarna", "Vår fråga: Kan ni se efter vad som är fel? Gäller en annan adress nu, säg till så byter vi."),
        ("vasternorrland", "Vad som händer: Webbplatsen svarar att något har gått fel hos den. "
                           "Vi har inte sett det så länge, så det kan vara tillfälligt."),
        ("vastra-gotaland", "Vår fråga: Är det fortfarande rätt sida att länka till?"),
    ],
)  # fmt: skip
def test_it_says_what_happens_and_what_is_asked(link: str, line: str) -> None:
    assert f"   {line}" in about(link).body.split("\n")


def test_it_does_not_speak_of_approved_copies() -> None:
    for code in (Code.REPLACED, Code.CHANGED):
        link = view(source("K"), belief(State.BROKEN, code, days=3, reason="content_gone"))
        assert "godkän" not in about(link).body


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_can_write_of_every_finding_in_every_state(language: str) -> None:
    for state in State:
        for code in (*Code, None):
            body = about(view(source("K"), belief(state, code, days=1)), language=language).body
            assert "https://www.region-blekinge.example/" in body


@pytest.mark.parametrize(
    ("state", "code", "is_told"),
    [
        (State.BROKEN, Code.NOT_FOUND, True),
        (State.MOVED, Code.MOVED, True),
        (State.ATTENTION, Code.OUTDATED, True),
        (State.ATTENTION, Code.TLS_ERROR, True),
        (State.ATTENTION, Code.REDIRECTED, False),
        (State.ATTENTION, Code.CHANGED, False),
        (State.FAILING, Code.NOT_FOUND, False),
        (State.UNVERIFIABLE, Code.BLOCKED, False),
        (State.OK, Code.OK, False),
    ],
)
def test_it_knows_what_an_owner_can_mend(state: State, code: Code, is_told: bool) -> None:
    link = view(source("K"), belief(state, code, days=1))
    assert (link in in_trouble([link])) is is_told
    assert (link in in_trouble([link], with_suspected=True)) is (is_told or state is State.FAILING)


def test_it_writes_to_each_contact_once_and_to_nobody_where_none_is_a_mailbox() -> None:
    links = [broken(1), broken(2, contact="annan@region.example"), broken(3), broken(4, contact="0455-12 34 56")]
    assert about(*links).to == "webb@region.example, annan@region.example"
    assert about(links[3]).to == ""
    assert about(links[3]).mailto.startswith("mailto:?subject=")


def test_it_says_how_many_it_left_out() -> None:
    body = about(*map(broken, range(130))).body
    assert body.count("   Adress: ") == 100
    assert "Dessutom gäller det 30 länkar till." in body


# ---------------------------------------------------------------- as a file


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_read_back_from_its_file_as_it_was(language: str) -> None:
    written = about(
        "blekinge", "kalmar", "skane", language=language, sender=MAILBOX, site="Länkar åt alla – ”självklart”"
    )
    message = opened(written)
    assert message["Subject"] == written.subject
    assert message["To"] == written.to
    assert message["From"].addresses[0].addr_spec == MAILBOX
    assert message["From"].addresses[0].display_name == "Länkar åt alla – ”självklart”"
    assert message["X-Unsent"] == "1"
    assert message.get_content().replace("\r\n", "\n") == written.body
    assert not message.defects


def test_it_has_no_headers_that_a_draft_should_not_have() -> None:
    names = {name.lower() for name in opened(about("blekinge")).keys()}  # noqa: SIM118  (not a mapping)
    assert names == {"to", "subject", "x-unsent", "mime-version", "content-type", "content-transfer-encoding"}


def test_it_keeps_lines_as_short_as_mail_demands_and_ends_them_right() -> None:
    raw = about(broken(1, name="å" * 200, url="https://www.region.example/" + "y" * 3_000)).eml
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert b"\n" not in raw.replace(b"\r\n", b"")
    raw.decode("ascii")


# ---------------------------------------------------------------- as an address


def test_it_fits_whole_into_an_address_where_there_is_room() -> None:
    written = about("blekinge")
    assert fields(written.mailto) == {"subject": [written.subject], "body": [written.body.replace("\n", "\r\n")]}


def test_it_is_shortened_and_says_so_where_there_is_not() -> None:
    written = about(*map(broken, range(30)), sender=MAILBOX)
    body = fields(written.mailto)["body"][0]
    assert "- Länk 0: sidan hittades inte\r\n  https://www.region.example/service-0\r\n" in body
    assert "Det här är förkortat. Resten står i det fullständiga brevet" in body
    assert re.search(r"Dessutom gäller det \d+ länkar till", body)
    assert body.endswith(f"{MAILBOX}\r\n")


@pytest.mark.parametrize("name", ["å" * 300, "😀" * 300, "&=?#%+ " * 50, "%0d%0aBcc: x@y.se", "\r\nBcc: x@y.se"])
def test_it_is_never_too_long_nor_cut_in_an_escape(name: str) -> None:
    links = [broken(number, name=name, url="https://räksmörgås.example/" + "ö" * 1_500) for number in range(20)]
    for written in (about(*links, site=name, page=name), about(links[0], site=name, page=name)):
        assert len(written.mailto) <= LONGEST_MAILTO
        assert re.fullmatch(
            r"mailto:[\w.@-]+\?subject=(?:[\w.~-]|%[0-9A-F]{2})*&body=(?:[\w.~-]|%[0-9A-F]{2})*",
            written.mailto,
            re.ASCII,
        )
        assert "\ufffd" not in unquote(written.mailto)
        assert set(fields(written.mailto)) == {"subject", "body"}


def test_it_encodes_what_a_mailbox_may_hold() -> None:
    assert about(broken(1, contact="a#b/c@region.example")).mailto.startswith(
        "mailto:a%23b%2Fc@region.example?subject="
    )


# ---------------------------------------------------------------- a contact


@pytest.mark.parametrize(
    ("text", "shown", "href"),
    [
        ("https://region.example/kontakt", "https://region.example/kontakt", "https://region.example/kontakt"),
        ("0480-000 00", "0480-000 00", None),
        ("a@b.se,x@y.se", "a@b.se,x@y.se", None),
        ("javascript:alert(1)//a@b.se", "javascript:alert(1)//a@b.se", None),
    ],
)
def test_it_links_other_contacts_only_where_that_is_safe(text: str, shown: str, href: str | None) -> None:
    address = contact([broken(1, contact=text)], "Region", READING)
    assert address is not None
    assert (address.text, address.href) == (shown, href)


def test_it_begins_a_letter_to_a_mailbox() -> None:
    address = contact([broken(1)], "Region Blekinge", READING)
    assert address is not None
    assert (address.text, address.href) == ("webb@region.example", about(broken(1)).mailto)
    assert contact([LINKS["gotland"]], "Region Gotland", READING) is None


# ---------------------------------------------------------------- anything


@pytest.mark.parametrize("text", hostile.TEXTS, ids=range(len(hostile.TEXTS)))
def test_it_keeps_hostile_text_on_one_line(text: str) -> None:
    link = hostile.link(1, text)
    written = letter([link, link], owner=text, reading=READING, sender=text, site=text, page=text)
    calm = letter([hostile.link(1, "calm")] * 2, owner="calm", reading=READING, sender="calm", site="calm", page="calm")
    assert abs(written.body.count("\n") - calm.body.count("\n")) <= 6  # what is empty has no line
    assert len(written.body) < 40_000
    for sign in ("\x00", "\x1b", "\r", "\u202e", "\u2066"):
        assert sign not in written.body + written.subject
    message = opened(written)
    assert message.get_content().replace("\r\n", "\n") == written.body
    assert set(message.keys()) <= {
        "From", "To", "Subject", "X-Unsent", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    }  # fmt: skip
    assert len(written.mailto) <= LONGEST_MAILTO


@given(
    st.text(max_size=60), st.text(max_size=60), st.from_regex(r"[a-z.+#]{1,9}@[a-z]{1,9}\.[a-z]{2,4}", fullmatch=True)
)
def test_it_is_read_back_whatever_the_names(name: str, site: str, mailbox: str) -> None:
    written = about(broken(1, name=name, contact=mailbox), sender=mailbox, site=site)
    message = opened(written)
    assert message.get_content().replace("\r\n", "\n") == written.body
    assert [one.addr_spec.replace('"', "") for one in message["To"].addresses] == [mailbox]
    assert len(message["From"].addresses) == 1
    assert len(message.get_all("Subject")) == 1
    assert "\n" not in written.subject


def test_it_takes_no_time_for_many_links() -> None:
    links = [broken(number) for number in range(10_000)]
    started = time.process_time()
    about(*links)
    assert time.process_time() - started < 0.5


def test_it_dates_a_failure_from_the_first_strike() -> None:
    link = view(source("K"), belief(State.BROKEN, Code.GONE, days=3, failing_since=ago(days=9)))
    assert "   Sedan: 14 november 2026\n" in about(link).body
