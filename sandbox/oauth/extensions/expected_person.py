"""Whom a client expects at the browser: `id_token_hint`, or `sub` of the `claims` parameter (OpenID Connect Core §3.1.2.1).

The hint is an ID token of ours for this very client. Its age does not matter, since it says who was there, not who is.
"""

from __future__ import annotations

from collections.abc import Mapping

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.grants import BaseGrant

from sandbox.oauth.claims_request import read_claims_request
from sandbox.oauth.id_token_hint import read_hint


class ExpectedPerson:
    """Refuses a hint that is none."""

    def __call__(self, grant: BaseGrant) -> None:
        """Attach to a grant of the authorization endpoint."""
        grant.register_hook("after_validate_authorization_request_payload", _check)


def _check(grant: BaseGrant, redirect_uri: str) -> None:
    expected_subject(grant.request.payload.data, grant.request.client.record.id)


def expected_subject(parameters: Mapping[str, str], client_id: str) -> str | None:
    """Tell whose sign-in alone will do; None if anybody's will. Raises InvalidRequestError for a hint that is not ours."""
    wanted = (read_claims_request(parameters.get("claims")).id_token.get("sub") or {}).get("value")
    if (hint := parameters.get("id_token_hint")) is not None:
        return _read(hint, client_id)
    return wanted if isinstance(wanted, str) else None


def _read(hint: str, client_id: str) -> str:
    known = read_hint(hint)
    if known is None or known.client.id != client_id:
        raise InvalidRequestError(
            "The id_token_hint is no ID token of this server for this client (OpenID Connect Core section 3.1.2.1)."
        )
    return known.user_id
