"""The stories of the field that break connectors, each as the faults that make it: `POST /_lab/faults/presets/{name}`.

What no server can make, such as killing the client, is told as what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

LOG = "/v1/audit-events"


@dataclass(frozen=True, slots=True)
class Part:
    """A fault of a preset: its kind, its parameters, and when it acts."""

    kind: str
    parameters: dict[str, Any] = field(default_factory=dict)
    when: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preset:
    """A story by name. `must` is what a good connector has to show for it; `do` what is left to whoever tests."""

    name: str
    story: str
    must: str
    parts: Sequence[Part] = ()
    do: str = "Run the connector."


def _once(after: int = 3) -> dict[str, Any]:
    return {"after": after, "count": 1}


_ALL = "Everything is delivered once, in order."
_TWICE = "Run the connector, set the preset, and run it again."

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "throttled-seconds",
            "429 in mid-run, with Retry-After in seconds.",
            "It waits as long as it is told, and goes on.",
            [Part("throttled", {"seconds": 3}, _once())],
        ),
        Preset(
            "throttled-date",
            "429 in mid-run, with Retry-After as a date.",
            "It waits until that date.",
            [Part("throttled", {"seconds": 4, "form": "date"}, _once())],
        ),
        Preset(
            "throttled-silent",
            "429 twice, without any header.",
            "It waits longer each time, and goes on.",
            [Part("throttled", {"form": "none"}, {"after": 3, "count": 2})],
        ),
        Preset("unavailable-twice", "503 twice.", _ALL, [Part("unavailable", {}, {"after": 3, "count": 2})]),
        Preset(
            "token-revoked",
            "401 once in mid-run: somebody revoked the token.",
            "It gets a new token and repeats the request.",
            [Part("token_dies", {}, _once())],
        ),
        Preset(
            "token-expires-waiting",
            "429, and the token is dead when the wait is over.",
            "It gets a new token and goes on.",
            [Part("token_dies_waiting", {"seconds": 2}, _once())],
        ),
        Preset(
            "token-repeats",
            "The token of the next page is the one just used, for ever.",
            "It ends loudly instead of going round in circles.",
            [Part("cursor_repeats", {}, {"after": 2, "count": None})],
        ),
        Preset("body-truncated", "A body is cut off once.", _ALL, [Part("truncated", {}, _once())]),
        Preset("html-with-200", "A maintenance page with status 200, once.", _ALL, [Part("html_instead", {}, _once())]),
        Preset(
            "error-with-200", "An error as JSON with status 200, once.", _ALL, [Part("error_with_200", {}, _once())]
        ),
        Preset("empty-page", "An empty page that names a next one.", _ALL, [Part("empty_page", {}, _once())]),
        Preset(
            "window-shift",
            "A page repeats ten rows and leaves ten out.",
            "It notices, and calls the run partial unless it has read them after all.",
            [Part("window_shift", {"rows": 10}, _once(1))],
        ),
        Preset(
            "rows-repeated",
            "Ten rows come twice.",
            "It keeps one of each.",
            [Part("rows_repeated", {"rows": 10}, _once())],
        ),
        Preset(
            "cursor-expired",
            "The cursor is refused once in mid-run.",
            "It begins the window anew and keeps one of each.",
            [Part("cursor_expired", {}, _once(2))],
        ),
        Preset(
            "server-hangs",
            "A request is taken and never answered.",
            "It gives up by a time-out of its own, and asks again.",
            [Part("hangs", {"seconds": 120}, _once())],
        ),
        Preset("nothing-new", "The second run finds nothing new.", "No record comes twice.", do="Run it twice."),
        Preset(
            "tie-at-the-mark",
            "After the first run one more event comes with the time of the newest.",
            "The second run delivers it.",
            [Part("stamped_event", {"at": "tie"}, _once(0))],
            do=_TWICE,
        ),
        Preset(
            "late-without-lookback",
            "An event comes a minute late, and the connector looks back at nothing.",
            "Its settle delay saves it, or the run says what it may lack.",
            [Part("stamped_event", {"at": "past", "seconds": 60}, _once(0))],
            do=_TWICE,
        ),
        Preset(
            "late-within-lookback",
            "An event comes ten minutes late, within what the connector looks back.",
            "The second run delivers it, and nothing twice.",
            [Part("stamped_event", {"at": "past", "seconds": 600}, _once(0))],
            do=_TWICE,
        ),
        Preset(
            "future-stamp",
            "One event is stamped a day ahead, then five ordinary ones come.",
            "All six are delivered: a time ahead of the server does not move the mark.",
            [Part("stamped_event", {"at": "future", "seconds": 86_400, "ordinary": 5}, _once(0))],
            do=_TWICE,
        ),
        Preset(
            "killed", "The client is killed at page 6.", _ALL, do="Kill -9 the connector at page 6, and run it again."
        ),
        Preset(
            "killed-newest-first",
            "The same on a feed that shows the newest first.",
            _ALL,
            do="Read with order=desc, kill -9 the connector at page 6, and run it again.",
        ),
    )
}


def described(number: int, preset: Preset) -> dict[str, Any]:
    """Describe a preset for the list."""
    return {
        "name": preset.name,
        "number": f"F{number}",
        "story": preset.story,
        "must": preset.must,
        "do": preset.do,
        "faults": [{"kind": part.kind, "parameters": part.parameters, **part.when} for part in preset.parts],
    }
