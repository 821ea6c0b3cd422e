"""`response_mode=form_post`: the answer in a form that sends itself (OAuth 2.0 Form Post Response Mode §2).

A code then stands in no address, log or history. The one script of all pages is here, allowed by a nonce; whoever has
scripts off presses the button.
"""

from __future__ import annotations

from flask import Response

from sandbox.foundation.identifiers import new_secret
from sandbox.oauth.pages.page import show


def post_back(redirect_uri: str, answer: dict[str, str]) -> Response:
    """Show the form; values are escaped as HTML by the template."""
    return show("form_post.html", leads_to=redirect_uri, nonce=new_secret(), redirect_uri=redirect_uri, answer=answer)
