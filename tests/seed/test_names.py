"""Names in Latin letters and mail addresses that no two people share."""

from __future__ import annotations

import pytest

from seed.names import Names


def test_second_bearer_of_a_name_gets_a_number() -> None:
    names = Names()
    addresses = [names.address("Ana", "Roth", "acme.example") for _ in range(3)]
    assert addresses == ["ana.roth@acme.example", "ana.roth2@acme.example", "ana.roth3@acme.example"]


@pytest.mark.parametrize(
    ("given", "family", "local"),
    [
        ("Jürgen", "Groß", "juergen.gross"),
        ("Łukasz", "Wójcik", "lukasz.wojcik"),
        ("João", "da Silva", "joao.dasilva"),
        ("Mary-Ann", "O'Neil", "maryann.oneil"),
    ],
)
def test_address_is_plain_ascii(given: str, family: str, local: str) -> None:
    assert Names().address(given, family, "acme.example") == f"{local}@acme.example"


def test_name_depends_on_its_own_number_only() -> None:
    names = Names()
    first = names.draw("de_DE", 11)
    names.draw("de_DE", 12)
    assert names.draw("de_DE", 11) == first


def test_japanese_names_are_romanized() -> None:
    given, family = Names().draw("ja_JP", 5)
    assert given.isascii()
    assert family.isascii()
