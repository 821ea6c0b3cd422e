"""Turning pages: one interface, one file per style, and keyset selection beneath them all."""

from __future__ import annotations

from sandbox.http.pagination.style import Page, Pageable, PaginationStyle, Place

__all__ = ["Page", "Pageable", "PaginationStyle", "Place"]
