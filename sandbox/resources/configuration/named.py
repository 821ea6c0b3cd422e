"""Kinds of lists whose items are names of something: people, domains, clients, files. Each item is in it at most once.

A name is checked for its form only: whom a list lets in may not be there yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from sandbox.resources.configuration.kind import Allowed, Fault, is_mail_address, item_faults

_DOMAIN = r"^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$"
_FILE_TYPE = r"^[a-z0-9]{1,10}$"
_SCOPE = r"^[a-z][a-z_-]*(:[a-z]+)?$"
_CLIENT_ID = r"^[!-~]{1,300}$"


@dataclass(frozen=True, slots=True)
class MailAddresses:
    """Mail addresses, in lower case as people are kept."""

    type: ClassVar[str] = "list"
    allowed: ClassVar[Allowed] = None

    def faults(self, value: Any) -> Iterator[Fault]:
        """Accept a list of bare addresses."""
        yield from item_faults(value, _mail_faults)

    def json_schema(self) -> dict[str, Any]:
        """Describe it."""
        return {"type": "array", "items": {"type": "string", "format": "email"}, "uniqueItems": True}


@dataclass(frozen=True, slots=True)
class _Names:
    """Words of one form."""

    type: ClassVar[str] = "list"
    allowed: ClassVar[Allowed] = None
    pattern: ClassVar[str]
    example: ClassVar[str]

    def faults(self, value: Any) -> Iterator[Fault]:
        """Accept a list of words that have the form as a whole."""
        yield from item_faults(value, self._item_faults)

    def json_schema(self) -> dict[str, Any]:
        """Describe it."""
        return {"type": "array", "items": {"type": "string", "pattern": self.pattern}, "uniqueItems": True}

    def _item_faults(self, item: Any) -> Iterator[Fault]:
        # A dollar would let a newline behind it pass.
        if not isinstance(item, str) or re.fullmatch(self.pattern.removesuffix("$"), item) is None:
            yield "", f"{self.example} is expected"


class Domains(_Names):
    """Names of domains, in lower case (RFC 1035 §2.3.1)."""

    pattern, example = _DOMAIN, "a domain such as partner.example, in lower case,"


class FileTypes(_Names):
    """Extensions of file names."""

    pattern, example = _FILE_TYPE, "an extension such as pdf, in lower case and without the dot,"


class Scopes(_Names):
    """Scopes of the API; which there are, the server's metadata lists."""

    pattern, example = _SCOPE, "a scope such as files:write"


class ClientIds(_Names):
    """Client identifiers (RFC 6749 appendix A.1)."""

    pattern, example = _CLIENT_ID, "a client identifier"


def _mail_faults(item: Any) -> Iterator[Fault]:
    if not isinstance(item, str) or not is_mail_address(item) or item != item.lower():
        yield "", "a mail address such as ada@acme.example, in lower case, is expected"
