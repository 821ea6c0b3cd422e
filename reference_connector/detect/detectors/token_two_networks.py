"""One session or token at work on two networks and in two kinds of client: it was copied.

A change of network alone is what phones and VPNs do all day, and a new version of a browser is still the same client. Both
at once cannot happen to a cookie that stays where it was made. MITRE ATT&CK T1539, T1550.004, T1528.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reference_connector.detect.detectors.user_agent import family
from reference_connector.detect.match import Match, Stretch
from reference_connector.detect.watch import Row
from reference_connector.manifest.detectors import Paths, TokenTwoNetworks


class Use(NamedTuple):
    """A session in use; the order of the fields is that of a row."""

    time: int
    position: int
    session: str
    network: int
    user_agent: str | None


def columns(detector: TokenTwoNetworks) -> tuple[Paths, ...]:
    """Return the attributes of a row after time and position."""
    read = detector.fields
    return read.session, read.network, read.user_agent


def find(detector: TokenTwoNetworks, rows: Sequence[Row]) -> Iterator[Match]:
    """Yield a match for every use of a session by somebody else, over rows in the order of event time."""
    within = int(detector.within.total_seconds() * 1000)
    owners: dict[str, Use] = {}
    for use in (Use(*row) for row in rows if row[2] is not None and row[3] is not None):
        owner = owners.setdefault(use.session, use)
        if family(use.user_agent) == family(owner.user_agent):
            owners[use.session] = use  # wherever this client goes, it is the owner's
            continue
        is_recent = use.time - owner.time <= within
        if is_recent and use.network != owner.network and use.network not in detector.trusted_networks:
            yield Match(
                time=use.time,
                stretches=(Stretch((owner, use), 0, 1),),
                facts={"client": family(use.user_agent), "owner_client": family(owner.user_agent)},
            )
