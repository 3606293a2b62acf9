"""Who may speak for whom: the ID token's rules one by one, and what arrives in place of one."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from linkwatch.web.oidc.faults import Untrusted
from linkwatch.web.oidc.id_token import Claims, Expected, claims_of, keys_of, pick
from tests.web.oidc.provider import KEYS, signed

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
EXPECTED = Expected(issuer="https://id.example", client_id="linkwatch", nonce="n-1")
GOOD: dict[str, Any] = {
    "iss": "https://id.example", "aud": "linkwatch", "sub": "248", "nonce": "n-1", "iat": AT, "exp": AT + 300,
}  # fmt: skip

SMALL = base64.urlsafe_b64encode(b"\xc5" + b"\x01" * 127).rstrip(b"=").decode()  # 1024 bits


def read(token: str, *keys: Key) -> Claims:
    public = keys_of([key.as_dict(private=False) for key in keys or KEYS])
    return claims_of(token, lambda header: pick(public, header), EXPECTED, NOW)


def token(key: Key = KEYS[0], /, header: dict[str, Any] | None = None, **claims: Any) -> str:
    said = {name: value for name, value in (GOOD | claims).items() if value is not None}
    return signed(said, key, **(header or {}))


def raw(header: object, claims: object = GOOD, signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": ["linkwatch"]},
        {"aud": ["linkwatch", "another"], "azp": "linkwatch"},
        {"azp": "linkwatch"},
        {"iat": AT + 120, "nbf": AT + 120},
        {"iat": AT - 700},
        {"exp": AT - 119},
        {"exp": AT + 0.5, "iat": AT - 0.5},
        {"auth_time": "whenever", "acr": ["x"]},
    ],
)
def test_it_takes_what_was_made_for_this_login_just_now(claims: dict[str, Any]) -> None:
    assert read(token(**claims))["sub"] == "248"


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"iss": "https://id.example/"}, "another issuer"),
        ({"iss": ["https://id.example"]}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"aud": "another"}, "for somebody else"),
        ({"aud": "linkwatch2"}, "for somebody else"),
        ({"aud": []}, "for somebody else"),
        ({"aud": None}, "for somebody else"),
        ({"aud": {"linkwatch": 1}}, "for somebody else"),
        ({"aud": ["linkwatch", "another"]}, "made for somebody else"),
        ({"aud": ["linkwatch", "another"], "azp": "another"}, "made for somebody else"),
        ({"azp": "another"}, "made for somebody else"),
        ({"azp": ""}, "made for somebody else"),
        ({"nonce": "n-2"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": ["n-1"]}, "nonce"),
        ({"nonce": "n-1\u0000"}, "nonce"),
        ({"nonce": "ñ-1"}, "nonce"),
        ({"sub": None}, "whom it is about"),
        ({"sub": ""}, "whom it is about"),
        ({"sub": 248}, "whom it is about"),
        ({"sub": "2" * 256}, "whom it is about"),
        ({"exp": AT - 120}, "over since 120 s"),
        ({"exp": None}, "until when"),
        ({"exp": str(AT + 300)}, "until when"),
        ({"exp": True}, "until when"),
        ({"exp": float("nan")}, "until when"),
        ({"exp": float("inf")}, "until when"),
        ({"exp": 10**400}, "until when"),
        ({"iat": None}, "when it was made"),
        ({"iat": AT + 121}, "from the future, by 121 s"),
        ({"iat": AT - 721}, "made 721 s ago"),
        ({"nbf": AT + 121}, "from the future"),
        ({"nbf": "soon"}, "when it was made"),
    ],
)
def test_it_says_why_it_refuses_another(claims: dict[str, Any], said: str) -> None:
    with pytest.raises(Untrusted, match=said):
        read(token(**claims))


# ---------------------------------------------------------------- signatures


@pytest.mark.parametrize(
    ("make", "algorithm"),
    [
        (lambda: RSAKey.generate_key(2048), "RS512"),
        (lambda: RSAKey.generate_key(2048), "PS256"),
        (lambda: ECKey.generate_key("P-256"), "ES256"),
        (lambda: ECKey.generate_key("P-521"), "ES512"),
        (lambda: OKPKey.generate_key("Ed25519"), "Ed25519"),
        (lambda: OKPKey.generate_key("Ed25519"), "EdDSA"),
    ],
)
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_it_reads_every_way_to_sign_with_a_key_of_ones_own(make: Callable[[], Key], algorithm: str) -> None:
    key = make()
    key.ensure_kid()
    assert read(token(key, {"alg": algorithm}), key)["sub"] == "248"


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "NONE", "HS256", "HS384", "HS512", "RS1", "", None, ["RS256"], 7]
)
def test_it_takes_no_other_way_to_sign(algorithm: object) -> None:
    with pytest.raises(Untrusted):
        read(raw({"alg": algorithm, "kid": "first"}))


def test_it_takes_no_shared_secret_even_when_the_issuer_publishes_one() -> None:
    key = OctKey.generate_key(256, {"kid": "shared"})
    assert keys_of([key.as_dict(private=True)]) == ()
    with pytest.raises(Untrusted, match="'HS256', which proves nothing"):
        read(token(key, {"alg": "HS256"}), KEYS[0])


def test_it_sees_every_change() -> None:
    head, body, seal = token().split(".")
    other = token(sub="249").split(".")
    for changed in (f"{head}.{other[1]}.{seal}", f"{head}.{body}.{seal[:-8]}AAAAAAAA", f"{head}.{body}."):
        with pytest.raises(Untrusted, match="signature"):
            read(changed)


def test_it_reads_no_key_that_the_token_brings_along() -> None:
    own = RSAKey.generate_key(2048, {"kid": "first"})
    header = {"jwk": own.as_dict(private=False), "jku": "https://evil.example/keys", "x5u": "https://evil.example/x"}
    with pytest.raises(Untrusted, match="signature"):
        read(token(own, header))


def test_it_leaves_aside_what_a_header_says_beside_what_counts() -> None:
    assert read(token(KEYS[0], {"unheard": "of", "typ": "JWT"}))
    for crit in (["unheard"], ["b64"], []):
        with pytest.raises(Untrusted, match=r"must be understood|critical"):
            read(raw({"alg": "RS256", "kid": "first", "crit": crit, "b64": False, "unheard": "of"}))


@pytest.mark.parametrize(
    "said",
    [
        "", ".", "..", "a.b.c", "a.b.c.d.e", "é.é.é", "a" * 200_000,
        raw([]), raw(["alg"]), raw("alg"), raw(None), raw({}),
        *(raw({"alg": "RS256", "kid": kid}) for kid in ("a" * 5000, 7, ["first"], {"first": 1})),
    ],
)  # fmt: skip
def test_it_refuses_what_is_no_token(said: str) -> None:
    with pytest.raises(Untrusted):
        read(said)


def test_it_refuses_a_signed_body_that_is_no_object() -> None:
    for body in (b"[]", b"7", b"nonsense", b"[" * 90_000, b"\xff"):
        with pytest.raises(Untrusted):
            read(jws.serialize_compact({"alg": "RS256", "kid": "first"}, body, KEYS[0]))


@given(st.text(max_size=60), st.sampled_from(["", ".x", ".x.y"]))
def test_it_ends_with_any_text_in_a_refusal(text: str, more: str) -> None:
    with pytest.raises(Untrusted):
        read(text + more)


# ---------------------------------------------------------------- keys


def test_it_takes_the_key_that_is_named_or_the_only_one() -> None:
    first, second = (key.as_dict(private=False) for key in KEYS)
    nameless = {name: value for name, value in first.items() if name != "kid"}
    keys = keys_of([first, second])
    assert pick(keys, {"alg": "RS256", "kid": "second"}) is keys[1]
    assert pick(keys, {"alg": "RS256", "kid": "third"}) is None
    assert pick(keys, {"alg": "RS256"}) is None
    assert pick(keys[:1], {"alg": "RS256"}) is keys[0]
    assert pick(keys_of([nameless]), {"alg": "RS256"})
    assert pick(keys, {"alg": "PS256", "kid": "first"}) is None  # they are for RS256
    assert pick(keys, {"alg": "ES256", "kid": "first"}) is None


@pytest.mark.parametrize(
    "said",
    [
        None, "x", {}, {"kty": "oct", "k": "YQ"}, {"kty": "RSA"}, {"kty": "RSA", "n": 7, "e": 7},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"}, {"kty": "RSA", "n": "", "e": ""}, {"kty": "RSA", "n": "é", "e": "é"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, {"kty": "EC", "crv": "P-1", "x": "AA", "y": "AA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"}, {"kty": "ML-DSA"}, {"kty": ["RSA"]},
        {"kty": "RSA", "n": SMALL, "e": "AQAB"},
        RSAKey.generate_key(2048).as_dict(private=True),
        RSAKey.generate_key(2048, {"use": "enc"}).as_dict(private=False),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:.*key size")
def test_it_leaves_aside_what_is_no_key_for_this(said: object) -> None:
    good = KEYS[0].as_dict(private=False)
    assert [key.kid for key in keys_of([said, good])] == ["first"]


def test_it_reads_no_more_keys_than_a_login_can_need() -> None:
    assert len(keys_of([KEYS[0].as_dict(private=False)] * 1000)) == 100
    assert keys_of({"kid": "first"}) == ()
