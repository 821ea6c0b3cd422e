"""Rich authorization requests (RFC 9396): permissions finer than a scope, as JSON objects of a known type.

Asked at the authorization endpoint, they bound everything that comes of the code; asked at the token endpoint, they narrow
one access token (§6). The client credentials grant, where nobody consented before, may ask for any.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import orjson
from authlib.oauth2.rfc6749.grants import BaseGrant
from marshmallow import Schema, ValidationError

from sandbox.access.client import Client
from sandbox.access.terms import Details
from sandbox.http.tenant_routing import native_api
from sandbox.oauth.capabilities import is_on
from sandbox.oauth.detail_types import TYPES, Detail, covers
from sandbox.oauth.errors import InvalidAuthorizationDetails

LONGEST_CHARACTERS: Final = 8192
MOST: Final = 20


class AuthorizationDetails:
    """Keeps the details of an authorization request, and narrows those of a token request."""

    def __call__(self, grant: BaseGrant) -> None:
        """Attach to a grant, at either endpoint."""
        grant.register_hook("after_validate_authorization_request_payload", _ask)
        grant.register_hook("before_create_token_response", _narrow)


def _ask(grant: BaseGrant, redirect_uri: str) -> None:
    grant.request.terms = replace(grant.request.terms, authorization_details=_asked(grant))


def _narrow(grant: BaseGrant) -> None:
    asked = _asked(grant)
    if grant.granted is not None:
        granted: Details = grant.granted.authorization_details
        if not all(any(covers(one, wanted) for one in granted) for wanted in asked):
            raise InvalidAuthorizationDetails("The details go beyond what was granted (RFC 9396 section 6).")
    if asked:
        grant.request.terms = replace(grant.request.terms, authorization_details=asked)


def _asked(grant: BaseGrant) -> Details:
    text = grant.request.payload.data.get("authorization_details")
    if text is None or not is_on("authorization_details"):
        return ()
    return tuple(_checked(one, grant.request.client.record) for one in _listed(text))


def _listed(text: str) -> list[Any]:
    try:
        listed = orjson.loads(text) if len(text) <= LONGEST_CHARACTERS else None
    except orjson.JSONDecodeError:
        listed = None
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST:
        raise InvalidAuthorizationDetails(
            f"The authorization_details must be a JSON array of 1 to {MOST} objects (RFC 9396 section 2)."
        )
    return listed


def _checked(detail: Any, client: Client) -> Detail:
    kind = detail.get("type") if isinstance(detail, dict) else None
    schema = TYPES.get(kind) if isinstance(kind, str) else None
    if schema is None:
        raise InvalidAuthorizationDetails(f"Each needs a type of {', '.join(TYPES)} (RFC 9396 section 5).")
    if kind not in client.options.get("authorization_details_types", TYPES):
        raise InvalidAuthorizationDetails("The client is not registered for this type (RFC 9396 section 10).")
    checked = _load(schema, detail)
    if not set(checked.get("locations", ())) <= {native_api()}:
        raise InvalidAuthorizationDetails("The locations may name the API of this server alone (RFC 9396 section 2.2).")
    return checked


def _load(schema: Schema, detail: Detail) -> Detail:
    """Validate by the type's schema; the refusal names known fields only, never what was sent."""
    try:
        loaded: Detail = schema.load(detail)
    except ValidationError as error:
        wrong = sorted(error.messages_dict.keys() & schema.fields.keys()) or ["a field that the type does not have"]
        reason = f"The details of a {detail['type']} cannot be used because of {', '.join(wrong)}"
        raise InvalidAuthorizationDetails(f"{reason} (RFC 9396 section 5).") from None
    return loaded
