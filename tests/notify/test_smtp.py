import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import trustme

from linkwatch.core.outbox import LEASE, Content, Outcome, Result
from linkwatch.notify.message import message
from linkwatch.notify.smtp import Smtp, check
from linkwatch.notify.smtp_line import TOTAL_S, Server
from tests.notify.sample import NOW, SENDER, waiting
from tests.notify.servers import (
    DIE,
    DRIP,
    HANG,
    KEEP_AND_CLOSE,
    KEEP_AND_DIE,
    KEEP_AND_HANG,
    SHUT_DOWN,
    Act,
    Mailbox,
)

US, ANNA, BO = "linkwatch@example.se", "anna@example.se", "bo@example.se"
LOGIN = ("linkwatch@example.se", "lösen ord")
CA = trustme.CA()
SHORT = 0.4


@pytest.fixture(scope="module")
def ca_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    CA.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture(scope="module")
def tls() -> ssl.SSLContext:
    return context(CA)


def context(ca: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(made)
    return made


def at(mailbox: Mailbox, **more: Any) -> Server:
    """The server as it is to be used, in clear where nothing else is said."""
    return Server(**{"host": "127.0.0.1", "port": mailbox.port, "security": mailbox.security, "timeout_s": 2.0, **more})


def letter(body: str = "Hej å!\n.En punkt först\n", subject: str = "Ärende") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"], message["Message-ID"] = US, ANNA, subject, "<1@example.se>"
    message.set_content(body, charset="utf-8", cte="quoted-printable")
    return message


def send(mailbox: Mailbox, recipient: str = ANNA, **more: Any) -> Outcome:
    with Smtp(at(mailbox, **more)) as smtp:
        return smtp.send(US, recipient, letter())


# ---------------------------------------------------------------- when all is well


def test_it_hands_over_a_mail_as_it_is() -> None:
    with Mailbox() as server:
        outcome = send(server)
    assert outcome == Outcome(result=Result.SENT, detail="250 2.0.0 accepted")
    (kept,) = server.kept
    assert (kept.envelope_from, kept.recipients) == (US, (ANNA,))
    assert kept.message.get_content().splitlines() == ["Hej å!", ".En punkt först"]
    assert b"\n" not in kept.content.replace(b"\r\n", b"")
    assert server.verbs() == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]


def test_not_a_byte_is_changed_on_the_way() -> None:
    """Dots, long lines, headers that fold: what comes in is what `message` made."""
    text = ".\n..\n. En punkt\n" + "å" * 3_000 + "\nFrom här\n"
    one = waiting(content=Content(subject="Ä" * 200, text=text, html=f"<p>{text}", bare="."))
    mail = message(one, SENDER, now=NOW, settings_url=None, unsubscribe_url=None, answer_url=None)
    with Mailbox() as server, Smtp(at(server)) as smtp:
        assert smtp.send(US, ANNA, mail).result is Result.SENT
    assert server.kept[0].content == mail.as_bytes()


def test_it_connects_when_needed_and_uses_the_connection_again() -> None:
    with Mailbox() as server, Smtp(at(server)) as smtp:
        assert server.connections == 0
        results = [smtp.send(US, one, letter()).result for one in (ANNA, BO)]
        assert results == [Result.SENT, Result.SENT]
        assert server.connections == 1
    assert [kept.recipients for kept in server.kept] == [(ANNA,), (BO,)]


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("way", ["PLAIN", "LOGIN"])
def test_it_encrypts_and_logs_in(security: Any, way: str, tls: ssl.SSLContext, ca_file: str) -> None:
    with Mailbox(security=security, tls=tls, login=LOGIN, auth_ways=(way,)) as server:
        outcome = send(server, user=LOGIN[0], password=LOGIN[1], ca_file=ca_file)
    assert outcome.result is Result.SENT, outcome.detail
    assert (server.kept[0].is_encrypted, server.kept[0].user) == (True, LOGIN[0])


@pytest.mark.parametrize(("machine", "said"), [("mx.example.se", "mx.example.se"), ("lokal", "[127.0.0.1]"),
                                               ("å.se", "[127.0.0.1]"), ("a b.se", "[127.0.0.1]")])  # fmt: skip
