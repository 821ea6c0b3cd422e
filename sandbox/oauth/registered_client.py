"""Our client as Authlib wants to see it; `access.client` itself knows nothing of Authlib."""

from __future__ import annotations

import re

from authlib.oauth2.rfc6749 import ClientMixin

from sandbox.access.client import FAPI2, Client
from sandbox.access.scopes import parse_scope, write_scope

_LOOPBACK = re.compile(r"http://(?P<host>127\.0\.0\.1|\[::1\])(?P<port>:[0-9]{1,5})?(?P<rest>/[!-~]*)?")


class RegisteredClient(ClientMixin):
    """A client of the present tenant, with the questions that grants ask about it."""

    def __init__(self, client: Client) -> None:
        self.record = client

    @property
    def is_public(self) -> bool:
        """Whether it cannot keep a secret, so that its identity is a claim only."""
        return self.record.auth_method == "none"

    @property
    def rotates(self) -> bool:
        """Whether each refresh gives a new refresh token.

        That is how a leaked one is noticed; but an answer that is lost costs the client everything, so that FAPI 2.0 wants
        none of it for clients that prove who they are with each refresh (Security Profile section 5.3.2.1).
        """
        return self.is_public or self.record.profile != FAPI2

    def get_client_id(self) -> str:
        """Tell its identifier."""
        return self.record.id

    def get_default_redirect_uri(self) -> str | None:
        """Tell where to redirect when a request does not say; only if there is no choice (RFC 6749 §3.1.2.3)."""
        return self.record.redirect_uris[0] if len(self.record.redirect_uris) == 1 else None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Tell what is asked in the catalog's order; None if nothing is asked, or more than it is registered for."""
        asked = parse_scope(scope)
        return write_scope(asked) if asked and asked <= self.record.scopes else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Compare exactly, character by character, but for the port of a loopback IP literal (RFC 8252 §7.3)."""
        registered = self.record.redirect_uris
        return redirect_uri in registered or any(_differ_in_port(redirect_uri, known) for known in registered)

    def check_response_type(self, response_type: str) -> bool:
        """Tell whether it may use the authorization endpoint."""
        return response_type == "code" and self.check_grant_type("authorization_code")

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether it is registered for a grant."""
        return grant_type in self.record.grant_types


def _differ_in_port(asked: str, registered: str) -> bool:
    here, there = _LOOPBACK.fullmatch(asked), _LOOPBACK.fullmatch(registered)
    if here is None or there is None:
        return False
    return (here["host"], here["rest"]) == (there["host"], there["rest"]) and int((here["port"] or ":80")[1:]) < 65536
