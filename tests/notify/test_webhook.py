import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from linkwatch.core.outbox import Outcome, Result
from linkwatch.notify.webhook import key, outcome, signed

NOW = datetime(2023, 1, 18, 21, 7, 11, tzinfo=UTC)  # 1674076031
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.parametrize(
    ("secret", "length"),
    [
        (SECRET, 24),
        (SECRET.removeprefix("whsec_"), 24),
        ("whsec_" + base64.b64encode(b"x" * 64).decode(), 64),
        ("whsec_" + base64.b64encode(b"x" * 65).decode(), None),
        ("whsec_" + base64.b64encode(b"x" * 23).decode(), None),
        ("whsec_MfKQ9r8G!YqrTwjUPD8ILPZIo2LaLaSw", None),
        ("whsec_å", None),
        ("", None),
    ],
)
def test_it_knows_a_secret(secret: str, length: int | None) -> None:
    found = key(secret)
    assert (len(found) if found else None) == length


def test_it_signs_as_the_specification_says() -> None:
    """With the numbers by which the specification's own libraries are tested."""
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed(b'{"test": 2432232314}', message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", now=at, secret=SECRET)
    assert headers == {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_it_signs_with_both_while_one_secret_takes_the_place_of_another() -> None:
    other = base64.b64encode(b"y" * 32).decode()
    signature = signed(b"{}", message_id="msg_1", now=NOW, secret=f"{SECRET}\n{other}\n")["webhook-signature"]
    wanted = [
        base64.b64encode(hmac.digest(each, f"msg_1.{int(NOW.timestamp())}.{{}}".encode(), hashlib.sha256)).decode()
        for each in (base64.b64decode(SECRET.removeprefix("whsec_")), b"y" * 32)
    ]
    assert signature == f"v1,{wanted[0]} v1,{wanted[1]}"


@pytest.mark.parametrize("secret", ["", "whsec_kort", f"{SECRET} nej"])
def test_it_does_not_sign_with_what_is_no_secret(secret: str) -> None:
    with pytest.raises(ValueError, match="24 to 64 bytes"):
        signed(b"{}", message_id="msg_1", now=NOW, secret=secret)


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, Result.SENT),
        (204, Result.SENT),
        (301, Result.LATER),
        (404, Result.LATER),
        (410, Result.NEVER),
        (429, Result.LATER),
        (500, Result.LATER),
    ],
)
def test_it_takes_an_answer_as_the_specification_says(status: int, result: Result) -> None:
    said = outcome(status, (), "", now=NOW)
    assert said == Outcome(result=result, detail=str(status))


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta(0)),
        ("Wed, 18 Jan 2023 21:17:11 GMT", timedelta(minutes=10)),
        ("Wed, 18 Jan 2023 21:17:11 -0000", timedelta(minutes=10)),
        ("99999999999999999999", timedelta(hours=24)),
        ("Wed, 18 Jan 2033 21:17:11 GMT", timedelta(hours=24)),
        ("Wed, 18 Jan 2013 21:17:11 GMT", None),
        ("soon", None),
        ("-1", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_it_waits_as_long_as_it_is_asked_to(status: int, value: str, wait: timedelta | None) -> None:
    said = outcome(status, [("x", "1"), ("retry-after", value)], "", now=NOW)
    assert said.not_before == (NOW + wait if wait is not None else None)


@pytest.mark.parametrize("is_doubtful", [True, False])
def test_no_answer_is_no_fault_of_the_other_endpoints(is_doubtful: bool) -> None:
    said = outcome(None, (), "read_timeout\x1b[0m", now=NOW, is_doubtful=is_doubtful)
    assert (said.result, said.is_down, said.is_doubtful) == (Result.LATER, False, is_doubtful)
    assert said.detail == "read_timeout\ufffd[0m"
