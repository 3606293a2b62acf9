"""From what a run finds to what lies in the mailbox: nothing lost, nothing doubled, whatever the server does."""

import threading
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from linkwatch import answers
from linkwatch.answers import Wish
from linkwatch.core.models import Code, State
from linkwatch.core.reviews import Action
from linkwatch.mailing.digests import compose
from linkwatch.mailing.telling import tell
from linkwatch.store import Ledger
from tests.mailing.world import ANNA, BERTIL, CECILIA, World, at, ids, mails, well
from tests.notify.servers import DIE, HANG, KEEP_AND_CLOSE, KEEP_AND_DIE, KEEP_AND_HANG, SHUT_DOWN, Mailbox

THREE = (ANNA, BERTIL, CECILIA)
QUICK = "timeout_s = 0.3"
OPERATORS = 'operators = ["drift@example.se"]\n'


def recipients(server: Mailbox) -> list[str]:
    return sorted(recipient for recipient, _ in mails(server))


def first_told(tmp_path: Path, server: Mailbox, *subscribers: str, mail: str = QUICK, **more: str) -> World:
    """A world in which everybody has had their first mail, and one link has broken since."""
    world = World.made(tmp_path, server, *(subscribers or THREE), mail=mail, links=well(), language="sv", **more)
    world.go_to(at(2026, 11, 24))
    world.tell()
    assert len(server.kept) == len(subscribers or THREE)
    server.kept.clear()
    world.go_to(at(2026, 11, 24, 20))
    world.break_("blekinge")
    world.go_to(at(2026, 11, 25))
    return world


def test_it_tells_each_recipient_once_of_what_is_new(tmp_path: Path) -> None:
    with Mailbox() as server:
        world = first_told(tmp_path, server)
        assert world.tell().sent == 3
        assert recipients(server) == ["anna@example.se", "bertil@example.se", "cecilia@example.se"]
        assert all(subject.startswith("1 ny trasig länk") for _, subject in mails(server))
        for hours in (0, 1, 24, 48):
            world.clock.go(hours=hours)
            world.check_all()
            assert world.tell().sent == 0
        assert len(server.kept) == len(set(ids(server))) == 3


def test_it_loses_nothing_while_the_server_is_down(tmp_path: Path) -> None:
    server = Mailbox()
    with server:
        world = first_told(tmp_path, server)
    delivered = world.tell()
    assert (delivered.sent, delivered.later) == (0, 2)  # two were tried; the third was spared the wait
    assert all("127.0.0.1" in complaint for complaint in delivered.complaints)
    with server:
        world.clock.go(minutes=2)
        assert world.tell().sent == 3
    assert recipients(server) == ["anna@example.se", "bertil@example.se", "cecilia@example.se"]


def test_one_refused_recipient_keeps_none_of_the_others(tmp_path: Path) -> None:
    with Mailbox() as server:
        world = first_told(tmp_path, server, mail=QUICK + "\n" + OPERATORS)
        server.on("RCPT", "550 5.1.1 no such mailbox", to="bertil@example.se")
        delivered = world.tell()
        assert (delivered.dead, delivered.sent) == (1, 3)  # two digests, and the operator's notice of the third
        assert recipients(server) == ["anna@example.se", "cecilia@example.se", "drift@example.se"]
        notice = next(kept.message for kept in server.kept if kept.recipients == ("drift@example.se",))
        assert "bertil@example.se" in notice.get_content()
        assert "550" in notice.get_content()
        world.clock.go(days=1)
        world.break_("dalarna")
        server.kept.clear()
        server.forget()
        world.tell()
        told = {kept.recipients[0]: str(kept.message["Subject"]) for kept in server.kept}
        assert told["bertil@example.se"].startswith("2 nya trasiga länkar")  # what was given up is told all the same
        assert told["anna@example.se"].startswith("1 ny trasig länk")


def test_what_is_refused_for_now_is_tried_again_with_the_same_id(tmp_path: Path) -> None:
    with Mailbox() as server:
        world = first_told(tmp_path, server, ANNA)
        server.on("RCPT", "450 4.2.1 greylisted", times=1).on("CONTENT", "451 4.3.0 later", times=1)
        waits = (0, 1, 3)
        for minutes in waits:
            world.clock.go(minutes=minutes)
            world.tell()
        assert mails(server) == [("anna@example.se", mails(server)[0][1])]
        assert world.tell().sent == 0


