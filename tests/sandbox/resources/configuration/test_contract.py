"""Security settings keep the contract of every resource, as far as settings of other tenants are not other settings."""

from __future__ import annotations

from flask.testing import FlaskClient

from sandbox.resources.configuration.catalog import CATALOG
from sandbox.resources.configuration.schema import SettingSchema
from tests.sandbox.resources.contract import Headers
from tests.sandbox.resources.write_contract import BodyContract, Write


class TestConfiguration(BodyContract):
    path, scope, schema = "/v1/configuration", "configuration:read", SettingSchema()
    filters = ("category=identity", "category=data")
    id_field = "key"
    writes = (
        Write(
            "change",
            "PATCH",
            lambda _: "/v1/configuration/data.public_links.enabled",
            "configuration:write",
            "config.setting.changed",
            status=200,
            body=lambda: {"value": False},
            bad={"value": "off"},
        ),
    )

    def make(self) -> str:
        """The catalog is fixed: hand its keys out in turn."""
        made = getattr(self, "made", 0)
        self.made = made + 1
        return list(CATALOG)[made]

    def headers_for(self, write: Write, client: FlaskClient, headers: Headers, path: str) -> Headers:
        etag = client.get(path, headers=headers).headers.get("ETag", '"none"')
        return {**headers, "If-Match": etag}

    # Every tenant has every setting; test_settings tells their values apart.
    test_read_answers_404_when_the_row_is_another_tenants = None
    test_write_answers_404_when_the_target_is_unknown_or_another_tenants = None
