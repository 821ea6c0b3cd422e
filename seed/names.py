"""Names of people and their mail addresses: Faker for the former, unique by construction for the latter.

Faker is imported when the first name is asked for, since it costs a quarter of a second, and is seeded anew for every
person: a new person or a new field never renames the others. Its word lists change between versions, so the names are the
same on machines that installed the same lock file.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faker.generator import Generator

# Letters that have no decomposition, or one that reads wrongly in a mail address.
_ROMANIZED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"}  # codespell:ignore ue
)


class Names:
    """Gives names and mail addresses; no address twice."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    def draw(self, locale: str, number: int) -> tuple[str, str]:
        """Answer given and family name in Latin letters, as they are common where `locale` is spoken."""
        faker = _faker(locale)
        faker.seed_instance(number)
        if locale == "ja_JP":
            return str(faker.format("first_romanized_name")), str(faker.format("last_romanized_name"))
        return str(faker.format("first_name")), str(faker.format("last_name"))

    def address(self, given: str, family: str, domain: str) -> str:
        """Answer `given.family@domain`, with a number behind it from the second of that name on."""
        local = f"{_ascii(given)}.{_ascii(family)}"
        self._taken[f"{local}@{domain}"] += 1
        count = self._taken[f"{local}@{domain}"]
        return f"{local}@{domain}" if count == 1 else f"{local}{count}@{domain}"


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().translate(_ROMANIZED))
    return re.sub(r"[^a-z]", "", plain)


@cache
def _faker(locale: str) -> Generator:
    from faker.factory import Factory

    return Factory.create(locale, providers=["faker.providers.person"])
