"""Step-up: how strongly a person should have signed in for this request (RFC 9470 §4, OpenID Connect Core §3.1.2.1).

`acr_values` are a wish, in order of preference, and the tokens say what was reached. Only an essential `acr` of the
`claims` parameter is a condition (§5.5.1.1): who cannot meet it gets no code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from authlib.oauth2.rfc6749.grants import BaseGrant

from sandbox.access.acr import LEVELS
from sandbox.oauth.capabilities import is_on
from sandbox.oauth.claims_request import read_claims_request
from sandbox.oauth.errors import UnmetAuthenticationRequirements


@dataclass(frozen=True, slots=True)
class Wish:
    """Levels that would do, the preferred one first; levels of others are left out."""

    levels: tuple[str, ...] = ()
    is_essential: bool = False


class StepUp:
    """Refuses a condition that nobody can meet here."""

    def __call__(self, grant: BaseGrant) -> None:
        """Attach to a grant of the authorization endpoint."""
        grant.register_hook("after_validate_authorization_request_payload", _check)


def _check(grant: BaseGrant, redirect_uri: str) -> None:
    wish = wished(grant.request.payload.data)
    if wish.is_essential and not wish.levels:
        raise unmet()


def wished(parameters: Mapping[str, str]) -> Wish:
    """Read what a request wishes; raises InvalidRequestError for a malformed `claims` parameter."""
    if not is_on("step_up"):
        return Wish()
    acr = read_claims_request(parameters.get("claims")).acr
    values = acr["values"] if isinstance(acr.get("values"), list) else [acr["value"]] if "value" in acr else []
    if not values:
        return Wish(_known(parameters.get("acr_values", "").split()))
    return Wish(_known(values), is_essential=acr.get("essential") is True)


def unmet() -> UnmetAuthenticationRequirements:
    """Give the refusal of a condition."""
    return UnmetAuthenticationRequirements(
        "Nobody, or not this person, can sign in as strongly as this request demands (RFC 9470 section 5)."
    )


def _known(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str) and value in LEVELS)
