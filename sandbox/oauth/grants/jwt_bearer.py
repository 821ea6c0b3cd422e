"""JWT bearer: a client acts for a person of whom an issuer that we trust says so (RFC 7523 §2.1, §3.1).

The assertion names the person by address or id, is for this server alone, and counts once. No refresh token: whoever may go
on acting gets another assertion.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError

from sandbox.access.jose import CLIENT_ALGORITHMS
from sandbox.access.permissions import Subject, subject
from sandbox.http.tenant_routing import issuer
from sandbox.oauth import tokens
from sandbox.oauth.assertion import Assertion, UnusableAssertion, check, open_assertion, use, verify
from sandbox.oauth.capabilities import JWT_BEARER
from sandbox.oauth.client_keys import keys_at
from sandbox.oauth.confidential_grant import ConfidentialGrant
from sandbox.oauth.models.trusted_issuer import find_trusted_issuer
from sandbox.resources.users import service as users

LONGEST_SECONDS: Final = 3600


class JwtBearerGrant(ConfidentialGrant):
    """The grant; what an assertion is depends on its `typ`, of which KINDS knows one."""

    GRANT_TYPE = JWT_BEARER

    def validate_token_request(self) -> None:
        """Check client, scope and assertion, and use that up; raises InvalidGrantError for one that does not count."""
        client = self.authenticate()
        self.scope = self.scope_of(client)
        if (text := self.request.form.get("assertion")) is None:
            raise InvalidRequestError("The assertion is missing (RFC 7523 section 2.1).")
        try:
            assertion = open_assertion(text)
            kind = str(assertion.header.get("typ", "JWT")).lower().removeprefix("application/")
            if (read := KINDS.get(kind)) is None:
                raise UnusableAssertion("its typ is that of another kind of JWT")
            self.person, self.vouching = read(assertion), assertion.claim("iss")
        except UnusableAssertion as error:
            raise InvalidGrantError(f"The assertion cannot be used: {error} (RFC 7523 section 3.1).") from None

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Issue an access token for the person, in a family of its own."""
        client = self.request.client.record
        family = tokens.open_family(client, user_id=self.person.id)
        answer = tokens.issue(
            family,
            client,
            grant_type=self.GRANT_TYPE,
            scope=self.scope,
            terms=self.request.terms,
            details={"issuer": self.vouching},
        )
        return 200, answer, self.TOKEN_RESPONSE_HEADER


def _read_statement(assertion: Assertion) -> Subject:
    """Read the statement of a trusted issuer about a person, in the order of trust; raises UnusableAssertion."""
    known = find_trusted_issuer(assertion.claim("iss"))
    if known is None:
        raise UnusableAssertion("its issuer is not trusted here")
    keys = keys_at(known.jwks, known.jwks_uri, assertion.kid)
    verify(assertion, keys, algorithms=CLIENT_ALGORITHMS, types={"jwt"})
    check(assertion.claims, audiences={issuer()}, longest_seconds=LONGEST_SECONDS)
    person = _person(assertion.claim("sub"))
    if person is None or not person.is_active:
        raise UnusableAssertion("its subject is nobody who is active here")
    use("jwt-bearer", assertion)
    return person


def _person(name: str) -> Subject | None:
    """Find a person by address or id."""
    found = users.find_by_email(name) if "@" in name else None
    return subject(found.id if found else name)


KINDS: Final[dict[str, Callable[[Assertion], Subject]]] = {"jwt": _read_statement}
