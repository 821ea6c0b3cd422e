"""Proof Key for Code Exchange (RFC 7636): S256, for every client, required at both endpoints (OAuth 2.1 §4.1.1, §7.5)."""

from __future__ import annotations

import hmac

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc7636 import CodeChallenge, create_s256_code_challenge
from authlib.oauth2.rfc7636.challenge import CODE_CHALLENGE_PATTERN, CODE_VERIFIER_PATTERN

from sandbox.oauth.capabilities import CHALLENGE_METHODS
from sandbox.oauth.grants.authorization_code import AuthorizationCodeGrant


class ProofKey(CodeChallenge):
    """Authlib's extension, without `plain`, which it allows, and without exceptions for clients that have a secret."""

    def validate_code_challenge(self, grant: AuthorizationCodeGrant, redirect_uri: str) -> None:
        """Want a challenge with its method: a missing method would mean plain (RFC 7636 §4.3)."""
        parameters = grant.request.payload.data
        if not CODE_CHALLENGE_PATTERN.fullmatch(parameters.get("code_challenge", "")):
            raise InvalidRequestError("A code_challenge of 43 to 128 characters is needed (RFC 7636 section 4.2).")
        if parameters.get("code_challenge_method") not in CHALLENGE_METHODS:
            raise InvalidRequestError("The code_challenge_method must be S256 (RFC 7636 section 4.3).")

    def validate_code_verifier(self, grant: AuthorizationCodeGrant, result: None) -> None:
        """Compare in constant time; raises InvalidGrantError for a missing, malformed or wrong verifier."""
        verifier = grant.request.form.get("code_verifier", "")
        if not CODE_VERIFIER_PATTERN.fullmatch(verifier):
            raise InvalidGrantError(
                "The code_verifier is missing or has not 43 to 128 allowed characters (RFC 7636 section 4.1)."
            )
        challenge: str = grant.request.authorization_code.code_challenge
        if not hmac.compare_digest(create_s256_code_challenge(verifier), challenge):
            raise InvalidGrantError("The code_verifier does not match the code_challenge (RFC 7636 section 4.6).")
