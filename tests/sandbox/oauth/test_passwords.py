"""Password hashes: the cost, the format, and that nobody is told apart by time."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode
from typing import Any

import pytest

from sandbox.oauth import passwords


def test_password_is_verified() -> None:
    kept = passwords.hash_password("pässword", log2_n=4)
    assert (passwords.verify("pässword", kept), passwords.verify("password", kept)) == (True, False)


def test_hash_has_its_own_salt_and_the_parameters_of_today() -> None:
    """OWASP password storage: scrypt with N = 2^15, r = 8, p = 3."""
    first, second = (passwords.hash_password("x", log2_n=4) for _ in range(2))
    assert first != second
    assert (passwords.LOG2_N, passwords.R, passwords.P) == (15, 8, 3)


def test_hash_is_scrypt() -> None:
    """RFC 7914, recomputed by hand."""
    _, log2_n, r, p, salt, key = passwords.hash_password("x", log2_n=5).split("$")
    assert (log2_n, r, p) == ("5", "8", "3")
    assert hashlib.scrypt(b"x", salt=urlsafe_b64decode(salt), n=32, r=8, p=3, dklen=32) == urlsafe_b64decode(key)


@pytest.mark.parametrize("kept", [None, passwords.hash_password("x", log2_n=4)], ids=["nobody", "somebody"])
def test_nobody_costs_what_somebody_costs(monkeypatch: pytest.MonkeyPatch, kept: str | None) -> None:
    """An unknown person is hashed with the parameters of a real one, then refused."""
    costs: list[dict[str, Any]] = []

    def observed(password: bytes, **parameters: Any) -> bytes:
        costs.append(parameters)
        return bytes(32)

    monkeypatch.setattr(passwords.hashlib, "scrypt", observed)
    assert passwords.verify("y", kept) is False
    assert [cost["n"] for cost in costs] == [1 << (4 if kept else passwords.LOG2_N)]


def test_a_key_of_zeros_signs_nobody_in() -> None:
    """The stand-in for nobody is no hash that a password could match."""
    assert passwords.verify("", None) is False
