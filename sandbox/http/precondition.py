"""`@if_match`: a change that must name the version it was made from (RFC 9110 §13.1.1, RFC 6585 §3)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from marshmallow import Schema

from sandbox.http.conditional import require_match
from sandbox.http.contract import View, promise
from sandbox.http.render import dump


def if_match(schema: Schema) -> Callable[[View], View]:
    """Hand `expecting` to the view: a check that takes the present state, as it would be shown through `schema`.

    The service calls it inside the transaction of the change, so that nobody can come between check and write. It raises
    PreconditionRequired without If-Match, and PreconditionFailed for another version.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs, expecting=lambda present: require_match(dump(schema, present)))

        return promise(view, checked, request_headers=("If-Match",))

    return decorate
