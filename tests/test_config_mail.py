"""`[mail]`, `[[subscriber]]` and `[[webhook]]`: every key, every mistake with its line."""

import base64
import itertools
import json
import re
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linkwatch.config import load
from linkwatch.config_mail import MailSettings, Webhook
from linkwatch.core.due import Every, Rhythm
from linkwatch.core.events import event
from linkwatch.core.models import Belief, Code, Severity, Source, State, Transition
from linkwatch.core.outbox import Channel
from linkwatch.core.subscribers import Only, Subscriber
from linkwatch.errors import ConfigError
from linkwatch.notify import webhook

ONE = '\n[[source]]\nid = "a"\nname = "A"\nurl = "https://a.se/"\nowner = "Region A"\n'
MAIL = '[mail]\nserver = "smtp.example.se"\nfrom = "lankar@example.se"\n'
ANNA = '[[subscriber]]\naddress = "Anna@example.se"\n'


def mail(folder: Path, tables: str) -> MailSettings:
    path = folder / "sources.toml"
    path.write_text(f"{tables}{ONE}", encoding="utf-8")
    return load(path).mail


def mistakes(folder: Path, tables: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        mail(folder, tables)
    return caught.value.mistakes


# ---------------------------------------------------------------- what is said, and what holds where nothing is


def test_it_tells_nobody_where_nothing_is_said(tmp_path: Path) -> None:
    found = mail(tmp_path, "")
    assert not found.tells_anybody
    assert not found.can_send
    assert (found.subscribers, found.operators, found.webhooks, found.letters) == ((), (), (), False)
    assert found.give_up_after == timedelta(days=3)
    assert found.domain == "linkwatch.invalid"


def test_it_reads_every_key_of_mail(tmp_path: Path) -> None:
    tables = """[mail]
server = "smtp.example.se:2525"
security = "tls"
user = "lankar"
password_file = "secrets/smtp"
from = "lankar@example.se"
name = "Länkvakten"
reply_to = "webb@example.se"
timeout_s = 7.5
give_up_after_days = 1.5
operators = ["drift@example.se", "jour@example.se", "drift@example.se"]
letters = true
"""
    found = mail(tmp_path, tables)
    assert found == MailSettings(
        host="smtp.example.se",
        port=2525,
        security="tls",
        user="lankar",
        password_file=tmp_path.resolve() / "secrets/smtp",
        sender="lankar@example.se",
        name="Länkvakten",
        reply_to="webb@example.se",
        timeout_s=7.5,
        give_up_after=timedelta(days=1, hours=12),
        operators=("drift@example.se", "jour@example.se"),
        letters=True,
        apprise_files={},
    )
    assert (found.domain, found.can_send, found.tells_anybody) == ("example.se", True, True)


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_each_security_has_its_port(tmp_path: Path, security: str, port: int) -> None:
    assert mail(tmp_path, f'{MAIL}security = "{security}"\n').port == port


def test_the_name_and_the_replies_are_those_of_the_monitor_where_nothing_is_said(tmp_path: Path) -> None:
    found = mail(tmp_path, f'[monitor]\ntitle = "Länkar"\ncontact = "webb@example.se"\n{MAIL}')
    assert (found.name, found.reply_to) == ("Länkar", "webb@example.se")


def test_a_subscriber_hears_of_everything_on_mondays_where_nothing_is_said(tmp_path: Path) -> None:
    (found,) = mail(tmp_path, MAIL + ANNA).subscribers
    assert found == Subscriber(
        id="anna@example.se",
        address="Anna@example.se",
        language="sv",
        rhythm=Rhythm(every=Every.WEEK, hour=7, weekday=0),
        only=Only(),
        always=False,
    )


def test_a_subscriber_reads_the_language_of_the_monitor_where_nothing_is_said(tmp_path: Path) -> None:
    found = mail(tmp_path, f'[monitor]\nlanguage = "en"\n{MAIL}{ANNA}').subscribers
    assert [one.language for one in found] == ["en"]


def test_it_reads_every_key_of_a_subscriber(tmp_path: Path) -> None:
    table = """[[subscriber]]
id = "anna"
address = "anna@example.se"
name = "Anna Ek"
language = "en"
every = "week"
weekday = "thursday"
hour = 15
only = { counties = ["K", "W"], owners = ["Region Ö"], tags = ["service"], severities = ["broken", "warning"] }
always = true
[[subscriber]]
address = "bertil@example.se"
every = "month"
day = 31
[[subscriber]]
address = "cecilia@example.se"
every = "day"
"""
    anna, bertil, cecilia = mail(tmp_path, MAIL + table).subscribers
    assert anna == Subscriber(
        id="anna",
        address="anna@example.se",
        name="Anna Ek",
        language="en",
        rhythm=Rhythm(every=Every.WEEK, hour=15, weekday=3),
        only=Only(
            counties=("K", "W"),
            owners=("Region Ö",),
            tags=("service",),
            severities=(Severity.BROKEN, Severity.WARNING),
        ),
        always=True,
    )
    assert bertil.rhythm == Rhythm(every=Every.MONTH, day=31)
    assert cecilia.rhythm == Rhythm(every=Every.DAY)


def test_a_subscriber_of_a_chat_needs_no_mail_server(tmp_path: Path) -> None:
    found = mail(tmp_path, '[[subscriber]]\nid = "chat"\napprise_file = "secrets/chat"\n')
    (chat,) = found.subscribers
    assert (chat.id, chat.address, chat.channel) == ("chat", "chat", Channel.APPRISE)
    assert found.apprise_files == {"chat": tmp_path.resolve() / "secrets/chat"}
    assert found.subscriber("chat") == chat
    assert found.subscriber("nobody") is None


def test_it_reads_a_webhook_without_a_mail_server(tmp_path: Path) -> None:
    found = mail(tmp_path, '[[webhook]]\nid = "hook"\nurl = "https://a.se/hook"\nsecret_file = "secrets/hook"\n')
    hook = Webhook(id="hook", url="https://a.se/hook", secret_file=tmp_path.resolve() / "secrets/hook")
    assert found.webhooks == (hook,)
    assert (found.webhook("hook"), found.webhook("other")) == (hook, None)
    assert found.tells_anybody


def test_one_mailbox_may_subscribe_twice_under_two_ids(tmp_path: Path) -> None:
    tables = MAIL + ANNA + '[[subscriber]]\nid = "anna-all"\naddress = "anna@example.se"\nalways = true\n'
    assert [one.id for one in mail(tmp_path, tables).subscribers] == ["anna@example.se", "anna-all"]


def test_a_file_with_a_secret_is_not_read_when_the_configuration_is(tmp_path: Path) -> None:
    assert mail(tmp_path, MAIL + 'password_file = "not-there"\n').password_file == tmp_path.resolve() / "not-there"


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('server = "smtp example"', "mail.server: 'smtp example' is not a mail server"),
        ('server = "smtp.example.se:smtp"', "mail.server: 'smtp.example.se:smtp' is not a mail server"),
        ('server = "smtp.example.se:65536"', "mail.server: 'smtp.example.se:65536' is not a mail server"),
        ('server = "smtp://smtp.example.se"', "mail.server: 'smtp://smtp.example.se' is not a mail server"),
        ('server = ":25"', "mail.server: ':25' is not a mail server"),
        ('server = ""', "mail.server: "),
        ('security = "ssl"', "mail.security: must be 'starttls', 'tls' or 'none'"),
        ('user = "a\\nb"', "mail.user: holds a line break"),
        ('from = "lankar"', "mail.from: 'lankar' is not a mail address"),
        ('from = "a b@example.se"', "mail.from: 'a b@example.se' is not a mail address"),
        ('name = "Länk\\nvakt"', "mail.name: holds a line break"),
        ('reply_to = "webb"', "mail.reply_to: 'webb' is not a mail address"),
        ("timeout_s = 0", "mail.timeout_s: must be more than 0"),
        ("timeout_s = 121", "mail.timeout_s: must be"),
        ("give_up_after_days = 0", "mail.give_up_after_days: must be more than 0"),
        ("give_up_after_days = 31", "mail.give_up_after_days: must be"),
        ('reply_to = ["a@example.se"]', "mail.reply_to: must be"),
        ('letters = "yes"', "mail.letters: must be"),
        ('password = "hemligt"', "mail.password: a password does not belong in this file"),
        ('sender = "a@example.se"', "mail.sender: unknown key"),
        ('subject = "x"', "mail.subject: unknown key (known here: server, security, user, password_file, from,"),
    ],
)
def test_it_says_what_is_wrong_with_mail(tmp_path: Path, line: str, said: str) -> None:
    assert mistakes(tmp_path, f"[mail]\n{line}\n")[0].startswith(f"sources.toml:2: {said}")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('operators = ["drift"]', "mail.operators.0: 'drift' is not a mail address"),
        ('operators = "drift@example.se"', "mail.operators: must be"),
    ],
)
def test_it_says_what_is_wrong_with_an_operator(tmp_path: Path, line: str, said: str) -> None:
    assert mistakes(tmp_path, f"{MAIL}{line}\n")[0].startswith(f"sources.toml:4: {said}")