def test_a_mail_refused_for_what_it_says_comes_once_more_without_a_word_from_elsewhere(tmp_path: Path) -> None:
    with Mailbox() as server:
        world = first_told(tmp_path, server, ANNA, BERTIL)
        server.on("CONTENT", "552 5.7.0 looks like spam", to="anna@example.se", times=1)
        assert world.tell().sent == 2
        anna = next(kept.message for kept in server.kept if kept.recipients == ("anna@example.se",))
        assert anna.get_content_type() == "text/plain"
        assert "Blekinge" in anna.get_content()
        assert "region-blekinge.example" not in anna.get_content()


def test_a_mail_refused_whatever_it_says_is_given_up_and_blocks_nothing(tmp_path: Path) -> None:
    with Mailbox() as server:
        world = first_told(tmp_path, server, ANNA, BERTIL, mail=QUICK + "\n" + OPERATORS)
        server.on("CONTENT", "554 5.7.1 never", to="anna@example.se")
        delivered = world.tell()
        assert delivered.dead == 1
        assert recipients(server) == ["bertil@example.se", "drift@example.se"]


@pytest.mark.parametrize("does", [HANG, DIE, SHUT_DOWN, KEEP_AND_DIE, KEEP_AND_HANG], ids=str)
def test_a_lost_answer_to_the_content_is_asked_for_again_with_the_same_id(tmp_path: Path, does: object) -> None:
    with Mailbox() as server:
        world = first_told(tmp_path, server, ANNA)
        server.on("CONTENT", does, times=1)
        world.tell()
        world.clock.go(minutes=5)
        assert world.tell().sent == 1
        world.clock.go(hours=1)
        assert world.tell().sent == 0
        was_kept = does in (KEEP_AND_DIE, KEEP_AND_HANG)
        assert len(server.kept) == (2 if was_kept else 1)
        assert len(set(ids(server))) == 1


def test_a_server_that_closes_after_it_has_accepted_has_accepted(tmp_path: Path) -> None:
    with Mailbox() as server:
        world = first_told(tmp_path, server, ANNA, BERTIL)
        server.on("CONTENT", KEEP_AND_CLOSE)
        assert world.tell().sent == 2
        world.clock.go(hours=1)
        assert world.tell().sent == 0
        assert len(server.kept) == 2


def test_a_digest_that_could_not_be_sent_merges_into_the_next(tmp_path: Path) -> None:
    with Mailbox() as server:
        world = first_told(tmp_path, server, ANNA)
        server.on("RCPT", "451 4.3.0 not today")
        world.tell()
        world.go_to(at(2026, 11, 25, 21))
        world.break_("dalarna")
        server.forget()
        world.go_to(at(2026, 11, 26))
        assert world.tell().sent == 1
        assert mails(server)[0][1].startswith("2 nya trasiga länkar")
        world.clock.go(hours=12)
        assert world.tell().sent == 0


def test_what_may_have_arrived_does_not_merge(tmp_path: Path) -> None:
    """The next digest waits until it is known: else it would tell once more, under another id, what has arrived."""
    with Mailbox() as server:
        world = first_told(tmp_path, server, ANNA)
        server.on("CONTENT", KEEP_AND_DIE, times=1)
        world.tell()
        server.on("MAIL", "451 4.3.0 not today", times=2)
        world.break_("dalarna")
        world.go_to(at(2026, 11, 26))
        world.tell()
        world.clock.go(minutes=10)
        world.tell()
        world.clock.go(hours=5)
        world.tell()  # now it is known
        world.clock.go(minutes=1)
        world.tell()
        told = [subject.split(",")[0].split(" –")[0] for _, subject in mails(server)]
        assert told == ["1 ny trasig länk", "1 ny trasig länk", "1 ny trasig länk"]
        assert len(set(ids(server))) == 2
        assert ids(server)[0] == ids(server)[1]


