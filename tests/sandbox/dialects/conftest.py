"""What tests of resources have is at hand here as well."""

from __future__ import annotations

from tests.sandbox.resources.conftest import acme, anything, logged, statements, travel

__all__ = ["acme", "anything", "logged", "statements", "travel"]
