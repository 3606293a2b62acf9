import pytest

from linkwatch.core.roles import GRANTED, Role


def test_it_orders_them_by_what_they_may() -> None:
    assert Role.NOBODY < Role.VIEWER < Role.EDITOR < Role.OPERATOR


def test_it_has_a_word_for_each() -> None:
    assert [Role.of(word).word for word in GRANTED] == ["viewer", "editor", "operator"]
    with pytest.raises(ValueError, match="'king' is not a role"):
        Role.of("king")
