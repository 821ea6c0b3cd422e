"""Statements can be counted here as among the resources."""

from __future__ import annotations

from tests.sandbox.resources.conftest import statements

__all__ = ["statements"]
