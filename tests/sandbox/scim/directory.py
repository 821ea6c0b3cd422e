"""A provisioning client for tests: speaks `application/scim+json` to one tenant, and knows the bodies of directories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SEARCH_REQUEST = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"

Body = dict[str, Any]


class Directory:
    """A client with a token; paths are below `/scim/v2`."""

    def __init__(self, client: FlaskClient, headers: Mapping[str, str], *, prefix: str = "") -> None:
        self.client = client
        self.headers = dict(headers)
        self.prefix = f"{prefix}/scim/v2"

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a request; header names are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes | None) else orjson.dumps(body)
        kind = {} if data is None else {"content_type": "application/scim+json"}
        return self.client.open(self.prefix + path, method=method, headers={**self.headers, **sent}, data=data, **kind)

    def get(self, path: str, **query: str) -> TestResponse:
        """Read."""
        return self.client.get(self.prefix + path, headers=self.headers, query_string=query)

    def patch(self, path: str, *operations: Body, **headers: str) -> TestResponse:
        """Change by operations."""
        return self.send("PATCH", path, {"schemas": [PATCH_OP], "Operations": list(operations)}, **headers)

    def bulk(self, *operations: Body, **members: Any) -> TestResponse:
        """Send operations in bulk."""
        return self.send("POST", "/Bulk", {"schemas": [BULK_REQUEST], "Operations": list(operations), **members})

    def add_user(self, name: str, /, **given: Any) -> Body:
        """Provision a person with an address of the same name."""
        answer = self.send("POST", "/Users", a_person(name, **given))
        assert answer.status_code == 201, answer.text
        return answer.get_json()  # type: ignore[no-any-return]

    def add_group(self, name: str, *member_ids: str) -> Body:
        """Provision a group."""
        members = [{"value": user_id} for user_id in member_ids]
        answer = self.send("POST", "/Groups", {"schemas": [GROUP], "displayName": name, "members": members})
        assert answer.status_code == 201, answer.text
        return answer.get_json()  # type: ignore[no-any-return]

    def found(self, path: str = "/Users", **query: str) -> list[str]:
        """List what a query finds, by user name or display name."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return [one.get("userName", one.get("displayName")) for one in answer.get_json()["Resources"]]


def a_person(name: str, /, **given: Any) -> Body:
    """A body for POST or PUT."""
    address = {"value": f"{name}@acme.example", "type": "work", "primary": True}
    return {"schemas": [USER], "userName": name, "emails": [address], **given}


def refusal(answer: TestResponse) -> tuple[int, str | None]:
    """Read status and scimType of an error, which must be a whole one."""
    document = answer.get_json()
    assert answer.content_type == "application/scim+json", answer.text
    assert document["schemas"] == [ERROR]
    assert document["status"] == str(answer.status_code)
    assert document["detail"]
    return answer.status_code, document.get("scimType")
