"""What this authorization server can do: the one table that metadata, assembly and addresses are made of.

A capability that is off (setting `oauth_off`) is neither promised in the metadata nor served; what is not in the table does
not exist. Values of the protocol that several files need are here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from flask import current_app

from sandbox.access.acr import LEVELS
from sandbox.access.jose import CLIENT_ALGORITHMS, OUR_ALGORITHMS, PROOF_ALGORITHMS
from sandbox.oauth.capability import Capability
from sandbox.oauth.detail_types import TYPES
from sandbox.settings import InvalidSetting, Settings

RESPONSE_TYPES: Final = ("code",)
QUERY, FORM_POST = "query", "form_post"
CHALLENGE_METHODS: Final = ("S256",)
PROMPTS: Final = ("none", "login", "consent", "select_account")

DEVICE_CODE: Final = "urn:ietf:params:oauth:grant-type:device_code"

CONFIDENTIAL: Final = ("client_secret_basic", "client_secret_post", "private_key_jwt")
CLIENT_AUTH_METHODS: Final = (*CONFIDENTIAL, "none")
JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - a name

CLAIMS: Final = {
    "openid": ("sub",),
    "profile": ("name", "given_name", "family_name", "zoneinfo", "updated_at"),
    "email": ("email", "email_verified"),
}

CAPABILITIES: Final = (
    Capability(
        "authorization_code",
        "RFC 6749 §4.1",
        grant_types=("authorization_code",),
        endpoints={"authorization_endpoint": "/oauth/authorize", "token_endpoint": "/oauth/token"},
        metadata={
            "response_types_supported": list(RESPONSE_TYPES),
            "response_modes_supported": [QUERY],
            "token_endpoint_auth_methods_supported": list(CLIENT_AUTH_METHODS),
        },
        optional=False,
    ),
    Capability("pkce", "RFC 7636", metadata={"code_challenge_methods_supported": ["S256"]}, optional=False),
    Capability("private_key_jwt", "RFC 7523 §2.2"),
    Capability(
        "client_id_metadata",
        "OAuth Client ID Metadata Document",
        metadata={"client_id_metadata_document_supported": True},
    ),
    Capability("client_credentials", "RFC 6749 §4.4", grant_types=("client_credentials",), optional=False),
    Capability("refresh_token", "RFC 6749 §6", grant_types=("refresh_token",)),
    Capability("jwt_bearer", "RFC 7523 §2.1", grant_types=(JWT_BEARER,)),
    Capability("token_exchange", "RFC 8693", grant_types=(TOKEN_EXCHANGE,)),
    Capability(
        "device_authorization",
        "RFC 8628",
        grant_types=(DEVICE_CODE,),
        endpoints={"device_authorization_endpoint": "/oauth/device_authorization"},
        unnamed=("/device",),
    ),
    Capability(
        "revocation",
        "RFC 7009",
        endpoints={"revocation_endpoint": "/oauth/revoke"},
        metadata={"revocation_endpoint_auth_methods_supported": list(CLIENT_AUTH_METHODS)},
    ),
    Capability(
        "introspection",
        "RFC 7662",
        endpoints={"introspection_endpoint": "/oauth/introspect"},
        metadata={"introspection_endpoint_auth_methods_supported": list(CONFIDENTIAL)},
    ),
    Capability(
        "signed_introspection",
        "RFC 9701",
        metadata={"introspection_signing_alg_values_supported": list(OUR_ALGORITHMS)},
    ),
    Capability(
        "registration",
        "RFC 7591, RFC 7592",
        endpoints={"registration_endpoint": "/oauth/register"},
        unnamed=("/oauth/register/<client_id>",),
    ),
    Capability(
        "issuer_identification",
        "RFC 9207",
        metadata={"authorization_response_iss_parameter_supported": True},
        optional=False,
    ),
    Capability(
        "par",
        "RFC 9126",
        endpoints={"pushed_authorization_request_endpoint": "/oauth/par"},
        from_settings={"require_pushed_authorization_requests": "require_pushed_requests"},
    ),
    Capability(
        "jar",
        "RFC 9101",
        metadata={
            "request_parameter_supported": True,
            "request_object_signing_alg_values_supported": list(CLIENT_ALGORITHMS),
            "request_uri_parameter_supported": False,
        },
        when_off={"request_parameter_supported": False, "request_uri_parameter_supported": False},
    ),
    Capability(
        "authorization_details",
        "RFC 9396",
        metadata={"authorization_details_types_supported": list(TYPES)},
    ),
    Capability(
        FORM_POST,
        "OAuth 2.0 Form Post Response Mode 1.0",
        metadata={"response_modes_supported": [QUERY, FORM_POST]},
    ),
    Capability("fapi2", "FAPI 2.0 Security Profile", optional=False),
    Capability("step_up", "RFC 9470", metadata={"acr_values_supported": list(LEVELS)}),
    Capability(
        "claims",
        "OpenID Connect Core 1.0 §5.5",
        provider={"claims_parameter_supported": True},
        when_off={"claims_parameter_supported": False},
    ),
    Capability(
        "openid",
        "OpenID Connect Core 1.0",
        provider={
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": list(OUR_ALGORITHMS),
            "claim_types_supported": ["normal"],
            "claims_supported": [
                *("iss", "aud", "exp", "iat", "auth_time", "acr", "nonce", "at_hash", "sid"),
                *(claim for claims in CLAIMS.values() for claim in claims),
            ],
            "prompt_values_supported": list(PROMPTS),
        },
        optional=False,
    ),
    Capability(
        "dpop",
        "RFC 9449",
        metadata={"dpop_signing_alg_values_supported": list(PROOF_ALGORITHMS)},
        resource={
            "dpop_signing_alg_values_supported": list(PROOF_ALGORITHMS),
            "dpop_bound_access_tokens_required": False,
        },
    ),
    Capability(
        "signed_userinfo",
        "OpenID Connect Core 1.0 §5.3.2",
        provider={"userinfo_signing_alg_values_supported": list(OUR_ALGORITHMS)},
    ),
    Capability(
        "rp_initiated_logout",
        "OpenID Connect RP-Initiated Logout 1.0",
        endpoints={"end_session_endpoint": "/oauth/logout"},
        provider={"frontchannel_logout_supported": False},
    ),
    Capability(
        "backchannel_logout",
        "OpenID Connect Back-Channel Logout 1.0",
        provider={"backchannel_logout_supported": True, "backchannel_logout_session_supported": True},
        when_off={"backchannel_logout_supported": False},
    ),
)


_BY_NAME: Final = {capability.name: capability for capability in CAPABILITIES}


def refuse_unknown(off: tuple[str, ...]) -> None:
    """Refuse names in the setting `oauth_off` that cannot be switched off; raises InvalidSetting."""
    optional = sorted(capability.name for capability in CAPABILITIES if capability.optional)
    for name in off:
        if name not in optional:
            raise InvalidSetting(f"SANDBOX_OAUTH_OFF: {name} cannot be switched off; it takes {', '.join(optional)}.")


def is_on(name: str) -> bool:
    """Tell whether a capability of the table is on; raises KeyError for one that is not in it."""
    return _BY_NAME[name].name in _on(_off())


def grant_types() -> tuple[str, ...]:
    """List the grant types that are on."""
    return _grant_types(_off())


def response_modes() -> tuple[str, ...]:
    """List the ways in which an authorization response may travel."""
    return (QUERY, FORM_POST) if is_on(FORM_POST) else (QUERY,)


def is_served(path: str) -> bool:
    """Tell whether an address belongs to nothing, or to something that is on."""
    return _owners(path) <= _on(_off()).keys()


def switched_on() -> Iterable[Capability]:
    """Go through what is on."""
    return _on(_off()).values()


def _off() -> tuple[str, ...]:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.switched_off


# Worked out once for each choice of what is off: most requests to the authorization server ask.
@cache
def _on(off: tuple[str, ...]) -> Mapping[str, Capability]:
    return {capability.name: capability for capability in CAPABILITIES if capability.name not in off}


@cache
def _grant_types(off: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(grant_type for capability in _on(off).values() for grant_type in capability.grant_types)


@cache
def _owners(path: str) -> frozenset[str]:
    return frozenset(one.name for one in CAPABILITIES if path in {*one.endpoints.values(), *one.unnamed})
