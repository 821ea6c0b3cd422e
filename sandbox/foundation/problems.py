"""What can go wrong, as exceptions that carry plain data. No HTTP here beyond the status number.

One class per problem; `code` is stable and named in the documentation, `detail` says what happened and what to do, and
whatever varies in `detail` is also a member. `http/problem_json.py` renders them (RFC 9457).
"""

from __future__ import annotations

from typing import ClassVar, TypedDict


class FieldError(TypedDict):
    """One bad field: a JSON pointer into the body (RFC 6901) or `?name` for a query parameter."""

    pointer: str
    detail: str


class Problem(Exception):
    """Base of all problems; `members` become further members of the problem document."""

    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "The server made a mistake"
    status: ClassVar[int] = 500

    def __init__(
        self,
        detail: str,
        *,
        errors: list[FieldError] | None = None,
        headers: dict[str, str] | None = None,
        **members: object,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors or []
        self.headers = headers or {}
        self.members = members


class InvalidRequest(Problem):
    """The request has a part that cannot be used; `errors` names each."""

    code, title, status = "invalid-request", "The request is not valid", 400


class InvalidJson(Problem):
    """The body is not the JSON object that was expected."""

    code, title, status = "invalid-json", "The body is not valid JSON", 400


class InvalidCursor(Problem):
    """The cursor was changed, belongs to another list, or was made with other filters."""

    code, title, status = "invalid-cursor", "The cursor cannot be used here", 400


class Unauthenticated(Problem):
    """No access token, or one that is not valid (RFC 6750 §3.1)."""

    code, title, status = "unauthenticated", "An access token is needed", 401


class InsufficientUserAuthentication(Unauthenticated):
    """The person must sign in again, more recently or more strongly; the challenge says how (RFC 9470 §3)."""

    code, title = "insufficient-user-authentication", "A fresher or stronger sign-in is needed"


class Forbidden(Problem):
    """The caller is known but may not do this."""

    code, title, status = "forbidden", "Not allowed", 403


class InsufficientScope(Forbidden):
    """The access token does not carry the scope, or the user's roles no longer allow it (RFC 6750 §3.1)."""

    code, title, status = "insufficient-scope", "The access token does not allow this", 403


class NetworkRefused(Forbidden):
    """A network policy of the tenant keeps out the address that the request came from."""

    code, title, status = "network-refused", "Not allowed from this network", 403


class NotFound(Problem):
    """Nothing here under this address, for this tenant."""

    code, title, status = "not-found", "Not found", 404


class MethodNotAllowed(Problem):
    """The address exists, the method does not."""

    code, title, status = "method-not-allowed", "The method is not allowed here", 405


class Conflict(Problem):
    """The state of the resource does not allow this now."""

    code, title, status = "conflict", "The state does not allow this", 409


class RequestInProgress(Conflict):
    """The same Idempotency-Key is being worked on at this moment."""

    code, title, status = "request-in-progress", "The first request with this key is still running", 409


class CursorExpired(Problem):
    """The position lies before what retention kept, or before a reset."""

    code, title, status = "cursor-expired", "The cursor has expired", 410


class PreconditionFailed(Problem):
    """If-Match names another version than the present one (RFC 9110 §13.1.1)."""

    code, title, status = "precondition-failed", "The resource has changed", 412


class PayloadTooLarge(Problem):
    """The body is larger than the server reads."""

    code, title, status = "payload-too-large", "The body is too large", 413


class UnsupportedMediaType(Problem):
    """The body has another media type than the resource takes."""

    code, title, status = "unsupported-media-type", "The media type is not supported", 415


class MisdirectedRequest(Problem):
    """The Host is not one under which this server is published (RFC 9110 §15.5.20)."""

    code, title, status = "misdirected-request", "This host is not served here", 421


class IdempotencyMismatch(Problem):
    """An Idempotency-Key was used again with another body."""

    code, title, status = "idempotency-mismatch", "The key was used for another request", 422


class PreconditionRequired(Problem):
    """The change needs If-Match, so that nobody overwrites what they have not seen (RFC 6585 §3)."""

    code, title, status = "precondition-required", "If-Match is needed", 428


class RateLimited(Problem):
    """Too many requests; `Retry-After` says when to come back (RFC 6585 §4)."""

    code, title, status = "rate-limited", "Too many requests", 429


class Unavailable(Problem):
    """The server cannot answer at the moment."""

    code, title, status = "unavailable", "The service is not available", 503


def every_problem() -> list[type[Problem]]:
    """List all problem classes, by status and code: what the reference page is made of."""

    def below(parent: type[Problem]) -> list[type[Problem]]:
        return [parent, *(one for child in parent.__subclasses__() for one in below(child))]

    return sorted(set(below(Problem)), key=lambda problem: (problem.status, problem.code))
