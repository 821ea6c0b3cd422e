"""The seeded company through SCIM, with the client that is promised for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.sandbox.lab.conftest import seeded, seeded_file
from tests.sandbox.scim.directory import Directory

__all__ = ["seeded", "seeded_file"]


@pytest.fixture
def company(seeded: Callable[..., Flask]) -> Directory:
    return signed_in(seeded().test_client())


def signed_in(client: FlaskClient) -> Directory:
    form = {"grant_type": "client_credentials", "scope": "scim"}
    token = client.post("/oauth/token", data=form, auth=("demo-connector", "demo-connector-secret")).get_json()
    return Directory(client, {"Authorization": f"Bearer {token['access_token']}"})


def everybody(company: Directory, path: str) -> list[dict[str, Any]]:
    page = company.get(path, count="1000").get_json()
    assert page["totalResults"] == len(page["Resources"]) > 1
    return page["Resources"]  # type: ignore[no-any-return]


def test_everybody_is_found_by_name_address_and_group(company: Directory) -> None:
    people, groups = everybody(company, "/Users"), everybody(company, "/Groups")
    for person in people[::7]:
        name = person["userName"]
        assert person["emails"] == [{"value": name, "type": "work", "primary": True}]
        for text in (f'userName eq "{name.upper()}"', f'emails[type eq "work"].value eq "{name}"'):
            assert company.found(filter=text) == [name]
    for group in groups:
        found = company.get("/Users", filter=f'groups.value eq "{group["id"]}"', count="1000").get_json()
        assert [one["id"] for one in found["Resources"]] == [one["value"] for one in group.get("members", [])]


def test_reset_forgets_what_was_provisioned(company: Directory) -> None:
    before = everybody(company, "/Users"), everybody(company, "/Groups")
    person = company.add_user("grace", nickName="Amazing")
    company.add_group("Compilers", person["id"])
    company.patch(f"/Users/{before[0][0]['id']}", {"op": "add", "path": "nickName", "value": "First"})
    assert company.client.post("/_lab/reset").status_code == 200
    again = signed_in(company.client)
    assert (everybody(again, "/Users"), everybody(again, "/Groups")) == before
