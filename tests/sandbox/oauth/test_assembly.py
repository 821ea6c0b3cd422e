"""How the authorization server is put together: every address leads somewhere, nothing heavy is loaded early."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from sandbox.oauth.routes import ENDPOINTS, PAGES


@pytest.mark.parametrize("target", sorted(target for _, target in {**ENDPOINTS, **PAGES}.values()))
def test_every_address_names_a_view(target: str) -> None:
    """Views are named by strings, so that nothing but this finds a misspelled one before its first visitor."""
    module, name = target.split(":")
    assert callable(getattr(import_module(f"sandbox.oauth.{module}"), name))


def test_starting_does_not_load_authlib() -> None:
    """It costs as much to import as the rest of the application, and the first page of events does not need it."""
    program = (
        "import sys; from sandbox.app import create_app; from sandbox.settings import Settings;"
        "create_app(Settings(database_url='sqlite://'));"
        "sys.exit(any(name.startswith('authlib') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
