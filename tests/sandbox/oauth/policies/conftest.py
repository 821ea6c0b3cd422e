"""A tenant that decided something: `decide("oauth.pkce_required", True)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import builders
from tests.sandbox.oauth.conftest import Acme

Decide = Callable[..., None]


@pytest.fixture
def decide(acme: Acme, identities: None) -> Decide:
    """Set a setting of the tenant; it counts from the next request on."""

    def set_(key: str, value: Any) -> None:
        with acme():
            builders.a_setting(key, value)

    return set_