def test_it_says_who_it_is_in_a_way_that_servers_take(machine: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: machine)
    with Mailbox() as server:
        send(server)
    assert server.heard[0] == f"EHLO {said}"


# ---------------------------------------------------------------- what servers say


@pytest.mark.parametrize(
    ("step", "reply", "result", "is_down"),
    [
        ("MAIL", "451 4.3.0 try later", Result.LATER, False),
        ("MAIL", "550 5.7.1 sender rejected", Result.LATER, True),
        ("MAIL", "530 5.7.0 authentication required", Result.LATER, True),
        ("MAIL", "552 5.3.4 too big", Result.REFUSED, False),
        ("MAIL", "354 what", Result.LATER, True),
        ("MAIL", "421 4.3.2 closing", Result.LATER, True),
        ("RCPT", "450 4.2.1 greylisted", Result.LATER, False),
        ("RCPT", "452 4.2.2 mailbox full", Result.LATER, False),
        ("RCPT", "552 5.2.2 mailbox full", Result.LATER, False),
        ("RCPT", "550 5.1.1 no such mailbox", Result.NEVER, False),
        ("RCPT", "553 5.1.3 bad address", Result.NEVER, False),
        ("RCPT", "530 5.7.0 authentication required", Result.LATER, True),
        ("RCPT", "554 5.7.1 <anna@example.se>: Relay access denied", Result.LATER, True),
        ("RCPT", "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", Result.LATER, True),
        ("RCPT", "421 4.7.0 too many errors", Result.LATER, True),
        ("DATA", "451 4.3.0 try later", Result.LATER, False),
        ("DATA", "554 5.5.1 no valid recipients", Result.REFUSED, False),
        ("DATA", "250 what", Result.LATER, True),
        ("DATA", "421 4.3.2 closing", Result.LATER, True),
        ("CONTENT", "451 4.3.0 try later", Result.LATER, False),
        ("CONTENT", "550 5.7.1 spam", Result.REFUSED, False),
        ("CONTENT", "552 5.3.4 too big", Result.REFUSED, False),
        ("CONTENT", "421 4.3.2 closing", Result.LATER, True),
    ],
)
def test_it_believes_an_answer(step: str, reply: str, result: Result, is_down: bool) -> None:
    with Mailbox() as server:
        outcome = send(server.on(step, reply))
    assert (outcome.result, outcome.is_down, outcome.is_doubtful) == (result, is_down, False)
    assert reply in outcome.detail
    assert server.kept == []


def test_a_refusal_of_one_is_no_refusal_of_the_others() -> None:
    with Mailbox() as server, Smtp(at(server)) as smtp:
        server.on("RCPT", "550 5.1.1 no such mailbox", to=BO)
        results = [smtp.send(US, one, letter()).result for one in (ANNA, BO, "cai@example.se")]
    assert results == [Result.SENT, Result.NEVER, Result.SENT]
    assert [kept.recipients for kept in server.kept] == [(ANNA,), ("cai@example.se",)]
    assert server.connections == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "CONTENT"])
@pytest.mark.parametrize("reset", [None, "500 what", DIE])
def test_nothing_of_a_failed_mail_stays_behind(step: str, reset: str | Act | None) -> None:
    with Mailbox() as server, Smtp(at(server)) as smtp:
        server.on(step, "451 later", times=1)
        if reset:
            server.on("RSET", reset)
        assert smtp.send(US, ANNA, letter()).result is Result.LATER
        assert smtp.send(US, BO, letter()).result is Result.SENT
    assert [kept.recipients for kept in server.kept] == [(BO,)]
    assert server.connections == (2 if reset else 1)


# ---------------------------------------------------------------- what servers do not say


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("act", [HANG, DIE, SHUT_DOWN], ids=["hangs", "dies", "shuts down"])
def test_what_ends_before_the_content_has_certainly_not_arrived(step: str, act: Act) -> None:
    with Mailbox() as server:
        outcome = send(server.on(step, act), timeout_s=SHORT)
    assert (outcome.result, outcome.is_down, outcome.is_doubtful) == (Result.LATER, True, False)
    assert outcome.detail.startswith(f"127.0.0.1:{server.port} ")
    assert server.kept == []


