"""What a new password must be, and when the present one is too old (NIST SP 800-63B §3.1.1.2 has the reasons).

The list of breaches is a short one, of those that are tried first: a simulated vendor asks nobody else about passwords.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from sandbox.foundation.clock import now
from sandbox.oauth.models.kept_password import kept_passwords
from sandbox.oauth.passwords import verify
from sandbox.resources.configuration.current import flag, number
from sandbox.resources.users.model import User
from sandbox.resources.users.service import find

LONGEST: Final = 1024
_BREACHED = """
000000 111111 123123 123321 123456 1234567 12345678 123456789 1234567890 12345678910 112233 121212 654321 666666 abc123
aa123456 admin admin123 administrator asdfghjkl baseball batman changeme charlie computer default donald dragon football
freedom hello hunter2 iloveyou jordan23 letmein login master michael monkey mustang passw0rd password password1 password12
password123 password1234 password12345 password123456 princess p@ssw0rd p@ssword qazwsx qwerty qwerty123 qwertyuiop
qwertyuiop123 secret shadow starwars sunshine superman test123 trustno1 welcome welcome1 welcome123 welcome12345 whatever
zaq12wsx 1q2w3e4r 1q2w3e4r5t 1qaz2wsx correcthorsebatterystaple iloveyouiloveyou passwordpassword qwertyqwerty
12345678901234 11111111111111 changemechangeme
"""
BREACHED: Final = frozenset(_BREACHED.split())


def faults(person: User, password: str) -> Iterator[str]:
    """Tell what is wrong with a new password of a person, in sentences; comparing it with former ones takes its time."""
    least = number("identity.password.min_length")
    if not least <= len(password) <= LONGEST:
        yield f"Choose {least} to {LONGEST} characters."
    if flag("identity.password.breached_check") and password.casefold() in BREACHED:
        yield "This one is known from breaches, and is tried first by everybody who guesses."
    if any(verify(password, former) for former in _former(person)):
        yield "You had this one before."


def is_expired(user_id: str) -> bool:
    """Tell whether a person must choose another one, by age or since somebody wants it; without a date it has no age."""
    if find(user_id).must_change_password:
        return True
    days, latest = number("identity.password.max_age_days"), None
    if days:
        latest = next(iter(kept_passwords(user_id, 1)), None)
    return latest is not None and now() >= latest.set_at + timedelta(days=days)


def _former(person: User) -> set[str]:
    """List the hashes that may not come back: the former ones that count, and the present one if any does or it must go."""
    count = number("identity.password.history")
    if not (count or person.must_change_password):
        return set()
    present = {person.password_hash} if person.password_hash else set()
    return present | {kept.password_hash for kept in kept_passwords(person.id, count)}
