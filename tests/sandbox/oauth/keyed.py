"""A client that signs (`keyed`), and how it asks for a token; the key of OTHER is not its own."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests import builders
from tests.assertions import Signer, claims, form
from tests.sandbox.oauth.journey import Journey

GRANT = {"grant_type": "client_credentials"}
SIGNER, OTHER = Signer(), Signer()


def a_key_client(client_id: str = "keyed", **given: Any) -> None:
    usual = {"auth_method": "private_key_jwt", "secret_hash": None, "jwks": SIGNER.jwks}
    builders.a_client(client_id, **{**usual, **given})


def ask(go: Journey, assertion: str, **fields: str) -> TestResponse:
    return go.token(auth=None, **form(assertion, **GRANT, **fields))


def asked(go: Journey, **changes: Any) -> TestResponse:
    """Ask with a well-signed assertion of these claims."""
    return ask(go, SIGNER.sign(claims("keyed", **changes)))


def assert_refused(answer: TestResponse) -> None:
    body = answer.get_json()
    assert (answer.status_code, body["error"]) == (401, "invalid_client"), body
    assert body["error_description"].endswith(").")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
