import re
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkwatch.core.outbox import Content, Kind, Waiting, mark
from linkwatch.core.safe import plain
from linkwatch.notify.message import Sender, message
from tests.notify.sample import CONTENT, NOW, SENDER, waiting

SETTINGS = "https://desk.example.se/mail/settings?t=" + "a" * 300 + "&x=1"
STOP = "https://desk.example.se/mail/stop?t=" + "b" * 300

SUBJECTS = [
    "1 ny trasig länk, 2 åtgärdade – 21 av 21 kontrollerade",
    "plain ASCII",
    "åäö ÅÄÖ",
    "🔥 trasigt 👩‍👩‍👧 igen",
    "å" * 300,
    "a" * 300,
    "ord " * 75,
    "många långa ord " * 18,
    "日本語" * 100,
    "=?utf-8?q?inte_kodat?= på riktigt",
    "=?utf-8?q?not_encoded?=",
    "två  mellanslag",
    "a@b.se, c; <d> (e) \"f\" \\ 'g'",
    "A\r\nBcc: nobody@example.se",
    "A\nB",
    "\x1b[31mrött\x00",
    "vänd \u202egnal",
    "hard\u00a0space",
    "half \ud800 a pair",
    "",
    " ",
    "_underscored_ ? = frågor",
]
NAMES = [
    "linkwatch",
    "Länkbevakning, Region Västerbotten",
    'Anna "Ankan" Ånkström',
    'Anna "Ankan" \\ Back',
    "Web, Team; (office) <x@y.se>",
    "a@b.se",
    "Redaktionen för landsbygd och regional utveckling vid Tillväxtverket " * 2,
    "one.two",
    "x" * 190,
    "🔥 Brand",
    "=?utf-8?q?namn?=",
    "A\r\nBcc: nobody@example.se",
    "",
]


def made(
    one: Waiting | None = None,
    sender: Sender = SENDER,
    *,
    settings_url: str | None = SETTINGS,
    unsubscribe_url: str | None = STOP,
    answer_url: Callable[[int], str] | None = lambda n: f"https://desk.example.se/mail/{n}?t=c&d",
) -> EmailMessage:
    return message(
        one or waiting(),
        sender,
        now=NOW,
        settings_url=settings_url,
        unsubscribe_url=unsubscribe_url,
        answer_url=answer_url,
    )


def read(mail: EmailMessage) -> EmailMessage:
    """As the other side sees it, after every line was found to be one that may be sent."""
    raw = mail.as_bytes()
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    head, body = raw.split(b"\r\n\r\n", 1)
    for line in head.split(b"\r\n"):
        assert len(line) <= 998
        assert len(line) <= 78 or b" " not in line.strip().partition(b": ")[2], line
    for word in re.findall(rb"=\?[^ ]*\?=", head):
        assert len(word) <= 75
    assert all(len(line) <= 76 for line in body.split(b"\r\n"))
    parsed = message_from_bytes(raw, policy=default)
    assert isinstance(parsed, EmailMessage)
    assert all(not part.defects for part in parsed.walk())
    return parsed


def texts(mail: EmailMessage) -> list[str]:
    return [part.get_content().replace("\r\n", "\n") for part in mail.walk() if not part.is_multipart()]


# ---------------------------------------------------------------- headers


def test_it_names_everything_that_a_digest_has_to_say_of_itself() -> None:
    mail = read(made())
    assert {name: str(value) for name, value in mail.items() if not name.startswith("Content-T")} == {
        "From": "linkwatch <linkwatch@example.se>",
        "Reply-To": "webb@example.se",
        "To": "anna@example.se",
        "Subject": "1 ny trasig länk, 2 åtgärdade – 21 av 21 kontrollerade",
        "Date": "Mon, 23 Nov 2026 06:00:00 +0000",
        "Message-ID": "<20261123.1@example.se>",
        "Content-Language": "sv",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "List-Id": "Regionala serviceprogram <linkwatch.example.se>",
        "List-Unsubscribe": f"<{STOP}>, <mailto:webb@example.se?subject=unsubscribe>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "MIME-Version": "1.0",
    }