@pytest.mark.parametrize(
    ("server", "is_refused"),
    [("smtp.example.se", True), ("smtp.example.se:25", True), ("127.0.0.1.example.se", True),
     ("localhost", False), ("localhost:2525", False), ("127.0.0.1:25", False)],
)  # fmt: skip
def test_a_password_goes_in_clear_to_this_machine_only(tmp_path: Path, server: str, is_refused: bool) -> None:
    table = f'[mail]\nsecurity = "none"\nserver = "{server}"\nuser = "lankar"\n'
    if is_refused:
        (said,) = mistakes(tmp_path, table)
        assert said.startswith("sources.toml:2: mail.security: user and password would go out for everybody to read")
    else:
        assert mail(tmp_path, table).user == "lankar"
    assert mail(tmp_path, table.replace("user", "name")).user is None


@pytest.mark.parametrize(
    "tables",
    [
        "mail = 3", "subscriber = 3", "webhook = 3", "subscriber = [3]", "[subscriber]\naddress = 'a@example.se'",
        "[[mail]]", "[[subscriber]]\nid = ['a']\naddress = ['b@example.se']", "[[webhook]]\nid = ['a']",
        "[[subscriber]]\naddress = 3", "[[subscriber]]\nid = 3\n[[subscriber]]\nid = {}", "[mail]\nserver = {}",
        "[mail]\nletters = 3\noperators = 3", "[[subscriber]]\nonly = [3]", "[[subscriber]]\nevery = ['day']\nday = 1",
    ],
)  # fmt: skip
def test_what_is_no_table_or_no_text_is_a_mistake_like_others(tmp_path: Path, tables: str) -> None:
    assert all(one.startswith("sources.toml:") for one in mistakes(tmp_path, f"{tables}\n"))


