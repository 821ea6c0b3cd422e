"""Which scopes of a grant are used by getting tokens, and by asking userinfo who somebody is."""

from __future__ import annotations

import pytest

from sandbox.foundation.database import db
from sandbox.resources.grants import service as grants
from sandbox.resources.grants.model import Grant
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import Journey, bearer

SCOPE = "openid email users:read offline_access"


def used(acme: Acme) -> set[str]:
    """The scopes of the only grant that were used."""
    with acme():
        grant: Grant = db.session.scalars(grants.search()).one()
        assert grant.last_used_at is not None
        return set(grant.uses)


@pytest.mark.storage
def test_identity_is_used_with_each_token_and_coming_back_by_coming_back(go: Journey, acme: Acme) -> None:
    answer = go.tokens(scope=SCOPE)
    assert used(acme) == {"openid", "email"}
    go.refresh(answer["refresh_token"])
    assert used(acme) == {"openid", "email", "offline_access"}


def test_userinfo_uses_openid_and_the_api_its_scope(go: Journey, acme: Acme) -> None:
    answer = go.tokens(scope="openid users:read")
    go.http.get("/oauth/userinfo", headers=bearer(answer["access_token"]))
    assert used(acme) == {"openid"}
    go.http.get("/v1/users", headers=bearer(answer["access_token"]))
    assert used(acme) == {"openid", "users:read"}