def test_what_cannot_be_delivered_for_days_is_given_up_and_the_operators_hear_of_it(tmp_path: Path) -> None:
    with Mailbox() as server:
        world = first_told(tmp_path, server, ANNA, mail=f"{QUICK}\n{OPERATORS}give_up_after_days = 3")
        server.on("RCPT", "451 4.3.0 mailbox full", to="anna@example.se")
        while world.clock() < at(2026, 11, 30):
            world.tell()
            world.clock.go(hours=4)
        assert set(recipients(server)) == {"drift@example.se"}
        assert len(server.kept) == 1  # told once, though it goes on
        assert "mailbox full" in server.kept[0].message.get_content()
        server.forget()
        world.go_to(at(2026, 12, 1))
        world.tell()
        told = dict(mails(server))
        assert told["anna@example.se"].startswith("1 ny trasig länk")
        assert "ligger kvar som uppgivet" in told["drift@example.se"]  # and that it is over


def test_two_processes_send_each_mail_once(tmp_path: Path) -> None:
    subscribers = [f'[[subscriber]]\naddress = "a{n}@example.se"\nevery = "day"\n' for n in range(30)]
    with Mailbox() as server:
        world = first_told(tmp_path, server, *subscribers)
        together = threading.Barrier(3)

        def work() -> None:
            together.wait()
            tell(world.config, world.clock)

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert recipients(server) == sorted(f"a{n}@example.se" for n in range(30))
        assert len(set(ids(server))) == 30


def test_a_process_that_died_with_a_mail_in_its_hands_is_taken_over_from(tmp_path: Path) -> None:
    with Mailbox() as server:
        world = first_told(tmp_path, server, ANNA)
        with world.subscriptions() as subscriptions, world.outbox() as outbox:
            compose(world.config, subscriptions, world.clock())
            held = outbox.claim(world.clock())
        assert held is not None
        assert world.tell().sent == 0  # it may be at work still
        world.clock.go(minutes=16)
        assert world.tell().sent == 1
        assert ids(server) == [held.waiting.parcel.message_id]


def test_an_answered_finding_is_left_out_until_it_changes(tmp_path: Path) -> None:
    with Mailbox() as server:
        world = first_told(tmp_path, server, ANNA)
        with Ledger.open(world.config.database) as ledger:
            wish = Wish(action=Action.ACKNOWLEDGE, link_ids=("blekinge",), who="Karin")
            assert answers.give(world.config, ledger, wish, world.clock()).reviews
        assert world.tell().sent == 0
        world.clock.go(hours=12)
        world.find("blekinge", State.BROKEN, Code.GONE)
        world.go_to(at(2026, 11, 26))
        assert world.tell().sent == 1
        assert mails(server)[0][1].startswith("1 ny trasig länk")


def test_it_says_that_it_was_mended(tmp_path: Path) -> None:
    with Mailbox() as server:
        world = first_told(tmp_path, server, ANNA)
        world.tell()
        world.clock.go(hours=20)
        world.mend("blekinge")
        world.go_to(at(2026, 11, 26))
        assert world.tell().sent == 1
        assert "1 åtgärdad" in mails(server)[-1][1]
        assert mails(server)[-1][1].endswith("3 av 3 kontrollerade")


def test_the_mail_that_is_sent_again_is_the_same_to_the_byte(tmp_path: Path) -> None:
    with Mailbox() as server:
        world = first_told(tmp_path, server, ANNA)
        server.on("CONTENT", KEEP_AND_DIE, times=1)
        world.tell()
        world.clock.go(minutes=5)
        world.mend("blekinge")  # what is found meanwhile is for the next one
        world.tell()
        assert server.kept[0].content == server.kept[1].content
        parsed = message_from_bytes(server.kept[0].content, policy=policy.default)
        assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_late_digest_is_sent_once(tmp_path: Path) -> None:
    with Mailbox() as server:
        world = first_told(tmp_path, server, ANNA)
        world.clock.go(days=9)
        world.check_all()
        world.tell()
        world.clock.go(minutes=15)
        world.tell()
        assert len(server.kept) == 1
        with world.subscriptions() as subscriptions:
            due = subscriptions.get("anna@example.se")
            assert due is not None
            assert due.due_on == (world.clock() + timedelta(days=1)).date()
