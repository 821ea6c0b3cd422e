"""What a client may say of itself in its own document (OAuth Client ID Metadata Document §4, names of RFC 7591 §2).

Nothing that could be kept secret is in a public document, so such a client is public or signs. It acts for people only.
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.access.jose import CLIENT_ALGORITHMS, PRIVATE_MEMBERS
from sandbox.access.scopes import EVERYTHING, parse_scope, write_scope
from sandbox.http.plain_url import read_url
from sandbox.oauth.capabilities import DEVICE_CODE, grant_types
from sandbox.oauth.client_keys import keys_at
from sandbox.oauth.registration_addresses import LONGEST, web_fault
from sandbox.oauth.registration_rules import LONGEST_NAME, MOST

METHODS: Final = ("none", "private_key_jwt")
GRANTS: Final = frozenset({"authorization_code", "refresh_token", DEVICE_CODE})  # Those for people.
SECRETS: Final = frozenset({"client_secret", "client_secret_expires_at"})
_ADDRESSES: Final = ("client_uri", "logo_uri", "policy_uri", "tos_uri")
_FLAGS: Final = ("dpop_bound_access_tokens", "require_pushed_authorization_requests")


class UnusableDocument(Exception):
    """The document does not describe a client; the message says why, in our own words."""


def read_document(document: dict[str, Any], client_id: str) -> dict[str, Any]:
    """Give the columns of the client that a document describes; raises UnusableDocument."""
    if document.get("client_id") != client_id:
        raise UnusableDocument("its client_id is not the address that it is found at")
    if document.keys() & SECRETS:
        raise UnusableDocument("it has a secret, which a public document cannot keep")
    method = document.get("token_endpoint_auth_method", "none")
    if method not in METHODS:
        raise UnusableDocument("its token_endpoint_auth_method must be none or private_key_jwt")
    return {
        "name": _text(document, "client_name") or read_url(client_id).host,
        "auth_method": method,
        "grant_types": _grant_types(document),
        "redirect_uris": _redirect_uris(document),
        "scope": _scope(document),
        **_keys(document, signs=method == "private_key_jwt"),
        "options": _options(document),
    }


def _text(document: dict[str, Any], name: str, longest: int = LONGEST_NAME) -> str:
    value = document.get(name, "")
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise UnusableDocument(f"its {name} is not a text of at most {longest} characters")
    return value


def _grant_types(document: dict[str, Any]) -> list[str]:
    asked = document.get("grant_types", ["authorization_code"])
    known = GRANTS & set(grant_types())
    if not isinstance(asked, list) or not all(isinstance(name, str) and name in known for name in asked):
        raise UnusableDocument(f"its grant_types may be {', '.join(sorted(known))}")
    if "authorization_code" not in asked or document.get("response_types", ["code"]) != ["code"]:
        raise UnusableDocument("its grant_types must name authorization_code, its response_types code alone")
    return list(dict.fromkeys(asked))


def _redirect_uris(document: dict[str, Any]) -> list[str]:
    asked = document.get("redirect_uris")
    if not isinstance(asked, list) or not 0 < len(asked) <= MOST or not all(map(_is_web_address, asked)):
        raise UnusableDocument(
            f"its redirect_uris must be 1 to {MOST} addresses, each https, or http on 127.0.0.1, [::1] or localhost"
        )
    return list(dict.fromkeys(asked))


def _is_web_address(address: Any) -> bool:
    return isinstance(address, str) and web_fault(address) is None


def _scope(document: dict[str, Any]) -> str:
    """Take what it asks for, or else all there is: what it gets, people decide on the consent page."""
    asked = parse_scope(_text(document, "scope", LONGEST)) or EVERYTHING
    if not asked <= EVERYTHING:
        raise UnusableDocument("its scope names something that is not in the scopes_supported of this server")
    return write_scope(asked)


def _keys(document: dict[str, Any], *, signs: bool) -> dict[str, Any]:
    jwks, jwks_uri = document.get("jwks"), document.get("jwks_uri")
    if signs and (jwks is None) == (jwks_uri is None):
        raise UnusableDocument("a client that signs has either jwks or jwks_uri")
    if jwks is not None and (not isinstance(jwks, dict) or not keys_at(jwks, None, None) or _is_private(jwks)):
        raise UnusableDocument("its jwks must hold public keys that verify signatures, and nothing private")
    if jwks_uri is not None and not _is_web_address(jwks_uri):
        raise UnusableDocument("its jwks_uri must be an address of https, or of http on loopback")
    return {"jwks": jwks, "jwks_uri": jwks_uri}


def _is_private(jwks: dict[str, Any]) -> bool:
    return any(isinstance(key, dict) and PRIVATE_MEMBERS & key.keys() for key in jwks["keys"])


def _options(document: dict[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {name: document[name] for name in _ADDRESSES if _is_web_address(document.get(name))}
    options |= {name: True for name in _FLAGS if document.get(name) is True}
    if (algorithm := document.get("token_endpoint_auth_signing_alg")) is not None:
        if algorithm not in CLIENT_ALGORITHMS:
            raise UnusableDocument(f"its token_endpoint_auth_signing_alg may be {', '.join(CLIENT_ALGORITHMS)}")
        options["token_endpoint_auth_signing_alg"] = algorithm
    return options
