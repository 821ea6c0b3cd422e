"""The FAPI 2.0 Security Profile, for clients whose `profile` is `fapi2`: a list of checks, and no special case elsewhere.

What it wants and everybody gets already is not repeated here: PKCE with S256, single-use codes, `iss`, confidential clients
by the method of authentication, redirects with 303. The list stands on top of the specifications, so its members refuse
only; they do nothing for other clients. That refresh tokens stay the same is `RegisteredClient.rotates`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, OAuth2Error, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import BaseGrant
from flask import current_app

from sandbox.access.client import FAPI2, Client
from sandbox.foundation.clock import wall_seconds
from sandbox.oauth.assertion import UnusableAssertion, open_assertion
from sandbox.oauth.errors import ClientAuthenticationFailed, InvalidDpopProof, InvalidRequestObject
from sandbox.oauth.request import ProtocolRequest

ALGORITHMS: Final = frozenset({"ES256", "PS256", "EdDSA"})
SENDER_CONSTRAINED: Final = frozenset({"DPoP"})
CODE_SECONDS: Final = 60
PUSHED_SECONDS: Final = 599
LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Check:
    """What must hold, and the refusal when it does not."""

    holds: Callable[[Any], bool]
    error: type[OAuth2Error]
    reason: str
    paragraph: str


class Fapi:
    """Holds the clients of the profile to it, at the authorization endpoint, at the push and at the token endpoint."""

    def __call__(self, grant: BaseGrant) -> None:
        """Attach to a grant."""
        grant.register_hook("after_validate_authorization_request_payload", lambda one, _: _hold(one, AT_AUTHORIZATION))
        grant.register_hook("before_create_token_response", lambda one: _hold(one, BEFORE_TOKENS))
        grant.register_hook("after_create_token_response", _check_answer)


def check_client(request: ProtocolRequest, client: Client) -> None:
    """Hold a client that authenticated to the profile, at whatever endpoint; raises OAuth2Error."""
    if client.profile == FAPI2:
        _go_through(OF_CLIENTS, (request, client))


def lifetime_of_push(client: Client, seconds: int) -> int:
    """Tell for how many seconds a pushed request of a client may wait: less than 600 by the profile (section 5.3.2.2)."""
    return min(seconds, PUSHED_SECONDS) if client.profile == FAPI2 else seconds


def _hold(grant: BaseGrant, checks: Iterable[Check]) -> None:
    if grant.request.client.record.profile == FAPI2:
        _go_through(checks, grant)


def _check_answer(grant: BaseGrant, result: tuple[int, dict[str, Any], object]) -> None:
    """Look at the answer itself, since what binds tokens to a key is another extension's; a refusal undoes it all."""
    if grant.request.client.record.profile == FAPI2:
        _go_through(OF_ANSWERS, result[1])


def _go_through(checks: Iterable[Check], subject: Any) -> None:
    for check in checks:
        if not check.holds(subject):
            raise check.error(f"{check.reason} (FAPI 2.0 Security Profile section {check.paragraph}).")


def _signs_well(asked: tuple[ProtocolRequest, Client]) -> bool:
    assertion = asked[0].form.get("client_assertion")
    return assertion is None or _algorithm_of(assertion) in ALGORITHMS


def _is_registered_well(asked: tuple[ProtocolRequest, Client]) -> bool:
    options = asked[1].options
    return {value for name, value in options.items() if name.endswith("signing_alg")} | {
        value for name, value in options.items() if name.endswith("signed_response_alg")
    } <= ALGORITHMS


def _has_secure_redirect(grant: BaseGrant) -> bool:
    """Want https; http on loopback is for native apps, and for practice on one machine."""
    parts = urlsplit(grant.request.payload.data.get("redirect_uri", ""))
    return parts.scheme != "http" or parts.hostname in LOOPBACK


def _has_fresh_code(grant: BaseGrant) -> bool:
    if (code := getattr(grant.request, "authorization_code", None)) is None:
        return True
    issued_at = code.expires_at - current_app.config["SETTINGS"].authorization_code_seconds
    return bool(wall_seconds() - issued_at <= CODE_SECONDS)


def _proves_well(grant: BaseGrant) -> bool:
    proof = grant.request.headers.get("DPoP")
    return proof is None or _algorithm_of(proof) in ALGORITHMS


def _algorithm_of(value: str) -> object:
    """Read the algorithm that a JWT names; whether it is genuine is checked where it is used."""
    try:
        return open_assertion(value).header.get("alg")
    except UnusableAssertion:
        return None


OF_CLIENTS: Final = (
    Check(
        lambda asked: asked[0].auth_method == "private_key_jwt",
        ClientAuthenticationFailed,
        "This client authenticates with private_key_jwt only",
        "5.3.2.1",
    ),
    Check(_signs_well, ClientAuthenticationFailed, "The assertion must be signed with ES256, PS256 or EdDSA", "5.4.1"),
    Check(_is_registered_well, UnauthorizedClientError, "The client is registered with a weak algorithm", "5.4.1"),
)
AT_AUTHORIZATION: Final = (
    Check(lambda grant: grant.request.asked.pushed, InvalidRequestError, "Push this request to /oauth/par", "5.3.2.2"),
    Check(
        lambda grant: grant.request.asked.signed in {None, *ALGORITHMS},
        InvalidRequestObject,
        "The request object must be signed with ES256, PS256 or EdDSA",
        "5.4.1",
    ),
    Check(
        lambda grant: "redirect_uri" in grant.request.payload.data,
        InvalidRequestError,
        "The redirect_uri must be named",
        "5.3.2.2",
    ),
    Check(_has_secure_redirect, InvalidRequestError, "The redirect_uri must be https", "5.3.2.2"),
)
BEFORE_TOKENS: Final = (
    Check(_has_fresh_code, InvalidGrantError, "The code is older than a minute", "5.3.2.1"),
    Check(_proves_well, InvalidDpopProof, "The proof must be signed with ES256, PS256 or EdDSA", "5.4.1"),
)
OF_ANSWERS: Final = (
    Check(
        lambda answer: answer["token_type"] in SENDER_CONSTRAINED,
        InvalidRequestError,
        "Tokens of this client are bound to a key; send a DPoP proof",
        "5.3.2.1",
    ),
)
