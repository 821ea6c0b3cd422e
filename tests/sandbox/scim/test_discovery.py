"""What the server says of itself, read by scim2-models, and that it is true."""

from __future__ import annotations

from typing import Any

import pytest
from scim2_models import ListResponse, ResourceType, Schema, ServiceProviderConfig

from tests.sandbox.scim.directory import ENTERPRISE, USER, Directory, refusal


def test_configuration_names_what_is_supported_and_its_limits(directory: Directory) -> None:
    """RFC 7643 §5, RFC 9865 §4."""
    config = ServiceProviderConfig.model_validate(directory.get("/ServiceProviderConfig").get_json())
    supported = (config.patch, config.bulk, config.filter, config.sort, config.etag, config.change_password)
    assert [feature.supported for feature in supported if feature] == [True, True, True, True, True, False]
    assert (config.bulk.max_operations, config.bulk.max_payload_size) == (500, 1_048_576)  # type: ignore[union-attr]
    assert config.pagination is not None
    assert (config.pagination.cursor, config.pagination.index, config.pagination.max_page_size) == (True, True, 1000)


def test_kinds_of_resources_name_schemas_that_are_served(directory: Directory) -> None:
    kinds = ListResponse[ResourceType].model_validate(directory.get("/ResourceTypes").get_json()).resources or []
    assert [(kind.name, str(kind.endpoint)) for kind in kinds] == [("User", "/Users"), ("Group", "/Groups")]
    for kind in kinds:
        uris = [str(kind.schema_), *(str(extension.schema_) for extension in kind.schema_extensions or [])]
        for uri in uris:
            assert Schema.model_validate(directory.get(f"/Schemas/{uri}").get_json()).id == uri


def test_schemas_describe_themselves_too(directory: Directory) -> None:
    """RFC 7643 §8.7."""
    schemas = ListResponse[Schema].model_validate(directory.get("/Schemas").get_json()).resources or []
    names = {schema.name for schema in schemas}
    assert names == {"User", "EnterpriseUser", "Group", "ServiceProviderConfig", "ResourceType", "Schema"}


def test_nobody_can_set_a_password_or_give_roles(directory: Directory) -> None:
    schema = directory.get(f"/Schemas/{USER}").get_json()
    attributes = {attribute["name"]: attribute for attribute in schema["attributes"]}
    assert "password" not in attributes
    assert (attributes["roles"]["mutability"], attributes["groups"]["mutability"]) == ("readOnly", "readOnly")


def test_shown_resource_has_only_attributes_of_its_schemas(directory: Directory) -> None:
    directory.add_user("ada", title="Engineer", **{ENTERPRISE: {"department": "Analysis"}})
    (shown,) = directory.get("/Users").get_json()["Resources"]
    core = {one["name"] for one in directory.get(f"/Schemas/{USER}").get_json()["attributes"]}
    assert set(shown) - core == {"schemas", "id", "meta", ENTERPRISE}


@pytest.mark.parametrize("path", ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/ResourceTypes/User"])
def test_discovery_cannot_be_filtered_or_written(directory: Directory, path: str) -> None:
    """RFC 7644 §4: a filter is 403."""
    assert refusal(directory.get(path, filter='name eq "User"')) == (403, None)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = directory.send(method, path, {})
        assert (refusal(answer), answer.headers["Allow"]) == ((405, None), "GET")


@pytest.mark.parametrize("path", ["/ResourceTypes/Robot", "/Schemas/urn:nothing", "/Robots", "/Users/x/y", "/users"])
def test_unknown_address_is_a_scim_error(directory: Directory, path: str) -> None:
    assert refusal(directory.get(path)) == (404, None)


def test_native_document_is_of_the_native_api_alone(directory: Directory) -> None:
    paths: dict[str, Any] = directory.client.get("/openapi.json").get_json()["paths"]
    assert not [path for path in paths if "scim" in path]