@pytest.mark.parametrize(
    ("lines", "number", "said"),
    [
        ('language = "fi"', 3, "language: must be 'sv' or 'en'"),
        ('every = "year"', 3, "every: must be 'day', 'week' or 'month'"),
        ('weekday = "Monday"', 3, "weekday: 'Monday' is not a weekday: monday, tuesday"),
        ("weekday = 1", 3, "weekday: must be"),
        ('every = "month"\nday = 0', 4, "day: must be"),
        ('every = "month"\nday = 32', 4, "day: must be"),
        ("day = 3", 3, "day: goes with every = 'month' only"),
        ('every = "day"\nweekday = "monday"', 4, "weekday: goes with every = 'week' only"),
        ("hour = 24", 3, "hour: must be"),
        ("hour = 7.5", 3, "hour: must be"),
        ('only = { counties = ["Ö"] }', 3, "only.counties.0: "),
        ('only = { severities = ["bad"] }', 3, "only.severities.0: must be 'broken', 'warning', 'notice' or"),
        ('only = { county = ["K"] }', 3, "only.county: unknown key; did you mean 'counties'?"),
        ("only = 3", 3, "only: must be"),
        ('always = "true"', 3, "always: must be"),
        ('id = "a b"', 3, "id: "),
        ('mail = "x"', 3, "mail: unknown key"),
        ('id = "a"\napprise_file = "chat"', 1, "needs one of address (a mailbox) and apprise_file"),
    ],
)
def test_it_says_what_is_wrong_with_a_subscriber(tmp_path: Path, lines: str, number: int, said: str) -> None:
    table = f'[[subscriber]]\naddress = "anna@example.se"\n{lines}\n'
    found = mistakes(tmp_path, f"{table}{MAIL}")
    assert len(found) == 1
    assert found[0].startswith(f"sources.toml:{number}: subscriber.")
    assert said in found[0]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("every = 'day'", "subscriber.number 1: needs one of address (a mailbox) and apprise_file"),
        ("apprise_file = 'a'", "subscriber.number 1: needs an id, since it has no address"),
        ("address = 'anna'", "subscriber.anna.address: 'anna' is not a mail address"),
    ],
)
def test_a_subscriber_needs_a_mailbox_or_something_else(tmp_path: Path, table: str, said: str) -> None:
    found = mistakes(tmp_path, f"{MAIL}[[subscriber]]\n{table}\n")
    assert [one for one in found if said in one]


