"""What one ability of the authorization server consists of; the table of them all is `capabilities.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Capability:
    """One ability: the grant types, addresses and members that it adds to the metadata while it is on.

    `endpoints` are paths below the issuer by their metadata name, `unnamed` those that it does not name; `provider` is for
    OpenID Connect Discovery alone, `resource` for the metadata of the native API; `from_settings` are members whose values
    are settings, by name. What is not `optional` cannot be switched off. `when_off` is said of it where the default of a
    specification would be on.
    """

    name: str
    specification: str
    grant_types: tuple[str, ...] = ()
    endpoints: Mapping[str, str] = field(default_factory=dict)
    unnamed: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    provider: Mapping[str, Any] = field(default_factory=dict)
    resource: Mapping[str, Any] = field(default_factory=dict)
    when_off: Mapping[str, Any] = field(default_factory=dict)
    from_settings: Mapping[str, str] = field(default_factory=dict)
    optional: bool = True
