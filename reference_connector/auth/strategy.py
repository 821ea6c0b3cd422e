"""What a way of signing in is, and which one a manifest asks for.

A strategy is an `httpx2.Auth` flow: it attaches credentials, and may yield requests of its own (a token request) that
travel through the same guarded, recorded transport as every other request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import httpx2

from reference_connector.auth.client_credentials import ClientCredentials
from reference_connector.manifest.model import Manifest, OAuthAuthenticator
from reference_connector.manifest.secrets import Config


def strategy(manifest: Manifest, config: Config, *, extra_scopes: Sequence[str] = ()) -> httpx2.Auth | None:
    """Return the flow for a manifest's authenticator, None if the API is open.

    `extra_scopes` are asked for besides the manifest's own: reading needs fewer than acting.
    """
    authenticator = manifest.authenticator
    if not isinstance(authenticator, OAuthAuthenticator):
        return None
    scope: Mapping[str, object] = {"config": config.values}
    return ClientCredentials(
        token_url=authenticator.token_refresh_endpoint.render(scope),
        client_id=authenticator.client_id.render(scope),
        client_secret=authenticator.client_secret.render(scope),
        headers={name: value.render(scope) for name, value in authenticator.refresh_request_headers},
        scopes=tuple(dict.fromkeys([*authenticator.scopes, *extra_scopes])) if authenticator.scopes else (),
        access_token_name=authenticator.access_token_name,
        expires_in_name=authenticator.expires_in_name,
    )
