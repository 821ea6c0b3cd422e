"""OAuth 2.0 client credentials (RFC 6749 §4.4): the connector signs in as itself.

A token is fetched when there is none, renewed before it expires, and renewed once when the API answers 401 (it may have
been revoked). Whoever comes second while a token is being fetched waits for it instead of fetching another.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2
import orjson

from reference_connector.errors import FixAccess

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_LIFETIME_SECONDS = 300.0
MAX_MARGIN_SECONDS = 60.0

Flow = Generator[httpx2.Request, httpx2.Response, None]


class TokenUnavailable(Exception):
    """The token endpoint gave no token and no reason to give up: worth another try."""

    def __init__(self, message: str, response: httpx2.Response) -> None:
        super().__init__(message)
        self.message = message
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    renew_at: float


class ClientCredentials(httpx2.Auth):
    """Attaches a bearer token (RFC 6750 §2.1); the token lives in memory only."""

    requires_response_body = True

    def __init__(
        self,
        *,
        token_url: str,
        client_id: str,
        client_secret: str,
        headers: Mapping[str, str],
        scopes: Sequence[str],
        access_token_name: str = "access_token",  # noqa: S107 - the name of a field, not a token
        expires_in_name: str = "expires_in",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._token_url = token_url
        self._form = {"grant_type": "client_credentials"}
        if scopes:
            self._form["scope"] = " ".join(scopes)
        if not any(name.lower() == "authorization" for name in headers):
            # client_secret_post; with an Authorization header the credentials stay out of the body (RFC 6749 §2.3.1).
            self._form |= {"client_id": client_id, "client_secret": client_secret}
        self._headers = dict(headers)
        self._names = (access_token_name, expires_in_name)
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._token: _Token | None = None

    def auth_flow(self, request: httpx2.Request) -> Flow:
        """Send the request with a token, and once more with a new one if the first is refused."""
        token = self._token
        if token is None or self._monotonic() >= token.renew_at:
            token = yield from self._renewed(token)
        request.headers["Authorization"] = f"Bearer {token.value}"
        response = yield request
        if response.status_code == httpx2.codes.UNAUTHORIZED:
            token = yield from self._renewed(token)
            request.headers["Authorization"] = f"Bearer {token.value}"
            yield request

    def _renewed(self, stale: _Token | None) -> Generator[httpx2.Request, httpx2.Response, _Token]:
        with self._lock:
            if self._token is None or self._token is stale:
                response = yield httpx2.Request("POST", self._token_url, data=self._form, headers=self._headers)
                self._token = self._read(response)
            return self._token

    def _read(self, response: httpx2.Response) -> _Token:
        body = _json_object(response.content)
        if response.status_code in (400, 401, 403):
            raise _refused(response.status_code, body)
        value, lifetime = body.get(self._names[0]), body.get(self._names[1], DEFAULT_LIFETIME_SECONDS)
        if response.status_code != httpx2.codes.OK or not isinstance(value, str) or not value:
            raise TokenUnavailable(f"the token endpoint answered {response.status_code} without a token", response)
        seconds = float(lifetime) if isinstance(lifetime, int | float) else DEFAULT_LIFETIME_SECONDS
        # The margin covers the request that is about to leave; a token of seconds keeps most of its life.
        margin = min(MAX_MARGIN_SECONDS, seconds / 10)
        return _Token(value, self._monotonic() + seconds - margin)


def _json_object(content: bytes) -> dict[str, object]:
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


_REMEDIES = {  # RFC 6749 §5.2
    "invalid_client": "check the client id and secret in the environment",
    "invalid_scope": "let the client have the scopes that the manifest asks for",
    "unauthorized_client": "allow the client_credentials grant for this client",
    "unsupported_grant_type": "check token_refresh_endpoint: it does not know client_credentials",
    "invalid_request": "check token_refresh_endpoint and how the client is registered",
    "invalid_grant": "check the client's registration and its credentials",
}


def _refused(status: int, body: dict[str, object]) -> FixAccess:
    # Only the words that the specification fixes are repeated: the rest is the server's text and may hold anything.
    error = body.get("error")
    reason = error if isinstance(error, str) and error in _REMEDIES else f"status {status}"
    remedy = _REMEDIES.get(reason, "check the client's registration and its credentials")
    return FixAccess(f"the token endpoint refuses the client: {reason}", code="token-refused", remedy=remedy)