@pytest.mark.parametrize("act", [DIE, HANG, KEEP_AND_DIE, KEEP_AND_HANG])
def test_what_ends_after_the_content_may_have_arrived(act: Act) -> None:
    with Mailbox() as server:
        outcome = send(server.on("CONTENT", act), timeout_s=SHORT)
    assert (outcome.result, outcome.is_down, outcome.is_doubtful) == (Result.LATER, True, True)
    assert len(server.kept) == act.is_kept


def test_an_endless_line_is_no_answer() -> None:
    with Mailbox() as server:
        outcome = send(server.on("CONTENT", Act(reply="250 " + "x" * 9_000)), timeout_s=SHORT)
    assert (outcome.result, outcome.is_doubtful) == (Result.LATER, True)


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "CONTENT"])
def test_no_attempt_lasts_longer_than_its_time(step: str) -> None:
    """However long the server goes on without ever letting a single wait run out."""
    with Mailbox() as server:
        began = time.monotonic()
        outcome = send(server.on(step, DRIP), timeout_s=2.0, total_s=SHORT)
        assert time.monotonic() - began < 10
    assert (outcome.result, outcome.is_down, outcome.is_doubtful) == (Result.LATER, True, step == "CONTENT")
    assert "stopped after 0.4 seconds in all" in outcome.detail


def test_an_attempt_ends_well_before_its_lease() -> None:
    assert LEASE.total_seconds() > TOTAL_S * 2


@pytest.mark.parametrize("act", [KEEP_AND_CLOSE, None])
def test_what_was_taken_is_sent_whatever_comes_then(act: Act | None) -> None:
    with Mailbox() as server, Smtp(at(server, timeout_s=SHORT)) as smtp:
        if act:
            server.on("CONTENT", act, times=1)
        server.on("QUIT", DIE)
        assert smtp.send(US, ANNA, letter()) == Outcome(result=Result.SENT, detail="250 2.0.0 accepted")
        assert smtp.send(US, BO, letter()).result is Result.SENT
    assert [kept.recipients for kept in server.kept] == [(ANNA,), (BO,)]


@pytest.mark.parametrize("act", [None, DIE, HANG, SHUT_DOWN])
def test_it_connects_anew_where_the_server_let_go_of_an_idle_connection(act: Act | None) -> None:
    with Mailbox() as server, Smtp(at(server, timeout_s=SHORT)) as smtp:
        assert smtp.send(US, ANNA, letter()).result is Result.SENT
        if act:
            server.on("MAIL", act, times=1)
        else:
            server.hang_up()
        assert smtp.send(US, BO, letter()).result is Result.SENT
    assert server.connections == 2
    assert [kept.recipients for kept in server.kept] == [(ANNA,), (BO,)]


def test_it_connects_anew_after_a_loss() -> None:
    with Mailbox() as server, Smtp(at(server)) as smtp:
        server.on("CONTENT", DIE, times=1)
        assert smtp.send(US, ANNA, letter()).is_doubtful
        assert smtp.send(US, ANNA, letter()).result is Result.SENT


def test_a_server_that_is_gone_is_down_until_it_is_back() -> None:
    with Mailbox() as server:
        pass
    with Smtp(at(server)) as smtp:
        outcome = smtp.send(US, ANNA, letter())
        assert (outcome.result, outcome.is_down, outcome.is_doubtful) == (Result.LATER, True, False)
        assert "could not be reached" in outcome.detail
        with server:
            assert smtp.send(US, ANNA, letter()).result is Result.SENT


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".invalid", "a..b"])
def test_a_host_that_does_not_exist_is_down(host: str) -> None:
    outcome = send(Mailbox(port=25), host=host)
    assert (outcome.result, outcome.is_down) == (Result.LATER, True)
    assert f"{host}:25 could not be reached" in outcome.detail


# ---------------------------------------------------------------- TLS and login


def test_it_sends_nothing_in_clear_where_starttls_is_not_offered(tls: ssl.SSLContext, ca_file: str) -> None:
    with Mailbox(login=LOGIN, auth_without_tls=True) as server:
        outcome = send(server, security="starttls", user=LOGIN[0], password=LOGIN[1], ca_file=ca_file)
    assert (outcome.result, outcome.is_down) == (Result.LATER, True)
    assert "does not offer STARTTLS" in outcome.detail
    assert server.verbs() == ["EHLO"]


