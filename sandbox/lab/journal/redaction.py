"""What of a request and its answer may be seen: never a secret, but its kind and a short hash, so that equal ones match.

The hash is keyed with the server's own secret, since a plain one would let anybody try passwords. A parameter of a form or
query that nobody knows is hidden too: a secret under a misspelt name is still one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from sandbox.foundation.server_facts import derive_key
from sandbox.lab.named_client import basic

LONGEST = 2000
_SECRET = re.compile(r"(^|_)(token|secret|password|assertion|code|verifier|jwt|hint|ticket|cookie)$|^request(_uri)?$")
_PUBLIC = frozenset(
    [
        *("client_id", "grant_type", "scope", "redirect_uri", "response_type", "response_mode", "state", "nonce"),
        *(
            "code_challenge",
            "code_challenge_method",
            "prompt",
            "max_age",
            "display",
            "ui_locales",
            "acr_values",
            "claims",
        ),
        *("resource", "audience", "authorization_details", "requested_token_type", "token_type_hint", "dpop_jkt"),
        *("subject_token_type", "actor_token_type", "client_assertion_type", "iss", "error", "error_description"),
        *("decision", "email", "cursor", "limit", "order", "since", "until"),
    ]
)
_LEADING = re.compile(r"(?P<scheme>[A-Za-z]+) +(?P<rest>.+)", re.DOTALL)


def hidden(kind: str, value: str) -> str:
    """Show a secret as its kind and a short hash."""
    digest = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), key=derive_key("lab journal"), digest_size=4)
    return f"<{kind} {digest.hexdigest()}>"


def parameters(given: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Show the parameters of a form or query; a repeated one as a list."""
    shown: dict[str, Any] = {}
    for name, value in given:
        public = name in _PUBLIC
        name, value = _short(name), _short(value) if public else hidden(name if _is_secret(name) else "unknown", value)
        shown[name] = [*_listed(shown[name]), value] if name in shown else value
    return shown


def document(value: Any, name: str = "", *, public: str = "") -> Any:
    """Show a JSON document; a member whose name tells of a secret is hidden, but for one that is `public` here."""
    if isinstance(value, dict):
        return {key: document(inner, "" if key == public else key, public=public) for key, inner in value.items()}
    if isinstance(value, list):
        return [document(inner, name, public=public) for inner in value]
    if isinstance(value, str):
        return hidden(name, value) if _is_secret(name) else _short(value)
    return value


def authorization(header: str) -> str:
    """Show an Authorization header: the scheme, the name of a Basic client, and hashes."""
    match = _LEADING.match(header)
    if match is None:
        return hidden("authorization", header)
    scheme, rest = match["scheme"], match["rest"].strip()
    client_id, secret = basic(rest) if scheme.lower() == "basic" else ("", "")
    shown = f"{_short(client_id)}:{hidden('client_secret', secret)}" if client_id else hidden("token", rest)
    return f"{scheme} {shown}"


def address(location: str) -> str:
    """Show an address with its query redacted; a fragment is left out."""
    parts = urlsplit(location)
    query = parameters(parse_qsl(parts.query, keep_blank_values=True))
    return urlunsplit(parts._replace(query=urlencode(query, doseq=True, safe="<> :/", quote_via=quote), fragment=""))


def _is_secret(name: str) -> bool:
    return _SECRET.search(name) is not None


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