def test_a_mailbox_that_subscribes_twice_needs_an_id(tmp_path: Path) -> None:
    (said,) = mistakes(tmp_path, f"{MAIL}{ANNA}{ANNA.replace('Anna', 'anna')}")
    assert said.startswith("sources.toml:7: subscriber.anna@example.se.address: 'anna@example.se' is used already")
    assert said.endswith("by subscriber number 1: give this one an id")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('url = "https://a.se/"\nsecret_file = "s"', "webhook.number 1.id: is missing"),
        ('id = "a"\nsecret_file = "s"', "webhook.a.url: is missing"),
        ('id = "a"\nurl = "https://a.se/"', "webhook.a.secret_file: is missing"),
        ('id = "a"\nurl = "ftp://a.se/"\nsecret_file = "s"', "webhook.a.url: 'ftp://a.se/' is not an http or https"),
        ('id = "a"\nurl = "https://a.se/"\nsecret_file = "s"\nsecret = "whsec_x"', "webhook.a.secret: unknown key"),
    ],
)
def test_it_says_what_is_wrong_with_a_webhook(tmp_path: Path, table: str, said: str) -> None:
    found = mistakes(tmp_path, f"[[webhook]]\n{table}\n")
    assert len(found) == 1
    assert said in found[0]


def test_two_webhooks_have_two_ids(tmp_path: Path) -> None:
    hook = '[[webhook]]\nid = "a"\nurl = "https://a.se/"\nsecret_file = "s"\n'
    (said,) = mistakes(tmp_path, hook + hook)
    assert said.startswith("sources.toml:6: webhook.a.id: 'a' is used")


@pytest.mark.parametrize(
    ("tables", "why"),
    [
        (ANNA, "there are subscribers"),
        ('[mail]\noperators = ["drift@example.se"]\n', "there are operators"),
        ("[mail]\nletters = true\n", "letters are to be sent"),
    ],
)
def test_who_is_to_be_sent_mail_needs_a_server_and_a_sender(tmp_path: Path, tables: str, why: str) -> None:
    sender, server = sorted(mistakes(tmp_path, tables))
    assert f"mail.server: is missing: {why}, and this is the mail server" in server
    assert f"mail.from: is missing: {why}, and this is the mailbox" in sender


def test_it_says_all_that_is_wrong_at_once(tmp_path: Path) -> None:
    tables = """[mail]
server = "smtp.example.se"
security = "ssl"
timeout_s = -1
[[subscriber]]
address = "anna@example.se"
hour = 25
[[subscriber]]
address = "bertil"
[[webhook]]
id = "hook"
url = "hook"
secret_file = "s"
"""
    found = mistakes(tmp_path, tables)
    assert {one.split(": ")[1] for one in found} == {
        "mail.security", "mail.timeout_s", "mail.from", "subscriber.anna@example.se.hour", "subscriber.bertil.address",
        "webhook.hook.url",
    }  # fmt: skip
    lines = [int(one.split(":")[1]) for one in found]
    assert sorted(lines) == [1, 3, 4, 7, 9, 12]