@pytest.mark.parametrize("act", ["454 4.7.0 TLS not available", "220 go ahead, in clear", HANG, DIE])
def test_it_sends_nothing_in_clear_where_tls_does_not_begin(act: str | Act, tls: ssl.SSLContext, ca_file: str) -> None:
    with Mailbox(security="starttls", tls=tls, login=LOGIN) as server:
        server.on("STARTTLS", act)
        outcome = send(server, user=LOGIN[0], password=LOGIN[1], ca_file=ca_file, timeout_s=SHORT)
    assert (outcome.result, outcome.is_down, outcome.is_doubtful) == (Result.LATER, True, False)
    assert not {"AUTH", "MAIL"} & set(server.verbs())


def test_what_came_before_the_handshake_counts_for_nothing(tls: ssl.SSLContext, ca_file: str) -> None:
    """What somebody between puts behind the 220, in clear, must not be taken for the server's word (RFC 3207 §4.2)."""
    hello = b"250-mail.example.se\r\n250 STARTTLS\r\n"
    with speaking(b"220 mail.example.se\r\n", hello, b"220 go\r\n250 X-INJECTED\r\n") as port:
        outcome = send(Mailbox(port=port), security="starttls", ca_file=ca_file, timeout_s=SHORT)
    assert (outcome.result, outcome.is_down) == (Result.LATER, True)
    assert "TLS" in outcome.detail


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(("ca", "name"), [(trustme.CA(), "127.0.0.1"), (CA, "other.example.se")])
def test_it_sends_nothing_to_a_server_that_it_cannot_trust(
    security: Any, ca: trustme.CA, name: str, ca_file: str
) -> None:
    with Mailbox(security=security, tls=context(ca, name)) as server:
        outcome = send(server, ca_file=ca_file)
    assert (outcome.result, outcome.is_down) == (Result.LATER, True)
    assert "certificate" in outcome.detail
    assert "MAIL" not in server.verbs()


def test_it_trusts_no_more_than_it_is_told_to(tls: ssl.SSLContext) -> None:
    with Mailbox(security="tls", tls=tls) as server:
        assert "cannot be trusted" in send(server).detail


def test_it_names_a_ca_file_that_cannot_be_read(tmp_path: Path) -> None:
    with Mailbox() as server:
        outcome = send(server, security="tls", ca_file=str(tmp_path / "none.pem"))
    assert (outcome.result, outcome.is_down) == (Result.LATER, True)
    assert "none.pem: no certificates could be read" in outcome.detail


def test_a_server_that_speaks_in_clear_is_no_tls_server(ca_file: str) -> None:
    with Mailbox() as server:
        outcome = send(server, security="tls", ca_file=ca_file)
    assert (outcome.result, outcome.is_down) == (Result.LATER, True)
    assert "did not shake hands for TLS" in outcome.detail


def test_a_wrong_password_is_the_operators_to_mend(tls: ssl.SSLContext, ca_file: str) -> None:
    with Mailbox(security="starttls", tls=tls, login=LOGIN) as server:
        outcome = send(server, user=LOGIN[0], password="fel", ca_file=ca_file)
    assert (outcome.result, outcome.is_down) == (Result.LATER, True)
    assert f"does not let {LOGIN[0]} log in: 535" in outcome.detail


@pytest.mark.parametrize("way", ["PLAIN", "LOGIN"])
def test_it_never_repeats_the_password(way: str, tls: ssl.SSLContext, ca_file: str) -> None:
    """Not even where the server repeats what it was sent."""
    said: list[str] = ["AGhlbWxpZ3QAaGVtbGlndA==", "aGVtbGlndA==", "hemligt"]
    with Mailbox(security="starttls", tls=tls, login=LOGIN, auth_ways=(way,)) as server:
        server.on("AUTH", f"502 what is {' '.join(said)}?")
        outcome = send(server, user="hemligt", password="hemligt", ca_file=ca_file)
    assert "log in: 502 what is … … …?" in outcome.detail
    assert "hemligt" not in repr(at(server, password="hemligt"))


