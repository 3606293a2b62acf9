import hashlib
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from linkwatch.core.roles import Role
from linkwatch.errors import DamagedDatabase, UsageError
from linkwatch.store.tokens import Token, Tokens
from tests.store.storing import NOW, after


@pytest.fixture
def tokens(path: Path) -> Iterator[Tokens]:
    with Tokens.open(path) as opened:
        yield opened


def test_it_makes_a_secret_that_is_known_again(tokens: Tokens) -> None:
    secret = tokens.add("Anna", Role.EDITOR, NOW)
    assert re.fullmatch(r"lw_[A-Za-z0-9_-]{43}", secret)  # 256 bits
    assert tokens.find(secret) == Token(name="Anna", role=Role.EDITOR, made_at=NOW)


@pytest.mark.parametrize("wrong", ["", "Anna", "lw_", "\ud800", "å" * 1000])
def test_it_knows_no_other(tokens: Tokens, wrong: str) -> None:
    secret = tokens.add("Anna", Role.EDITOR, NOW)
    assert tokens.find(wrong) is None
    assert tokens.find(secret.lower()) is None
    assert tokens.find(secret[:-1]) is None


def test_it_keeps_no_secret(tokens: Tokens, path: Path) -> None:
    secrets = [tokens.add("Anna", Role.EDITOR, NOW), tokens.begin("Anna", token="Anna", now=NOW, ends_at=after(1))]
    kept = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert not [secret for secret in secrets if secret.encode() in kept]


def test_it_lists_them_by_name(tokens: Tokens) -> None:
    for name, role in (("b", Role.VIEWER), ("a", Role.OPERATOR)):
        tokens.add(name, role, NOW)
    assert [(one.name, one.role) for one in tokens.all()] == [("a", Role.OPERATOR), ("b", Role.VIEWER)]


@pytest.mark.parametrize("name", ["", " ", "a\nb", " a", "x" * 101, "a\u202eb"])
def test_it_takes_no_name_that_could_mislead(tokens: Tokens, name: str) -> None:
    with pytest.raises(UsageError):
        tokens.add(name, Role.EDITOR, NOW)


def test_it_takes_each_name_once_and_only_roles_that_are_given(tokens: Tokens) -> None:
    first = tokens.add("Anna", Role.EDITOR, NOW)
    with pytest.raises(UsageError, match="'Anna' already"):
        tokens.add("Anna", Role.OPERATOR, NOW)
    with pytest.raises(UsageError, match="viewer, editor, operator"):
        tokens.add("Nils", Role.NOBODY, NOW)
    assert tokens.find(first)


def test_it_revokes_a_token_with_all_that_was_begun_with_it(tokens: Tokens) -> None:
    secret = tokens.add("Anna", Role.EDITOR, NOW)
    with_it = tokens.begin("Anna", token="Anna", now=NOW, ends_at=after(1))
    without = tokens.begin("Anna", token=None, now=NOW, ends_at=after(1))
    assert tokens.revoke("Anna")
    assert not tokens.revoke("Anna")
    assert tokens.find(secret) is None
    assert tokens.session(with_it, NOW) is None
    assert tokens.session(without, NOW)


def test_what_is_revoked_is_written_down_by_its_digest_alone(tokens: Tokens) -> None:
    secret = tokens.add("Anna", Role.EDITOR, NOW)
    tokens.revoke("Anna")
    tokens.revoke("Nils")
    with tokens.reading() as db:
        ((digest, at),) = db.execute("SELECT digest, at FROM withdrawn_tokens").fetchall()
    assert digest == hashlib.sha256(secret.encode()).hexdigest()
    assert datetime.fromisoformat(at).utcoffset() == timedelta(0)


def test_it_gives_a_session_the_role_of_its_token(tokens: Tokens) -> None:
    tokens.add("Anna", Role.EDITOR, NOW)
    by_token = tokens.session(tokens.begin("Anna", token="Anna", now=NOW, ends_at=after(1)), NOW)
    by_login = tokens.session(tokens.begin("Anna", token=None, now=NOW, ends_at=after(1)), NOW)
    assert by_token
    assert (by_token.name, by_token.role, by_token.ends_at) == ("Anna", Role.EDITOR, after(1))
    assert by_login
    assert by_login.role is None


def test_it_keeps_the_groups_of_a_session(tokens: Tokens) -> None:
    secret = tokens.begin("Anna", token=None, groups=("web", "ö"), now=NOW, ends_at=after(1))
    session = tokens.session(secret, NOW)
    assert session
    assert session.groups == ("web", "ö")


def test_it_ends_sessions(tokens: Tokens) -> None:
    first, second = (tokens.begin("Anna", token=None, now=NOW, ends_at=after(hours)) for hours in (1, 2))
    assert tokens.session(first, after(0.99))
    assert tokens.session(first, after(1)) is None
    tokens.end(second)
    assert tokens.session(second, NOW) is None


def test_it_forgets_sessions_that_are_over(tokens: Tokens) -> None:
    for hours in range(5):
        tokens.begin("Anna", token=None, now=after(hours), ends_at=after(hours + 1))
    with tokens.reading() as db:
        assert db.execute("SELECT count(*) FROM sessions").fetchone() == (1,)


def test_it_says_when_a_hand_has_written_a_role_that_does_not_exist(tokens: Tokens) -> None:
    secret = tokens.add("Anna", Role.EDITOR, NOW)
    with tokens.writing() as db:
        db.execute("UPDATE tokens SET role = 'king'")
    with pytest.raises(DamagedDatabase, match="'king' is not a role"):
        tokens.find(secret)
