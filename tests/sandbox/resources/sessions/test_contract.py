"""Sessions keep the contract of every resource."""

from __future__ import annotations

from sandbox.resources.sessions.schema import SessionSchema
from tests import builders
from tests.sandbox.resources.write_contract import WritableContract, Write

BERLIN = {"country": "DE", "region": "BE", "city": "Berlin", "latitude": 52.52, "longitude": 13.405}
NETWORK = {"number": 64496, "organization": "Example Networks"}


class TestSessions(WritableContract):
    path, scope, schema = "/v1/sessions", "sessions:read", SessionSchema()
    filters = ("status=active", "status=expired")
    writes = (
        Write("revoke", "DELETE", lambda session_id: f"/v1/sessions/{session_id}", "sessions:write", "session.revoked"),
    )

    def make(self) -> str:
        return builders.a_session(builders.a_user().id, ip="203.0.113.7", geo=BERLIN, network=NETWORK).id
