"""What Authlib sees of an HTTP request: one set of parameters, from one place, each given once.

Authlib's own reads query and body together (RFC 6749 §3.2 and §2.3.1 want the body only at POST endpoints) and lets
repeated parameters pass (§3.1, §3.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload, OAuth2Request
from flask import Request
from werkzeug.datastructures import MultiDict

from sandbox.access.terms import NO_TERMS, Terms

FORM = "application/x-www-form-urlencoded"
REPEATABLE = frozenset({"resource", "audience"})  # RFC 8707 §2, RFC 8693 §2.1

Parameters = MultiDict[str, str]


class Payload(OAuth2Payload):
    """Parameters that passed; one without a value counts as left out (RFC 6749 §3.1)."""

    def __init__(self, parameters: Parameters) -> None:
        for name, values in parameters.lists():
            if any(not text.isprintable() for text in (name, *values)):
                raise InvalidRequestError(
                    "A parameter contains control characters or malformed text (RFC 6749 appendix A)."
                )
            if len(values) > 1 and name not in REPEATABLE:
                raise InvalidRequestError("A parameter is given more than once (RFC 6749 section 3.2).")
        self.given = parameters

    @cached_property
    def data(self) -> dict[str, str]:
        """Every parameter that has a value."""
        return {name: value for name, value in self.given.items() if value}

    @cached_property
    def datalist(self) -> dict[str, list[str]]:
        """The same, with all values of a repeatable one."""
        return {name: [value for value in values if value] for name, values in self.given.lists()}


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a request that count, and how they came.

    `pushed` names the request that was pushed before (RFC 9126), `signed` the algorithm of the request object that they
    were in (RFC 9101); both are None for plain parameters.
    """

    parameters: Parameters
    pushed: str | None = None
    signed: str | None = None


class ProtocolRequest(OAuth2Request):
    """A request to an OAuth endpoint; `form` and `payload.data` are the same parameters, `asked` says how they came.

    `terms` is what extensions found asked for; at the token endpoint a grant begins with what was granted.

    `public_uri` is the address that the client used, also behind a proxy that ends TLS. Authlib refuses one that is
    neither https nor loopback, unless `cleartext` allows it (a container network without certificates).
    """

    def __init__(self, request: Request, asked: Asked, *, public_uri: str, cleartext: bool) -> None:
        super().__init__(request.method, f"https:{public_uri.partition(':')[2]}" if cleartext else public_uri)
        self.uri = public_uri
        self.headers = request.headers
        self.asked = asked
        self.payload = Payload(asked.parameters)
        self.terms: Terms = NO_TERMS

    @property
    def form(self) -> dict[str, str]:
        """The parameters."""
        return self.payload.data


def read_form(request: Request) -> Parameters:
    """Read the form body of a POST; raises InvalidRequestError for any other kind of body."""
    if request.mimetype != FORM:
        raise InvalidRequestError(f"Send the parameters in the body, as {FORM} (RFC 6749 appendix B).")
    return request.form
