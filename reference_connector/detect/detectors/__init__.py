"""Detectors: what no single event and no fixed order shows. Each turns rows into matches and knows nothing of the others.

A detector is a module with `columns(parameters)`, what it reads from an event, and `find(parameters, rows)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reference_connector.detect.attributes import Getter, first_of
from reference_connector.detect.detectors import impossible_travel, token_two_networks
from reference_connector.detect.match import Match
from reference_connector.detect.watch import Row
from reference_connector.manifest.detectors import Detector, ImpossibleTravel


def columns(detector: Detector) -> list[Getter]:
    """Return what a detector reads from each event that its rule lets through."""
    if isinstance(detector, ImpossibleTravel):
        return [first_of(paths) for paths in impossible_travel.columns(detector)]
    return [first_of(paths) for paths in token_two_networks.columns(detector)]


def find(detector: Detector, rows: Sequence[Row]) -> Iterator[Match]:
    """Yield the matches of a detector over rows in the order of event time."""
    if isinstance(detector, ImpossibleTravel):
        return impossible_travel.find(detector, rows)
    return token_two_networks.find(detector, rows)
