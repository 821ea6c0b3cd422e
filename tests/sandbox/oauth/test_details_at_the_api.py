"""Authorization details bound what tokens reach at the API: from the consent, or from the token endpoint, to the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from sandbox.foundation.database import db
from sandbox.resources.users.model import User
from tests import builders
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CONNECTOR, Journey, bearer


def details(**given: Any) -> str:
    return json.dumps([{"type": "harbor_project", "actions": ["read"], **given}])


@pytest.fixture
def projects(acme: Acme) -> tuple[str, str]:
    """Two projects of the ordinary user, with a file each."""
    with acme():
        me = db.session.scalars(select(User.id).where(User.email == "user@acme.example")).one()
        builders.an_assignment(me, builders.a_role(scope="files:read files:write").key)
        made = [builders.a_project(me, name=name).id for name in ("One", "Other")]
        for project in made:
            builders.a_file(me, project_id=project, name=f"file of {project}")
    return made[0], made[1]


def names(go: Journey, access_token: str, path: str) -> list[str]:
    rows = go.http.get(path, headers=bearer(access_token)).get_json()["data"]
    return [row["name"] for row in rows]


@pytest.mark.requirement("RFC 9396 §9", "MUST")
def test_token_that_a_person_bound_to_a_project_reaches_no_other(go: Journey, projects: tuple[str, str]) -> None:
    """RFC 9396 §9: the details reach the resource server, which enforces what was consented to, also after a refresh."""
    one = projects[0]
    answer = go.tokens(scope="openid files:read", authorization_details=details(identifier=one))
    again = go.refresh(answer["refresh_token"]).get_json()
    for access_token in (answer["access_token"], again["access_token"]):
        assert names(go, access_token, "/v1/projects") == ["One"]
        assert names(go, access_token, "/v1/files") == [f"file of {one}"]


def test_client_that_binds_its_own_token_reaches_that_project_alone(go: Journey, projects: tuple[str, str]) -> None:
    """RFC 9396 §6: asked at the token endpoint, details narrow one token; the next is free again."""
    asked = {"auth": CONNECTOR, "grant_type": "client_credentials", "scope": "files:read"}
    bound = go.token(**asked, authorization_details=details(identifier=projects[1])).get_json()["access_token"]
    free = go.token(**asked).get_json()["access_token"]
    assert names(go, bound, "/v1/projects") == ["Other"]
    assert sorted(names(go, free, "/v1/projects")) == ["One", "Other"]


def test_details_never_give_more_than_the_scope(go: Journey, projects: tuple[str, str]) -> None:
    answer = go.tokens(scope="openid users:read", authorization_details=details(identifier=projects[0]))
    assert go.use(answer["access_token"], "/v1/projects") == 403
