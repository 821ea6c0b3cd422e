"""The rules of client metadata (RFC 7591 §2 and the specifications that add to it): what makes a client, and what does not.

`read` takes what a stranger sent, and gives what will be registered: known members only, each of its type, defaults filled
in, consistent with one another. `sandbox client create` asks here too. Values that were sent are never repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from authlib.oauth2.rfc6749 import OAuth2Error
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet, RSAKey

from sandbox.access.jose import CLIENT_ALGORITHMS, KEY_KINDS, OUR_ALGORITHMS, PRIVATE_MEMBERS, RSA_BITS
from sandbox.access.keys import ALGORITHM
from sandbox.access.scopes import MEMBER, parse_scope, write_scope
from sandbox.oauth.capabilities import CLIENT_AUTH_METHODS
from sandbox.oauth.errors import InvalidClientMetadata, InvalidRedirectUri
from sandbox.oauth.policies.tokens import grant_types
from sandbox.oauth.registration_addresses import LONGEST, redirect_fault, web_fault

MOST = 20
LONGEST_NAME = 200
LONGEST_STATEMENT = 16_384
_PUBLIC: Final = ("kty", "crv", "x", "y", "n", "e", "kid", "use", "alg")

_REDIRECTS: Final[dict[str, type[OAuth2Error]]] = {
    "redirect_uris": InvalidRedirectUri,
    "post_logout_redirect_uris": InvalidClientMetadata,
}

Reader = Callable[[str, Any], Any]


def read(given: Mapping[str, Any], bounds: frozenset[str]) -> dict[str, Any]:
    """Give the metadata to register, for scopes within `bounds`; raises InvalidClientMetadata, InvalidRedirectUri.

    Members that are unknown are ignored, and null means left out (RFC 7591 §2, RFC 7592 §2.2).
    """
    known = {name: reader(name, given[name]) for name, reader in _READERS.items() if given.get(name) is not None}
    metadata = {**_defaults(known), **known, "scope": _scope(known.get("scope", ""), bounds)}
    _check_flows(metadata)
    _check_redirects(metadata)
    _check_keys(metadata)
    return metadata


def _defaults(known: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what RFC 7591 §2 and OpenID Connect Registration §2 do; the algorithm of ID tokens is ours, and said."""
    grants = known.get("grant_types", ["authorization_code"])
    return {
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": grants,
        "response_types": ["code"] if "authorization_code" in grants else [],
        "redirect_uris": [],
        "application_type": "web",
        "id_token_signed_response_alg": ALGORITHM,
    }


def _scope(asked: str, bounds: frozenset[str]) -> str:
    scopes = parse_scope(asked) or MEMBER & bounds
    if not scopes or not scopes <= bounds:
        raise InvalidClientMetadata(f"The scope may name: {write_scope(bounds)} (RFC 7591 section 2).")
    return write_scope(scopes)


def _check_flows(metadata: Mapping[str, Any]) -> None:
    """Hold grant types, response types and the way of authentication against one another (RFC 7591 §2.1)."""
    grants, by_code = set(metadata["grant_types"]), "authorization_code" in metadata["grant_types"]
    if not grants or not grants <= set(grant_types()):
        raise InvalidClientMetadata(f"The grant_types may be {', '.join(grant_types())} (RFC 7591 section 2).")
    if metadata["response_types"] != (["code"] if by_code else []):
        raise InvalidClientMetadata(
            "The response_types are code with the grant type authorization_code, none without (RFC 7591 section 2.1)."
        )
    if _is_public_client(metadata) and "client_credentials" in grants:
        raise InvalidClientMetadata("A public client cannot use client_credentials (RFC 6749 section 4.4).")
    if "refresh_token" in grants and grants <= {"refresh_token", "client_credentials"}:
        raise InvalidClientMetadata("No grant type besides refresh_token would bring one (RFC 7591 section 2.1).")


def _check_redirects(metadata: Mapping[str, Any]) -> None:
    if ("authorization_code" in metadata["grant_types"]) != bool(metadata["redirect_uris"]):
        raise InvalidRedirectUri(
            "The redirect_uris go with the grant type authorization_code, and only with it (RFC 7591 section 2)."
        )
    native = metadata["application_type"] == "native" and _is_public_client(metadata)
    for name, kind in _REDIRECTS.items():
        for number, address in enumerate(metadata.get(name, ()), 1):
            if fault := redirect_fault(address, native=native):
                raise kind(f"Number {number} of the {name} {fault}.")


def _check_keys(metadata: Mapping[str, Any]) -> None:
    if "jwks" in metadata and "jwks_uri" in metadata:
        raise InvalidClientMetadata("Send jwks or jwks_uri, not both (RFC 7591 section 2).")
    method, keyless = metadata["token_endpoint_auth_method"], "jwks" not in metadata and "jwks_uri" not in metadata
    if method == "private_key_jwt" and keyless:
        raise InvalidClientMetadata("The method private_key_jwt needs jwks or jwks_uri (RFC 7591 section 2).")