# ---------------------------------------------------------------- as the documentation shows it

DOCS = Path(__file__).parent.parent / "docs" / "mail.md"
SHIPPED = Path(__file__).parent.parent / "config" / "sources.toml"


def shown(begins: str) -> str:
    """An indented block of the documentation."""
    text = DOCS.read_text(encoding="utf-8")
    block = text[text.index(f"    {begins}") :]
    lines = itertools.takewhile(lambda line: not line or line.startswith("    "), block.splitlines())
    return textwrap.dedent("\n".join(lines))


def test_what_the_documentation_shows_can_be_loaded(tmp_path: Path) -> None:
    found = mail(tmp_path, shown("[mail]") + shown("[[webhook]]"))
    assert [one.id for one in found.subscribers] == ["webbredaktion@example.se", "karin.oberg@example.se"]
    assert found.subscribers[1].rhythm == Rhythm(every=Every.DAY, hour=8)
    assert (found.can_send, len(found.operators), len(found.webhooks)) == (True, 1, 1)


def test_what_the_shipped_file_leaves_out_can_be_put_in(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert load(SHIPPED).mail.subscribers == ()
    tables = text[text.index("# [mail]") : text.index("[[listing]]")]
    (found,) = mail(tmp_path, re.sub("^# ?", "", tables, flags=re.MULTILINE)).subscribers
    assert found.only.severities == (Severity.BROKEN, Severity.WARNING)


def test_the_documented_lines_know_a_genuine_webhook(tmp_path: Path) -> None:
    text = DOCS.read_text(encoding="utf-8")
    code = text.partition("```python\n")[2].partition("```")[0]
    known: dict[str, Any] = {}
    exec(compile(code, str(DOCS), "exec"), known)
    is_genuine = known["is_genuine"]
    made = subprocess.run(
        [sys.executable, "-c", shown("python3 -c").partition(' -c "')[2].strip().rstrip('"')],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    secret, body, now = made.stdout.strip(), '{"name": "Västra Götaland"}'.encode(), datetime.now(UTC)
    headers = {
        name.lower(): value
        for name, value in webhook.signed(body, message_id="msg_1", now=now, secret=secret).items()
    }  # fmt: skip
    assert is_genuine(headers, body, secret)
    both = headers | {"webhook-signature": f"v1,AAAA {headers['webhook-signature']}"}
    assert is_genuine(both, body, secret)
    assert not is_genuine(headers, body + b" ", secret)
    assert not is_genuine(headers | {"webhook-id": "msg_2"}, body, secret)
    assert not is_genuine(headers, body, f"whsec_{base64.b64encode(bytes(32)).decode()}")
    old = webhook.signed(body, message_id="msg_1", now=now - timedelta(minutes=6), secret=secret)
    assert not is_genuine({name.lower(): value for name, value in old.items()}, body, secret)


def test_the_documented_event_has_the_keys_of_a_real_one() -> None:
    text = DOCS.read_text(encoding="utf-8")
    said = json.loads(text.partition("```json\n")[2].partition("```")[0])
    source = Source(id="blekinge", name="Blekinge", url="https://a.se/", owner="Region Blekinge")
    at = datetime(2026, 11, 20, 5, 7, tzinfo=UTC)
    change = Transition(
        link_id="blekinge", at=at, old=State.FAILING, new=State.BROKEN, verdict=Code.NOT_FOUND, reason=None
    )
    made = event(change, source, Belief(), final_url=None, suggestion=None, site="Länkar", desk=None)
    assert made
    assert said.keys() == made.keys()
    assert said["data"].keys() == made["data"].keys()
    assert (said["type"], said["timestamp"]) == (made["type"], made["timestamp"])