def test_it_tells_of_a_server_that_knows_no_way_to_log_in() -> None:
    with Mailbox() as server:
        server.on("EHLO", "250-mail.example.se\r\n250 AUTH GSSAPI NTLM")
        outcome = send(server, user="a", password="b")
    assert outcome.is_down
    assert "offers no way to log in that linkwatch knows (PLAIN, LOGIN), but GSSAPI NTLM" in outcome.detail


# ---------------------------------------------------------------- addresses and sizes


def test_a_mail_that_is_too_big_is_refused_without_being_sent() -> None:
    with Mailbox(most_bytes=100) as server:
        outcome = send(server)
    assert outcome.result is Result.REFUSED
    assert "takes 100 bytes at most" in outcome.detail
    assert server.verbs() == ["EHLO", "RSET", "QUIT"]


def test_a_domain_goes_out_in_ascii() -> None:
    with Mailbox() as server:
        assert send(server, "anna@länsstyrelsen.example").result is Result.SENT
        assert send(server, "anna@faß.example").result is Result.SENT
    assert [kept.recipients for kept in server.kept] == [
        ("anna@xn--lnsstyrelsen-gcb.example",),
        ("anna@xn--fa-hia.example",),
    ]


def test_a_name_beyond_ascii_goes_to_servers_that_take_it() -> None:
    with Mailbox(smtputf8=True) as server, Smtp(at(server)) as smtp:
        message = letter()
        del message["To"]
        message["To"] = "åsa@example.se"
        assert smtp.send(US, "åsa@example.se", message).result is Result.SENT
        assert smtp.send(US, ANNA, letter()).result is Result.SENT
    assert server.kept[0].recipients == ("åsa@example.se",)
    assert "SMTPUTF8" in server.kept[0].options
    assert "åsa@example.se".encode() in server.kept[0].content
    assert "SMTPUTF8" not in server.kept[1].options


def test_a_name_beyond_ascii_never_goes_to_others() -> None:
    with Mailbox() as server:
        outcome = send(server, "åsa@example.se")
    assert outcome.result is Result.NEVER
    assert "SMTPUTF8" in outcome.detail
    assert "MAIL" not in server.verbs()


@pytest.mark.parametrize(
    "address",
    ["", "anna", "anna@", "@example.se", "a b@example.se", "a>@example.se", "a@b\r\nRCPT TO:<c@d>", "a@[::1]"],
)
def test_what_is_no_address_is_never_said(address: str) -> None:
    with Mailbox() as server, Smtp(at(server)) as smtp:
        assert smtp.send(US, address, letter()).result is Result.NEVER
        outcome = smtp.send(address, ANNA, letter())
        assert (outcome.result, outcome.is_down) == (Result.LATER, True)
    assert server.heard == []


# ---------------------------------------------------------------- checking


def test_a_server_that_takes_mail_passes_the_check(tls: ssl.SSLContext, ca_file: str) -> None:
    with Mailbox(security="starttls", tls=tls, login=LOGIN) as server:
        assert check(at(server, user=LOGIN[0], password=LOGIN[1], ca_file=ca_file)) is None
    assert server.verbs() == ["EHLO", "STARTTLS", "EHLO", "AUTH", "NOOP", "QUIT"]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda server: server.on("CONNECT", "554 5.7.1 go away"), "does not take mail now: 554 5.7.1 go away"),
        (lambda server: server.on("NOOP", "500 what"), "answers 500 what"),
        (lambda server: server.on("NOOP", DIE), "did not answer to NOOP"),
        (lambda server: server.on("EHLO", "502 what"), "does not speak ESMTP: 502 what"),
    ],
)
def test_the_check_says_what_is_wrong(spoil: Callable[[Mailbox], Mailbox], told: str) -> None:
    with Mailbox() as server:
        found = check(at(spoil(server)))
    assert found is not None
    assert told in found


@contextmanager
def speaking(*lines: bytes) -> Iterator[int]:
    """A server that says these, one after each thing that it hears, and then is silent."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            for line in lines:
                connection.sendall(line)
                if not connection.recv(10_000):
                    return
            while connection.recv(10_000):
                pass

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(5)
