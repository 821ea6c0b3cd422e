"""What everybody knows must not reach production."""

from __future__ import annotations

import pytest

from sandbox.access.client import hash_secret
from sandbox.foundation.database import transaction
from sandbox.lab.development import REGISTRATION, has_development_identities
from sandbox.oauth.models.client_registration import InitialAccessToken


@pytest.mark.usefixtures("in_acme")
def test_initial_token_of_development_is_recognized() -> None:
    assert not has_development_identities()
    with transaction() as session:
        session.add(InitialAccessToken(token_hash=hash_secret(REGISTRATION), name="Left over", scope="openid"))
    assert has_development_identities()
