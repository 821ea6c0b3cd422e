"""Fifty attacks on an authorization server, and what a correct one answers; each has a test marked `attack(number)`.

"page" is an HTML error with status 400 and no Location, so that nothing reaches an unchecked address.
"""

from __future__ import annotations

from typing import NamedTuple


class Attack(NamedTuple):
    """What is tried, where it is known from, and the answer."""

    case: str
    source: str
    expected: str


ATTACKS = {
    1: Attack("A redirect URI that is not registered", "RFC 9700 §4.1", "400 page"),
    2: Attack("Suffix, traversal, encoded dots, trailing slash, case, query, fragment", "CVE-2026-3872", "400 page"),
    3: Attack("Host suffix, userinfo, several @, backslash, CR LF", "CVE-2024-8883", "400 page, never 500"),
    4: Attack("Another port, or another path, of a loopback address", "RFC 8252 §7.3", "a code for the same path only"),
    5: Attack("Unknown response type with a foreign redirect URI", "Authlib 1.6.10", "400 page"),
    6: Attack("id_token without openid and a foreign redirect URI", "CVE-2026-44681", "400 page"),
    7: Attack(
        "Unsupported response type, good redirect URI", "RFC 6749 §4.1.2.1", "unsupported_response_type, iss, state"
    ),
    8: Attack("response_type=token", "RFC 9700 §2.1.2", "unsupported_response_type"),
    9: Attack("A parameter of the authorization request twice", "CVE-2026-9689", "invalid_request"),
    10: Attack("No code challenge, public and confidential", "OAuth 2.1 §4.1.1", "invalid_request"),
    11: Attack("Challenge method plain, or left out", "RFC 9700 §2.1.1", "invalid_request"),
    12: Attack("A verifier where no challenge is stored", "RFC 9700 §4.8", "400 invalid_grant"),
    13: Attack("Wrong, missing or short verifier", "RFC 7636 §4.6", "400 invalid_grant"),
    14: Attack("A code used twice", "RFC 6749 §4.1.2", "400 invalid_grant, first tokens dead"),
    15: Attack("One code, twelve redemptions at once", "oauthlib #618", "one 200 at most, the rest 400"),
    16: Attack("A code of another client, another redirect URI, an old one", "RFC 6749 §4.1.3", "400 invalid_grant"),
    17: Attack("A code of one DPoP key redeemed with another", "RFC 9449 §10", "400 invalid_grant"),
    18: Attack("Wrong secret in HTTP Basic", "RFC 6749 §5.2", "401 invalid_client with a challenge"),
    19: Attack(
        "Two ways to authenticate; Basic for one, body for another client", "RFC 6749 §2.3", "400 invalid_request"
    ),
    20: Attack("Credentials or parameters in the query", "RFC 6749 §2.3.1", "400 or 401"),
    21: Attack("Confidential client without secret; key client with an empty one", "Authlib 1.9", "401 invalid_client"),
    22: Attack("Malformed HTTP Basic: not UTF-8, no colon, NUL", "robustness", "400 or 401"),
    23: Attack("A client assertion twice, also ten at once", "CVE-2020-5300", "401 invalid_client"),
    24: Attack("A client assertion for another server, or an array", "RFC 7523bis", "401 invalid_client"),
    25: Attack("alg none, HS256 with the public key, jwk header, unknown crit", "CVE-2026-28802", "401 invalid_client"),
    26: Attack("A client assertion of another client", "RFC 7521 §4.2", "401 invalid_client"),
    27: Attack("A refresh token used twice", "RFC 9700 §4.14", "400 invalid_grant, the family dead"),
    28: Attack("One refresh token, ten refreshes at once", "RFC 9700 §4.14", "one successor at most, no 5xx"),
    29: Attack(
        "Refresh for more scope, by another client, with an access token", "RFC 6749 §6", "invalid_scope, invalid_grant"
    ),
    30: Attack("Client credentials of a public client", "RFC 6749 §4.4", "unauthorized_client, no refresh token"),
    31: Attack("The password grant", "RFC 9700 §2.4", "unsupported_grant_type"),
    32: Attack(
        "PAR: anonymous, foreign client, reuse, nested, overridden by query", "RFC 9126", "401, refused, ignored"
    ),
    33: Attack("JAR: none, foreign key, wrong audience, old, other client", "RFC 9101", "invalid_request_object"),
    34: Attack("A request_uri on another host", "CVE-2020-10770", "request_uri_not_supported, no request sent"),
    35: Attack("DPoP proofs wrong in every member, replayed, twice", "RFC 9449 §4.3", "invalid_dpop_proof"),
    36: Attack("A bound token presented as Bearer", "RFC 9449 §7.2", "401"),
    37: Attack("At the API: none, HS256, tampered, ID token, refresh token, jku, in the query", "RFC 9068 §4", "401"),
    38: Attack("A revoked access token at the API", "CVE-2023-0091", "401"),
    39: Attack("Insufficient scope", "RFC 6750 §3.1", "403 with a challenge"),
    40: Attack(
        "Device code: foreign, unknown, replayed, raced, in the query, polled fast",
        "RFC 8628",
        "invalid_grant, slow_down",
    ),
    41: Attack("Consent without cookie, of another session, with a changed token", "RFC 9700 §4.7", "no code"),
    42: Attack("Framing, Referer, caching, 307", "RFC 9700 §4.16", "headers present, 303"),
    43: Attack(
        "Registration: bad token, hostile URIs, wrong types, another client's token", "RFC 7591", "401, 400, never 500"
    ),
    44: Attack("Introspection: anonymous, public client, foreign token, GET", "RFC 7662 §4", "401, inactive, 405"),
    45: Attack("Revocation of a foreign token; storage that fails", "RFC 7009 §2.1", "stays active; 503"),
    46: Attack(
        "Logout to an unregistered URI, with a forged hint", "OpenID Connect RP-Initiated Logout", "no redirect"
    ),
    47: Attack(
        "Mix-up, open redirect after login, reflected HTML, NUL and bad UTF-8",
        "RFC 9207",
        "iss; same origin; escaped; 400",
    ),
    48: Attack(
        "Token exchange: missing, garbage, foreign tokens, unknown audience",
        "RFC 8693 §2.2.2",
        "invalid_request, invalid_target",
    ),
    49: Attack(
        "Resource or authorization details: unknown, relative, malformed",
        "RFC 8707, RFC 9396",
        "invalid_target, invalid_authorization_details",
    ),
    50: Attack(
        "Outgoing requests: other id, secret, redirect, 2 MB, no JSON, special-use address", "CIMD", "400 page, no hang"
    ),
}
