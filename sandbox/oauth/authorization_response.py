"""The answer of the authorization endpoint on its way through the browser: in the redirect's query, or in a form.

Success and refusal take the same way, and both say who answers (RFC 6749 §4.1.2, RFC 9207 §2).
"""

from __future__ import annotations

from collections.abc import Mapping

from authlib.common.urls import add_params_to_uri
from flask import Response

from sandbox.oauth.capabilities import FORM_POST, is_on
from sandbox.oauth.extensions.form_post import post_back
from sandbox.oauth.extensions.issuer import name_issuer
from sandbox.oauth.refusals import NO_STORE


def deliver(redirect_uri: str, answer: Mapping[str, str | None], *, mode: str | None) -> Response:
    """Send an answer to a redirect URI that was checked: 303 (RFC 9700 §4.12), or a page whose form goes there."""
    named = name_issuer({name: value for name, value in answer.items() if value})
    if mode == FORM_POST and is_on(FORM_POST):
        return post_back(redirect_uri, named)
    return Response(status=303, headers={**NO_STORE, "Location": add_params_to_uri(redirect_uri, list(named.items()))})