def test_the_same_is_the_same_to_the_last_byte() -> None:
    assert made().as_bytes() == made().as_bytes()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    mail = read(made(waiting(content=replace(CONTENT, subject=subject))))
    assert mail["Subject"] == plain(subject)
    assert mail["Bcc"] is None


@pytest.mark.parametrize("name", [*NAMES, "Ö" * 20])
def test_a_name_is_read_as_it_was_written(name: str) -> None:
    mail = read(made(sender=replace(SENDER, name=name, site=name)))
    (address,) = mail["From"].addresses
    assert (address.display_name, address.addr_spec) == (plain(name), "linkwatch@example.se")
    assert mail["Bcc"] is None
    assert mail["List-Id"].endswith("<linkwatch.example.se>")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.text(max_size=8))
def test_whatever_stands_in_a_header_is_read_as_it_was_written(subject: str, name: str) -> None:
    mail = read(made(waiting(content=replace(CONTENT, subject=subject)), replace(SENDER, name=name)))
    assert mail["Subject"] == plain(subject)
    assert mail["From"].addresses[0].display_name == plain(name)
    assert mail["From"].addresses[0].addr_spec == "linkwatch@example.se"


@pytest.mark.parametrize("name", ["Ö" * 200, "Ö" * 30 + " " + "Å" * 30, "日本語 " * 40])
def test_a_long_name_is_read_by_those_who_know_that_space_between_encoded_words_is_none(name: str) -> None:
    """RFC 2047 §6.2. The parser of `email.policy.default` does not, in a name, before Python 3.13."""
    raw = made(sender=replace(SENDER, name=name)).as_bytes()
    field = re.search(rb"\r\nFrom: (.*?)\r\n(?! )", b"\r\n" + raw, re.DOTALL)
    assert field is not None
    read_back = str(make_header(decode_header(field[1].decode().replace("\r\n", ""))))
    assert read_back == f"{plain(name)} <linkwatch@example.se>"


def test_what_is_long_and_has_no_spaces_stays_whole() -> None:
    address = "a" * 64 + "@" + "b" * 60 + "." + "c" * 60 + ".example.se"
    message_id = f"<{'1' * 200}@example.se>"
    sender = replace(SENDER, address=address, reply_to=address, list_id="l" * 200 + ".example.se")
    mail = made(waiting(recipient=address, message_id=message_id), sender)
    raw = mail.as_bytes()
    for whole in (address, message_id, sender.list_id, STOP):
        assert whole.encode() in raw
    seen = read(mail)
    assert seen["To"].addresses[0].addr_spec == address
    assert seen["Message-ID"] == message_id


@pytest.mark.parametrize(
    ("url", "value"),
    [
        (None, "<mailto:webb@example.se?subject=unsubscribe>"),
        ("http://desk.example.se/stop", "<mailto:webb@example.se?subject=unsubscribe>"),
        ("https://desk.example.se/" + "x" * 1_000, "<mailto:webb@example.se?subject=unsubscribe>"),
    ],
)
def test_one_click_needs_an_address_that_is_fit_for_it(url: str | None, value: str) -> None:
    mail = read(made(unsubscribe_url=url))
    assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) == (value, None)


def test_only_a_digest_can_be_left() -> None:
    mail = read(made(waiting(kind=Kind.NOTICE)))
    assert (mail["List-Unsubscribe"], mail["Auto-Submitted"]) == (None, "auto-generated")


def test_a_letter_is_from_people_to_all_whom_it_names() -> None:
    to = ("registrator@example.se", "webb@länet.example", "åsa@example.se")
    one = waiting(kind=Kind.LETTER, recipient=to[0], to=to, reply_to="team@example.se")
    mail = read(made(one))
    assert [each.addr_spec for each in mail["To"].addresses] == [to[0], "webb@xn--lnet-loa.example"]
    assert mail["Reply-To"] == "team@example.se"
    for name in ("Auto-Submitted", "X-Auto-Response-Suppress", "List-Id", "List-Unsubscribe"):
        assert mail[name] is None


