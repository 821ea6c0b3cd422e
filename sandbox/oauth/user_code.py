"""User codes: what a device shows and a person types, such as `WDJB-MJHT` (RFC 8628 §6.1).

Twenty consonants without vowels spell no words and leave no doubt between 0 and O. Eight of them are some 34 bits: enough
for ten minutes and a few attempts, not for an attacker who stole the table, so they are kept under a key of the server.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from typing import Final

from sandbox.foundation.server_facts import derive_key
from sandbox.foundation.tenancy import current_tenant_id

ALPHABET: Final = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH: Final = 8
LONGEST_ENTRY: Final = 64


def make_user_code() -> str:
    """Make a code, in the spelling that people see."""
    return _spell("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def read_user_code(typed: str) -> str | None:
    """Read what somebody typed: any case, any dashes or blanks, full-width letters too; None if it can be no code."""
    code = "".join(sign for sign in unicodedata.normalize("NFKC", typed[:LONGEST_ENTRY]) if sign.isalnum())
    if not code.isascii():  # Before its case is changed: outside ASCII that may make two letters of one.
        return None
    code = code.upper()
    return _spell(code) if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def hash_user_code(user_code: str) -> str:
    """Hash a code for the table; a plain hash of so few bits would be guessed in seconds."""
    return hmac.new(derive_key("user-code"), f"{current_tenant_id()}\0{user_code}".encode(), "sha256").hexdigest()


def _spell(code: str) -> str:
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"
