"""What some settings do the moment they are set, beside being read by whoever asks. Most have no entry here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.resources.audit_events import retention

EFFECTS: dict[str, Callable[[Any], None]] = {
    "logging.retention_days": retention.keep_for,
}
