"""Lists that the vendor's catalog of settings is made into keep the paging part of the contract."""

from __future__ import annotations

from typing import ClassVar

from sandbox.resources.configuration.advice import ADVICE
from sandbox.resources.configuration.catalog import CATALOG
from tests.sandbox.resources.contract import PagingContract


class ListOfCatalog(PagingContract):
    """The catalog is fixed, and the same for all tenants: its entries are handed out in turn."""

    scope = "configuration:read"
    entries: ClassVar[tuple[str, ...]]

    def make(self) -> str:
        made = getattr(self, "made", 0)
        self.made = made + 1
        return self.entries[made]


class TestRecommendations(ListOfCatalog):
    path, filters, id_field = "/v1/configuration/recommendations", ("category=identity", "is_followed=true"), "key"
    entries = tuple(sorted(ADVICE))


class TestRevisions(ListOfCatalog):
    path = "/v1/configuration/changelog"
    entries = tuple(f"{one.since} added {one.key}" for one in CATALOG.values())
    test_list_refuses_a_cursor_with_other_filters = None
