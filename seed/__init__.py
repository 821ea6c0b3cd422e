"""The data of the simulated company: people, access, apps, settings and a month of audit events, all from one number.

`plan(profile, seed)` answers a `Dataset`. The same profile and seed give the same bytes on every machine. Nothing here
opens a file outside the package, a socket or a database, and no wall clock is read.

Reading order: `dataset` (what comes out), `planning` (the steps in order), then one file per step.
"""

from seed.dataset import Dataset
from seed.planning import plan
from seed.profile import UnknownProfile

__all__ = ["Dataset", "UnknownProfile", "plan"]
