"""What is signed comes back whole; whatever else comes is none of ours."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from linkwatch.core.tickets import Purpose, Ticket, hash_of, read, sign

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
NOW = datetime(2026, 11, 23, 13, tzinfo=UTC)
ANSWER = Ticket(
    purpose=Purpose.ANSWER,
    subscriber="webb@myndigheten.example",
    address_hash="b2a5e1c0",
    link_id="blekinge",
    fingerprint="0123456789abcdef",
    ends=NOW,
)
SETTINGS = Ticket(purpose=Purpose.SETTINGS, subscriber="webb@myndigheten.example")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize(
    "ticket",
    [
        ANSWER,
        SETTINGS,
        replace(ANSWER, link_id="listing:regional-samordning", fingerprint=""),
        replace(ANSWER, subscriber="å.ä+ö@räksmörgås.example", link_id='"],\\\x00\u2028'),
        replace(SETTINGS, subscriber="x" * 1_000),
    ],
)
def test_what_was_signed_is_read(ticket: Ticket) -> None:
    assert read(sign(ticket, KEY), KEY) == ticket


def test_it_stands_in_an_address_as_it_is() -> None:
    for number in range(200):
        text = sign(replace(ANSWER, link_id=f"länk-{number}"), KEY)
        assert set(text.replace(".", "", 1)) <= set(LETTERS)


def test_the_same_is_signed_the_same() -> None:
    assert sign(ANSWER, KEY) == sign(ANSWER, KEY)


@pytest.mark.parametrize(
    "other",
    [
        replace(ANSWER, purpose=Purpose.SETTINGS),
        replace(ANSWER, subscriber="annan@myndigheten.example"),
        replace(ANSWER, address_hash="b2a5e1c1"),
        replace(ANSWER, address_hash="b2a5e1c0blek", link_id="inge"),
        replace(ANSWER, link_id="dalarna"),
        replace(ANSWER, fingerprint="fedcba9876543210"),
        replace(ANSWER, ends=NOW + timedelta(seconds=1)),
        replace(ANSWER, ends=None),
        replace(ANSWER, link_id="blekinge0123", fingerprint="456789abcdef"),  # the same letters, cut elsewhere
    ],
)
def test_a_mac_goes_with_its_own_words_only(other: Ticket) -> None:
    said, mac = sign(other, KEY).partition(".")[0], sign(ANSWER, KEY).partition(".")[2]
    assert read(f"{said}.{mac}", KEY) is None


def test_another_key_signs_something_else() -> None:
    assert read(sign(ANSWER, OTHER_KEY), KEY) is None
    assert sign(ANSWER, OTHER_KEY) != sign(ANSWER, KEY)


def test_no_letter_can_be_another() -> None:
    text = sign(ANSWER, KEY)
    for place, letter in enumerate(text):
        for other in {LETTERS[(LETTERS.find(letter) + 1) % 64], LETTERS[(LETTERS.find(letter) + 33) % 64], "=", "."}:
            if other != letter:
                assert read(text[:place] + other + text[place + 1 :], KEY) is None, (place, other)


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a", "a.b", "å.ä", "\x00.\x00", "A" * 100_000, "A" * 1_000 + "." + "A" * 1_000, "%2e", " "],
)
def test_what_is_nothing_is_nothing(text: str) -> None:
    assert read(text, KEY) is None


def test_it_has_one_spelling() -> None:
    text = sign(ANSWER, KEY)
    for other in (f"{text}=", f" {text}", f"{text}\n", text.replace(".", "=."), f"{text}."):
        assert read(other, KEY) is None


def test_a_mac_that_is_cut_is_none() -> None:
    said, _, mac = sign(ANSWER, KEY).partition(".")
    for length in range(len(mac)):
        assert read(f"{said}.{mac[:length]}", KEY) is None


def test_it_says_nothing_but_what_it_must() -> None:
    said = sign(ANSWER, KEY).partition(".")[0]
    assert json.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4))) == [
        "answer", "webb@myndigheten.example", "b2a5e1c0", "blekinge", "0123456789abcdef", int(NOW.timestamp()),
    ]  # fmt: skip


def test_one_that_was_signed_before_it_named_a_mailbox_is_none() -> None:
    said = b'["settings","webb@myndigheten.example","","",0]'
    mac = hmac.digest(KEY, b"linkwatch mail link\0" + said, hashlib.sha256)[:16]
    body, signed = (base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (said, mac))
    assert read(f"{body}.{signed}", KEY) is None


def test_a_mailbox_is_the_same_however_it_is_capitalised_and_no_other() -> None:
    assert hash_of("webb@myndigheten.example") == hash_of("Webb@Myndigheten.EXAMPLE")
    assert hash_of("webb@myndigheten.example") != hash_of("webb@myndigheten.example.se")
    assert len(hash_of("räksmörgås\udc80@x")) == 8
    assert hash_of("a@b") == hashlib.sha256(b"a@b").hexdigest()[:8]


def test_it_ends_at_its_time_and_without_one_never() -> None:
    assert not ANSWER.is_over(NOW - timedelta(seconds=1))
    assert ANSWER.is_over(NOW)
    assert not SETTINGS.is_over(datetime.max.replace(tzinfo=UTC))
