"""OAuth errors that Authlib has no class for, or writes in another way than the specification."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError, OAuth2Error


class ClientAuthenticationFailed(InvalidClientError):
    """`invalid_client`, always as 401 with the challenge that HTTP wants (RFC 6749 §5.2, RFC 7617 §2)."""

    status_code = 401

    def __init__(self, description: str, *, client_id: str | None = None) -> None:
        """Take who the client claimed to be along, for the log."""
        super().__init__(description)
        self.client_id = client_id

    def get_headers(self) -> list[tuple[str, str]]:
        """Give the challenge; the error itself is in the body."""
        return [("WWW-Authenticate", 'Basic realm="harbor", charset="UTF-8"')]


class NetworkRefused(OAuth2Error):
    """`access_denied`: the client is known, and not let in from this address."""

    error = "access_denied"
    status_code = 403


class UnsupportedResponseType(OAuth2Error):
    """`unsupported_response_type` in words of our own: Authlib repeats what was sent, whatever it contains."""

    error = "unsupported_response_type"


class UnsupportedGrantType(OAuth2Error):
    """`unsupported_grant_type`, for the same reason."""

    error = "unsupported_grant_type"


class InvalidTarget(OAuth2Error):
    """The resource asked for is not one that tokens are issued for (RFC 8707 §2)."""

    error = "invalid_target"


class LoginRequired(OAuth2Error):
    """Somebody has to sign in, and `prompt=none` forbids asking (OpenID Connect Core §3.1.2.6)."""

    error = "login_required"


class ConsentRequired(OAuth2Error):
    """Somebody has to consent, and `prompt=none` forbids asking (OpenID Connect Core §3.1.2.6)."""

    error = "consent_required"


class RequestNotSupported(OAuth2Error):
    """Request objects are off (OpenID Connect Core §6.1)."""

    error = "request_not_supported"


class RequestUriNotSupported(OAuth2Error):
    """Requests by reference are off (OpenID Connect Core §6.2)."""

    error = "request_uri_not_supported"


class InvalidDpopProof(OAuth2Error):
    """The DPoP proof cannot be used (RFC 9449 §5); 401 at a resource, 400 here."""

    error = "invalid_dpop_proof"


class InvalidRequestObject(OAuth2Error):
    """The request object is malformed, or not the client's (RFC 9101 §7)."""

    error = "invalid_request_object"


class InvalidAuthorizationDetails(OAuth2Error):
    """The authorization details are malformed, or of an unknown type (RFC 9396 §5)."""

    error = "invalid_authorization_details"


class UnmetAuthenticationRequirements(OAuth2Error):
    """Nobody can sign in here as strongly as the request demands (OpenID Connect Unmet Authentication Requirements 1.0)."""

    error = "unmet_authentication_requirements"


class UseDpopNonce(OAuth2Error):
    """The DPoP proof needs the nonce that goes with the answer (RFC 9449 §8)."""

    error = "use_dpop_nonce"


class UnusableRequestUri(InvalidRequestError):
    """A `request_uri` is not the client's, was used, or has expired: shown to the person, never redirected (RFC 9126)."""


class InvalidRedirectUri(OAuth2Error):
    """A redirect URI cannot be registered (RFC 7591 §3.2.2)."""

    error = "invalid_redirect_uri"


class InvalidClientMetadata(OAuth2Error):
    """The metadata does not make a client (RFC 7591 §3.2.2)."""

    error = "invalid_client_metadata"


class InvalidSoftwareStatement(OAuth2Error):
    """The software statement is malformed, expired, or not signed by its issuer (RFC 7591 §3.2.2)."""

    error = "invalid_software_statement"


class UnapprovedSoftwareStatement(OAuth2Error):
    """The software statement comes from an issuer that is not trusted here (RFC 7591 §3.2.2)."""

    error = "unapproved_software_statement"


class RegistrationTokenRefused(OAuth2Error):
    """`invalid_token`: unknown, expired, replaced by an update, or that of another client (RFC 7592 §2.1)."""

    status_code = 401
    error = "invalid_token"

    def get_headers(self) -> list[tuple[str, str]]:
        """Give the challenge (RFC 6750 §3)."""
        return [("WWW-Authenticate", 'Bearer realm="harbor", error="invalid_token"')]


class RegistrationTokenMissing(RegistrationTokenRefused):
    """No token at all: the challenge has no error code (RFC 6750 §3.1), the document has one like every other."""

    def get_headers(self) -> list[tuple[str, str]]:
        """Give the challenge."""
        return [("WWW-Authenticate", 'Bearer realm="harbor"')]


class RegistrationForbidden(OAuth2Error):
    """The client is disabled, so that it may not manage itself either (RFC 7592 §2.1)."""

    status_code = 403
    error = "access_denied"


class TooManyFailures(ClientAuthenticationFailed):
    """`invalid_client` as 429, with the seconds to wait (RFC 6585 §4)."""

    status_code = 429

    def __init__(self, description: str, *, client_id: str, retry_after: str) -> None:
        """Take the seconds to wait along."""
        super().__init__(description, client_id=client_id)
        self.retry_after = retry_after

    def get_headers(self) -> list[tuple[str, str]]:
        """Give the seconds; no challenge, since nothing that would be sent now is looked at."""
        return [("Retry-After", self.retry_after)]
