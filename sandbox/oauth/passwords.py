"""Passwords: scrypt (RFC 7914), slow on purpose. Secrets and tokens are random and use plain SHA-256 (`access.client`).

A hash carries its parameters, so that they can be raised later: `scrypt$<log2 N>$<r>$<p>$<salt>$<key>`, both base64url.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

LOG2_N, R, P = 15, 8, 3  # About 32 MiB and a quarter of a second; OWASP's second choice.


def hash_password(password: str, *, log2_n: int = LOG2_N) -> str:
    """Hash a password with a salt of its own."""
    salt = secrets.token_bytes(16)
    key = _derive(password, salt, log2_n, R, P)
    return f"scrypt${log2_n}${R}${P}${urlsafe_b64encode(salt).decode()}${urlsafe_b64encode(key).decode()}"


def verify(password: str, kept: str | None) -> bool:
    """Compare in constant time; without a kept hash it takes as long and is False, so that time tells nothing."""
    _, log2_n, r, p, salt, key = (kept or _NOBODY).split("$")
    derived = _derive(password, urlsafe_b64decode(salt), int(log2_n), int(r), int(p))
    return hmac.compare_digest(derived, urlsafe_b64decode(key)) and kept is not None


def _derive(password: str, salt: bytes, log2_n: int, r: int, p: int) -> bytes:
    raw = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(raw, salt=salt, n=1 << log2_n, r=r, p=p, maxmem=256 * (1 << log2_n) * r, dklen=32)


_NOBODY = f"scrypt${LOG2_N}${R}${P}${urlsafe_b64encode(bytes(16)).decode()}${urlsafe_b64encode(bytes(32)).decode()}"