def test_a_recipient_beyond_ascii_is_named_to_itself() -> None:
    mail = made(waiting(recipient="åsa@länet.example"))
    raw = mail.as_bytes(policy=mail.policy.clone(utf8=True))
    assert "\r\nTo: åsa@xn--lnet-loa.example\r\n".encode() in raw


def test_a_recipient_that_is_no_address_does_not_keep_the_mail_from_being_made() -> None:
    assert read(made(waiting(recipient="a\r\nBcc: b@c.se")))["To"] == "undisclosed-recipients:;"


@pytest.mark.parametrize("many", [1, 40])
def test_many_recipients_fold_between_them(many: int) -> None:
    to = tuple(f"mottagare-{n}@example.se" for n in range(many))
    mail = read(made(waiting(kind=Kind.LETTER, recipient=to[0], to=to)))
    assert tuple(each.addr_spec for each in mail["To"].addresses) == to


# ---------------------------------------------------------------- content


def test_each_reader_gets_addresses_of_their_own() -> None:
    text, page = texts(read(made()))
    assert text == (
        f"Blekinge: sidan finns inte.\nDet här är rätt: https://desk.example.se/mail/1?t=c&d\nÄndra: {SETTINGS}\n"
    )
    escaped = SETTINGS.replace("&", "&amp;")
    assert page.strip() == (
        f'<p>Blekinge</p><a href="https://desk.example.se/mail/1?t=c&amp;d">Rätt</a> <a href="{escaped}">Ändra</a>'
    )


def test_text_comes_before_html() -> None:
    mail = read(made())
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert all(part.get_content_charset() == "utf-8" for part in mail.iter_parts())


def test_a_mark_without_an_address_leaves_nothing() -> None:
    mail = read(made(settings_url=None, answer_url=None))
    assert texts(mail)[0] == "Blekinge: sidan finns inte.\nDet här är rätt: \nÄndra: \n"
    assert not set("\x02\x03") & set("".join(texts(mail)))


def test_after_a_refusal_only_what_is_bare_goes_out() -> None:
    mail = read(made(waiting(is_bare=True)))
    assert mail.get_content_type() == "text/plain"
    assert texts(mail) == ["Se granskningen.\n"]


def test_what_has_no_html_is_plain_text() -> None:
    mail = read(made(waiting(content=replace(CONTENT, html=""))))
    assert mail.get_content_type() == "text/plain"


BODIES: list[Any] = [
    "x" * 5_000,
    "å" * 5_000,
    ".\n..\n.x\n",
    "From här\n>From\n",
    "a\rb\nc\r\nd",
    "slut utan rad",
    "mellanslag på slutet   \n\t\n",
    "\x00\x07\x1b[31m\x7f" + "\ud800",
    "--=_x\n--\n-- \n",
    "👩‍👩‍👧" * 400,
    "",
]


@pytest.mark.parametrize("body", BODIES)
def test_whatever_is_said_has_lines_that_can_be_sent(body: str) -> None:
    mail = read(made(waiting(content=Content(subject="x", text=body, html=f"<p>{body}"))))
    sound = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", "", body)
    wanted = re.sub("\r\n|\r", "\n", sound).rstrip("\n")
    assert [text.rstrip("\n") for text in texts(mail)] == [wanted, f"<p>{wanted}"]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(blacklist_categories=["Cc", "Cs"]), max_size=2_000))
def test_whatever_is_said_is_read_as_it_was_written(body: str) -> None:
    mail = read(made(waiting(content=Content(subject="x", text=body, html=f"<p>{body}"))))
    assert [text.rstrip("\n") for text in texts(mail)] == [body, f"<p>{body}"]


def test_a_mark_is_never_made_by_others() -> None:
    """`core.safe.plain` takes them out of all text from elsewhere."""
    assert plain(mark(1)) != mark(1)
