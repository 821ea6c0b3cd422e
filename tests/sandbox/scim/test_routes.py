"""The addresses of SCIM cost nothing before somebody asks for them."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from sandbox.scim.routes import ADDRESSES

PROGRAM = "import sys, sandbox.wsgi; print(sorted(name for name in sys.modules if name.startswith('sandbox.scim')))"


def test_start_loads_the_table_of_addresses_alone() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "['sandbox.scim', 'sandbox.scim.routes']", done.stderr


@pytest.mark.parametrize("target", sorted({target for _, views in ADDRESSES.values() for target in views.values()}))
def test_every_address_names_a_view_that_exists(target: str) -> None:
    module, name = target.split(":")
    assert callable(getattr(import_module(f"sandbox.scim.{module}"), name))
