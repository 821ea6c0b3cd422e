"""`private_key_jwt`: the client signs an assertion about itself, and no secret ever travels (RFC 7523 §2.2, §3).

It is for this server alone, at most five minutes ahead, and used once, whatever becomes of the request.
"""

from __future__ import annotations

from typing import Final

from sandbox.access.client import Client
from sandbox.access.jose import CLIENT_ALGORITHMS
from sandbox.http.tenant_routing import issuer
from sandbox.oauth.assertion import Assertion, UnusableAssertion, check, open_assertion, use, verify
from sandbox.oauth.capabilities import is_on
from sandbox.oauth.client_auth.presented import Presented
from sandbox.oauth.client_keys import keys_of
from sandbox.oauth.errors import ClientAuthenticationFailed
from sandbox.oauth.request import ProtocolRequest

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_SECONDS: Final = 300
TYPES: Final = frozenset({"jwt", "client-authentication+jwt"})
LEGACY_AUDIENCE: Final = "token_endpoint_as_audience"
"""The option of a client whose library names the token endpoint, as RFC 7523 §3 once recommended."""


def from_body(request: ProtocolRequest) -> Presented | None:
    """Read `client_assertion`; raises ClientAuthenticationFailed for one that cannot be read, or speaks of two clients."""
    form = request.form
    if "client_assertion" not in form and "client_assertion_type" not in form:
        return None
    if not is_on("private_key_jwt"):
        raise _refusal("authentication by assertion is off", "RFC 8414 section 2")
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise _refusal(f"the client_assertion_type must be {ASSERTION_TYPE}", "RFC 7523 section 2.2")
    try:
        assertion = open_assertion(form.get("client_assertion", ""))
    except UnusableAssertion as error:
        raise _refusal(str(error), "RFC 7523 section 3") from None
    client_id = assertion.claim("sub")
    if not client_id or assertion.claim("iss") != client_id:
        raise _refusal("its iss and its sub must both be the client_id", "RFC 7523 section 3")
    if form.get("client_id", client_id) != client_id:
        raise _refusal("the client_id of the body is another one", "RFC 7521 section 4.2", client_id)
    return Presented("private_key_jwt", client_id, lambda client: _proves(assertion, client))


def _proves(assertion: Assertion, client: Client) -> bool:
    """Tell whether the client signed it; raises ClientAuthenticationFailed where it did, but not as it should.

    Only who holds the key learns more than "no".
    """
    try:
        keys = keys_of(client, assertion.kid)
        verify(assertion, keys, algorithms=_algorithms(client), types=TYPES)
    except UnusableAssertion:
        return False
    try:
        check(assertion.claims, audiences=_audiences(client), longest_seconds=LONGEST_SECONDS)
        use("client-assertion", assertion)
    except UnusableAssertion as error:
        raise _refusal(str(error), "RFC 7523 section 3", client.id) from None
    return True


def _algorithms(client: Client) -> frozenset[str]:
    """List what the client may sign with: one, if it registered one."""
    allowed, pinned = frozenset(CLIENT_ALGORITHMS), client.options.get("token_endpoint_auth_signing_alg")
    return allowed if pinned is None else allowed & {pinned}


def _audiences(client: Client) -> frozenset[str]:
    legacy = client.options.get(LEGACY_AUDIENCE) is True
    return frozenset({issuer(), f"{issuer()}/oauth/token"} if legacy else {issuer()})


def _refusal(reason: str, rule: str, client_id: str | None = None) -> ClientAuthenticationFailed:
    return ClientAuthenticationFailed(f"The client_assertion cannot be used: {reason} ({rule}).", client_id=client_id)
