"""Which kind of client a User-Agent header stands for: its name and its platform, without versions.

Browsers update themselves every few weeks; a person changes to another browser or platform rarely, so that is what counts.
RFC 9110 §10.1.5 has the syntax; the order of the names below matters, since most browsers claim to be others as well.
"""

from __future__ import annotations

from functools import lru_cache

_BROWSERS = (
    ("Edg", "edge"),
    ("OPR/", "opera"),
    ("SamsungBrowser/", "samsung"),
    ("Firefox/", "firefox"),
    ("FxiOS/", "firefox"),
    ("CriOS/", "chrome"),
    ("HeadlessChrome/", "headless chrome"),
    ("Chrome/", "chrome"),
    ("Safari/", "safari"),
)
_PLATFORMS = (
    ("Android", "android"),
    ("iPhone", "ios"),
    ("iPad", "ios"),
    ("iOS", "ios"),
    ("Windows", "windows"),
    ("Macintosh", "macos"),
    ("CrOS", "chromeos"),
    ("Linux", "linux"),
)


@lru_cache(maxsize=4096)
def family(user_agent: str | None) -> str:
    """Return name and platform, such as ``firefox on linux``; the product's own name for anything but a browser."""
    text = (user_agent or "").strip()
    if not text:
        return "unknown"
    if text.startswith("Mozilla/"):
        name = next((name for mark, name in _BROWSERS if mark in text), "browser")
    else:
        name = text.split("/", 1)[0].split(" ", 1)[0].lower()
    platform = next((platform for mark, platform in _PLATFORMS if mark in text), None)
    return f"{name} on {platform}" if platform else name
