"""What a User-Agent header says of whoever sent it: browser or app, its version, and the system below.

Beside the five files. Headers say what they like, so this is for people to read and for rules to compare, never for
deciding who somebody is; what is not known reads as None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Agent:
    """What signed in; `type` is browser, app, or other for scripts and what nobody knows."""

    type: Literal["browser", "app", "other"]
    name: str | None
    version: str | None
    os: str | None


# In this order: Edge calls itself Chrome too, and everybody calls themselves Safari.
_BROWSERS = (
    ("Edge", re.compile(r"\bEdg(?:A|iOS)?/([\d.]+)")),
    ("Opera", re.compile(r"\bOPR/([\d.]+)")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/([\d.]+)")),
    ("Chrome", re.compile(r"\b(?:Chrome|CriOS)/([\d.]+)")),
    ("Safari", re.compile(r"\bVersion/([\d.]+).* Safari/")),
)
_SYSTEMS = (
    ("iOS", re.compile(r"\biPhone|\biPad|\biOS\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("macOS", re.compile(r"\bMac OS X\b|\bmacOS\b")),
    ("Linux", re.compile(r"\bLinux\b")),
)
_APP = re.compile(r"(Harbor)/([\d.]+)")
_PRODUCT = re.compile(r"([A-Za-z][\w.+-]*)(?:/([\w.+-]+))?")


def describe(user_agent: str | None) -> Agent | None:
    """Read a header; None without one."""
    if not user_agent:
        return None
    system = next((name for name, pattern in _SYSTEMS if pattern.search(user_agent)), None)
    if app := _APP.match(user_agent):
        return Agent("app", app[1], app[2], system)
    for name, pattern in _BROWSERS:
        if found := pattern.search(user_agent):
            return Agent("browser", name, found[1], system)
    product = _PRODUCT.match(user_agent)
    return Agent("other", product[1] if product else None, product[2] if product else None, system)
