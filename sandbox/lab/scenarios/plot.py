"""What a scenario is, as data: its steps, what each stands for in ATT&CK, and who takes part.

A step is a generator: it acts through the stage, and yields the time that passes until it goes on. Whoever plays it decides
whether that time is travelled or waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from sandbox.lab.scenarios.stage import Stage

ATTACK_VERSION: Final = "18.1"
"""The release of MITRE ATT&CK that the technique numbers are taken from."""

Play = Callable[["Stage"], Iterator[timedelta]]


class Difficulty(StrEnum):
    """How hard an attack is to see: noisy ones hurry, hard ones are slow and look like their victim."""

    NOISY = "noisy"
    DEFAULT = "default"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `technique` is of ATT&CK (None for what is no attack), `role` what its events are to a judge.

    The story ends where a step is prevented, unless it `may_fail`.
    """

    name: str
    play: Play
    technique: str | None = None
    role: Literal["malicious", "context", "benign"] = "malicious"
    may_fail: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """An attack, or a confuser: something harmless that looks like one.

    `expected_detections` are what should notice an attack, and what a confuser must not set off. `prevented_by` names
    settings of the seeded company that stop it as they are, with the value that lets it happen.
    """

    id: str
    title: str
    description: str
    steps: tuple[Step, ...]
    expected_detections: tuple[str, ...]
    prevented_by: Mapping[str, object] = field(default_factory=dict)
    kind: Literal["attack", "confuser"] = "attack"

    @property
    def techniques(self) -> list[str]:
        """The techniques of its steps, each once, in the order of the story."""
        return list(dict.fromkeys(step.technique for step in self.steps if step.technique))