def _is_public_client(metadata: Mapping[str, Any]) -> bool:
    method: str = metadata["token_endpoint_auth_method"]
    return method == "none"


def _text(name: str, value: Any, longest: int = LONGEST_NAME) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
        raise InvalidClientMetadata(f"The {name} must be a text of 1 to {longest} characters (RFC 7591 section 2).")
    return value


def _scope_text(name: str, value: Any) -> str:
    return _text(name, value, LONGEST) if value != "" else ""


def _statement(name: str, value: Any) -> str:
    return _text(name, value, LONGEST_STATEMENT)


def _address(name: str, value: Any) -> str:
    address = _text(name, value, LONGEST)
    if fault := web_fault(address):
        raise InvalidClientMetadata(f"The {name} {fault}.")
    return address


def _texts(name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > MOST:
        raise InvalidClientMetadata(f"The {name} must be a list of at most {MOST} texts (RFC 7591 section 2).")
    return list(dict.fromkeys(_text(name, item, LONGEST) for item in value))


def _redirect_uris(name: str, value: Any) -> list[str]:
    """Read a list of addresses; what each may be depends on the rest of the metadata."""
    if not isinstance(value, list) or len(value) > MOST or not all(isinstance(item, str) for item in value):
        raise _REDIRECTS[name](f"The {name} must be a list of at most {MOST} texts (RFC 7591 section 2).")
    return list(dict.fromkeys(value))


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidClientMetadata(f"The {name} must be true or false (RFC 7591 section 2).")
    return value


def _seconds(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**9:
        raise InvalidClientMetadata(f"The {name} must be a number of seconds (OpenID Connect Registration section 2).")
    return value


def _one_of(allowed: Collection[str]) -> Reader:
    def choose(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise InvalidClientMetadata(f"The {name} must be one of {', '.join(allowed)} (RFC 7591 section 2).")
        return value

    return choose


def read_keys(value: Any, name: str = "jwks") -> dict[str, Any]:
    """Read a set of public keys, with the members that we know; raises InvalidClientMetadata (RFC 7517 §9.3)."""
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list) or not 0 < len(keys) <= MOST or not all(_is_public(key) for key in keys):
        raise InvalidClientMetadata(
            f"The {name} must hold 1 to {MOST} public keys of type EC, RSA or OKP, nothing private (RFC 7517 section 9.3)."
        )
    kept = [{member: key[member] for member in _PUBLIC if isinstance(key.get(member), str)} for key in keys]
    try:
        imported = KeySet.import_key_set({"keys": kept}).keys
        bits = {key.public_key.key_size for key in imported if isinstance(key, RSAKey)}
    except (JoseError, SecurityWarning, ValueError, TypeError, KeyError):  # The warning, where warnings are errors.
        raise InvalidClientMetadata(f"The {name} holds a key that cannot be read (RFC 7517 section 4).") from None
    if not all(size in RSA_BITS for size in bits):
        raise InvalidClientMetadata(f"The {name} holds an RSA key that is too short or long (RFC 7518 section 3.3).")
    return {"keys": kept}


def _is_public(key: Any) -> bool:
    return isinstance(key, dict) and key.get("kty") in tuple(KEY_KINDS) and not PRIVATE_MEMBERS & key.keys()


_READERS: Final[dict[str, Reader]] = {
    "client_name": _text,
    "application_type": _one_of(("web", "native")),
    "token_endpoint_auth_method": _one_of(CLIENT_AUTH_METHODS),
    "grant_types": _texts,
    "response_types": _texts,
    "redirect_uris": _redirect_uris,
    "scope": _scope_text,
    "jwks": lambda name, value: read_keys(value, name),
    **dict.fromkeys(("contacts", "authorization_details_types"), _texts),
    "post_logout_redirect_uris": _redirect_uris,
    **dict.fromkeys(
        ("jwks_uri", "backchannel_logout_uri", "client_uri", "logo_uri", "policy_uri", "tos_uri"), _address
    ),
    **dict.fromkeys(("software_id", "software_version"), _text),
    "software_statement": _statement,
    "default_max_age": _seconds,
    **dict.fromkeys(("dpop_bound_access_tokens", "require_pushed_authorization_requests"), _flag),
    "backchannel_logout_session_required": _flag,
    **dict.fromkeys(("id_token_signed_response_alg", "access_token_signed_response_alg"), _one_of(OUR_ALGORITHMS)),
    **dict.fromkeys(("userinfo_signed_response_alg", "introspection_signed_response_alg"), _one_of(OUR_ALGORITHMS)),
    **dict.fromkeys(("request_object_signing_alg", "token_endpoint_auth_signing_alg"), _one_of(CLIENT_ALGORITHMS)),
}
