"""Terms: what holds for the tokens of one authorization besides client, user and scope.

Each extension of the authorization server sets its own member, grants carry the whole through codes and refresh tokens
without looking inside, and minting and checking read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

IMPERSONATION: Final = "impersonation_id"
"""The member of an actor claim that tells impersonation from delegation."""

Details = tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """Where, for what, by whom and with which key tokens may be used; what is empty is not restricted.

    `resources` are resource indicators (RFC 8707), none means the native API; `authorization_details` those of RFC 9396 §2;
    `jkt` is the thumbprint of the key that tokens are bound to (RFC 9449 §6); `act` the actor claim (RFC 8693 §4.1).
    """

    resources: tuple[str, ...] = ()
    authorization_details: Details = ()
    jkt: str | None = None
    act: dict[str, Any] | None = None

    @property
    def impersonator(self) -> dict[str, Any] | None:
        """The actor who pretends to be the subject, behind whoever acts for both: `sub`, `name`, `email`, the record's id.

        Everybody else in the chain acts for the subject in their own name (RFC 8693 §1.1).
        """
        act = self.act
        while act is not None and IMPERSONATION not in act:
            act = act.get("act")
        return act

    def kept(self) -> dict[str, Any] | None:
        """Write them for a JSON column; None, which costs nothing, if there are none."""
        if self == NO_TERMS:
            return None
        members = {
            "resources": list(self.resources),
            "authorization_details": list(self.authorization_details),
            "jkt": self.jkt,
            "act": self.act,
        }
        return {name: value for name, value in members.items() if value}


NO_TERMS = Terms()


def read_terms(kept: dict[str, Any] | None) -> Terms:
    """Read what `kept` wrote."""
    if not kept:
        return NO_TERMS
    lists = {name: tuple(kept.get(name, ())) for name in ("resources", "authorization_details")}
    return Terms(**lists, jkt=kept.get("jkt"), act=kept.get("act"))
