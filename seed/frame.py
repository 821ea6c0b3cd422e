"""What every step of a plan is given: how much there shall be, between which moments, and where chance comes from."""

from dataclasses import dataclass

from seed.period import Period
from seed.profile import Profile
from seed.randomness import Random, Streams


@dataclass(frozen=True, slots=True)
class Frame:
    """The terms of one plan."""

    profile: Profile
    period: Period
    streams: Streams

    def stream(self, *name: str | int) -> Random:
        """Open the stream of random numbers of this name, at its beginning."""
        return self.streams.stream(*name)

    def below(self, *scope: str | int) -> "Frame":
        """Answer the same terms with a chance of their own."""
        return Frame(self.profile, self.period, self.streams.below(*scope))
