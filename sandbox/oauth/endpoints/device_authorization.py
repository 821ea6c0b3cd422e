"""The device authorization endpoint (RFC 8628 §3.1, §3.2): a device asks, and gets two codes."""

from __future__ import annotations

from flask import Response, current_app

from sandbox.access.client import hash_secret
from sandbox.foundation.actor import current_actor
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import transaction
from sandbox.foundation.identifiers import new_secret
from sandbox.http.tenant_routing import issuer
from sandbox.oauth.capabilities import DEVICE_CODE
from sandbox.oauth.errors import UnsupportedGrantType
from sandbox.oauth.grants.device_code import DeviceCodeGrant
from sandbox.oauth.models.device_code import POLL_SECONDS, DeviceCode, is_known
from sandbox.oauth.policies.tokens import grant_types
from sandbox.oauth.request import ProtocolRequest
from sandbox.oauth.server import server
from sandbox.oauth.user_code import hash_user_code, make_user_code


def authorize_device() -> Response:
    """Give a device code to keep, and a user code to show."""
    asking = server.create_oauth2_request(None)
    if DEVICE_CODE not in grant_types():
        raise UnsupportedGrantType("The organization has switched device codes off (RFC 6749 section 5.2).")
    server.make_grant(DeviceCodeGrant, asking).validate_device_request()
    device_code, user_code = new_secret(), _unused_user_code()
    seconds: int = current_app.config["SETTINGS"].device_code_seconds
    _keep(asking, device_code, user_code, seconds)
    page = f"{issuer()}/device"
    answer = {
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={user_code}",
        "expires_in": seconds,
        "interval": POLL_SECONDS,
    }
    return server.handle_response(200, answer, [])


def _unused_user_code() -> str:
    """Make a user code that no device has; there are so few codes that two might meet."""
    while is_known(user_code := make_user_code()):
        pass
    return user_code


def _keep(asking: ProtocolRequest, device_code: str, user_code: str, seconds: int) -> None:
    source = current_actor().source
    with transaction() as session:
        session.add(
            DeviceCode(
                code_hash=hash_secret(device_code),
                user_code_hash=hash_user_code(user_code),
                client_id=asking.client.get_client_id(),
                scope=asking.scope,
                terms=asking.terms.kept(),
                ip=source.ip,
                user_agent=source.user_agent,
                expires_at=wall_seconds() + seconds,
            )
        )
