"""The detectors that look at more than one event of a person or a session, with their parameters.

Each names the OCSF attributes that it reads, as one path or a choice of paths of which the first that an event has counts.
The defaults are those that kept false alerts near zero on realistic noise; a rule may move every one of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from reference_connector.manifest.detection_examples import TimespanField
from reference_connector.manifest.fields import Complaint, ComponentSchema, StrictSchema

Paths = tuple[tuple[str, ...], ...]

_PATH = re.compile(r"\w+(\.\w+)*")


class PathsField(fields.Field[Paths]):
    """A dotted path, or a list of them of which the first that an event has counts."""

    def __init__(self, *, max_choices: int = 4, **kwargs: Any) -> None:
        path = {"type": "string", "pattern": r"^\w+(\.\w+)*$"}
        choices = {"type": "array", "items": path, "minItems": 1, "maxItems": max_choices}
        super().__init__(metadata={"json_schema": {"anyOf": [path, choices]} if max_choices > 1 else path}, **kwargs)
        self._max_choices = max_choices

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> Paths:
        choices = value if isinstance(value, list) else [value]
        if not 1 <= len(choices) <= self._max_choices:
            raise ValidationError(Complaint(f"needs between 1 and {self._max_choices} paths", code="path"))
        return tuple(_path(choice) for choice in choices)


@dataclass(frozen=True, slots=True)
class SharedEgress:
    """A network that so many users of so many home countries come from belongs to nobody: a VPN, a cloud proxy."""

    users: int = 15
    home_countries: int = 3


@dataclass(frozen=True, slots=True)
class TravelFields:
    """Who was where: degrees, and an AS number as `network`."""

    user: Paths
    country: Paths
    latitude: Paths
    longitude: Paths
    network: Paths
    user_agent: Paths


@dataclass(frozen=True, slots=True)
class ImpossibleTravel:
    """One person in two countries, faster than anything flies, the second time from a network that is new for them.

    A network stays new for `new_network_for` after its first use. `known_user_agent_lowers`: with a browser that the
    person had used before, the alert is one level less severe.
    """

    fields: TravelFields
    minimum_distance_km: float = 500.0
    minimum_speed_kmh: float = 900.0
    maximum_gap: timedelta = timedelta(hours=24)
    new_network_for: timedelta = timedelta(hours=24)
    shared_egress: SharedEgress = SharedEgress()
    known_user_agent_lowers: bool = True


@dataclass(frozen=True, slots=True)
class SessionFields:
    """Which session an event belongs to, and from what it was used; `network` is an AS number."""

    session: Paths
    network: Paths
    user_agent: Paths


@dataclass(frozen=True, slots=True)
class TokenTwoNetworks:
    """One session or token used from two networks and by two kinds of client, in turns, within a while.

    A change of network alone is what phones and VPNs do all day; `trusted_networks` (AS numbers) never count as second.
    """

    fields: SessionFields
    within: timedelta = timedelta(hours=24)
    trusted_networks: frozenset[int] = frozenset()


class SharedEgressSchema(StrictSchema):
    users = fields.Integer(strict=True, validate=validate.Range(min=2))
    home_countries = fields.Integer(strict=True, validate=validate.Range(min=1))

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> SharedEgress:
        return SharedEgress(**data)


class TravelFieldsSchema(StrictSchema):
    user = PathsField(required=True)
    country = PathsField(required=True)
    latitude = PathsField(required=True)
    longitude = PathsField(required=True)
    network = PathsField(required=True)
    user_agent = PathsField(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> TravelFields:
        return TravelFields(**data)


class ImpossibleTravelSchema(ComponentSchema):
    fields_ = fields.Nested(TravelFieldsSchema, data_key="fields", required=True)
    minimum_distance_km = fields.Float(validate=validate.Range(min=0))
    minimum_speed_kmh = fields.Float(validate=validate.Range(min=0))
    maximum_gap = TimespanField()
    new_network_for = TimespanField()
    shared_egress = fields.Nested(SharedEgressSchema)
    known_user_agent_lowers = fields.Boolean()

    def make(self, data: dict[str, Any]) -> ImpossibleTravel:
        """Return the detector; what is absent keeps its default."""
        return ImpossibleTravel(fields=data.pop("fields_"), **data)


class SessionFieldsSchema(StrictSchema):
    session = PathsField(required=True)
    network = PathsField(required=True)
    user_agent = PathsField(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> SessionFields:
        return SessionFields(**data)


class TokenTwoNetworksSchema(ComponentSchema):
    fields_ = fields.Nested(SessionFieldsSchema, data_key="fields", required=True)
    within = TimespanField()
    trusted_networks = fields.List(fields.Integer(strict=True))

    def make(self, data: dict[str, Any]) -> TokenTwoNetworks:
        """Return the detector; what is absent keeps its default."""
        data["trusted_networks"] = frozenset(data.get("trusted_networks", ()))
        return TokenTwoNetworks(fields=data.pop("fields_"), **data)


Detector = ImpossibleTravel | TokenTwoNetworks


def _path(text: object) -> tuple[str, ...]:
    if not isinstance(text, str) or not _PATH.fullmatch(text):
        raise ValidationError(Complaint("must be a dotted path such as src_endpoint.ip", code="path"))
    return tuple(text.split("."))
