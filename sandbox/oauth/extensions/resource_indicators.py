"""Resource indicators (RFC 8707): so far there is one resource, the native API, which is also the default."""

from __future__ import annotations

from authlib.oauth2.rfc6749.grants import BaseGrant

from sandbox.http.tenant_routing import native_api
from sandbox.oauth.errors import InvalidTarget


class ResourceIndicators:
    """Refuses tokens for a resource that none are issued for, at either endpoint."""

    def __call__(self, grant: BaseGrant) -> None:
        """Check every request of this grant."""
        grant.register_hook("after_validate_authorization_request_payload", _check)
        grant.register_hook("before_create_token_response", _check)


def _check(grant: BaseGrant, *_: object) -> None:
    asked = grant.request.payload.datalist.get("resource", [])
    if any(resource != native_api() for resource in asked):
        raise InvalidTarget("Tokens are issued for the API of this server only; leave resource out.")
