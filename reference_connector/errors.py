"""What can go wrong, grouped by what the person at the terminal should do about it.

    ConnectorError                exit code
    ├── FixManifest     2         the manifest or an argument is wrong; nothing was changed at the vendor
    ├── FixAccess       3         credentials, scopes or permissions are missing or wrong
    ├── TryLater        4         the vendor or the network does not deliver; what was read is kept, run again
    └── Stopped         5         someone asked for it (SIGINT, SIGTERM); what was read is kept

Anything else that escapes is a bug of the connector and ends with exit code 1 and its traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class ConnectorError(Exception):
    """A failure with one cause (`message`), one way out (`remedy`) and a stable slug (`code`)."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, code: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.remedy = remedy


class FixManifest(ConnectorError):
    """The manifest or an argument is wrong; `problems` holds one entry per place when there is more than one."""

    exit_code = 2

    def __init__(self, message: str, *, code: str, remedy: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.problems = tuple(problems)


class FixAccess(ConnectorError):
    """The vendor knows us but says no, or does not know us."""

    exit_code = 3


class TryLater(ConnectorError):
    """The vendor does not answer, or not in a way that can be trusted."""

    exit_code = 4


class Stopped(ConnectorError):
    """The run was asked to stop; a later run continues where this one ended."""

    exit_code = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """One defect of a manifest: where (file, line and column from 1, document path), which rule, and what."""

    file: str
    line: int
    column: int
    path: str
    code: str
    message: str
    severity: str = "error"

    def __str__(self) -> str:
        at = f" {self.path}:" if self.path else ""
        return f"{self.file}:{self.line}:{self.column}: {self.severity}[{self.code}]{at} {self.message}"
