"""What a request presents as client authentication, before it is believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.access.client import Client


@dataclass(frozen=True, slots=True)
class Presented:
    """A claim to be `client_id`, made by `method`; `proves` tells whether it holds for that client."""

    method: str
    client_id: str
    proves: Callable[[Client], bool]
