"""A pair of calls: the first one asks the question, every further one goes to another path with nothing but the token.

The token and where it stands are said in the common vocabulary; that the path changes and the question is not repeated
is a block of our own (`paging`), since the vocabulary has no word for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reference_connector.manifest.model import ContinueCall, CursorPagination, DefaultPaginator
from reference_connector.pagination.cursor import CursorPaginator
from reference_connector.pagination.paginator import PageRequest
from reference_connector.pagination.placement import placed


class ContinueCallPaginator(CursorPaginator):
    """Follows the token on the path of the second call."""

    def __init__(
        self,
        paginator: DefaultPaginator,
        strategy: CursorPagination,
        paging: ContinueCall,
        config: Mapping[str, object],
    ) -> None:
        super().__init__(paginator, strategy, config)
        self._path = paging.path.render({"config": config})

    def request(self, token: str | None) -> PageRequest:
        """Return the first question as it is, then the other path and the token alone."""
        if token is None:
            return super().request(None)
        return replace(placed(((self._token_option, token),)), path=self._path)
