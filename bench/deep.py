"""A log of a million events, sealed in bulk: what the promise of equal cost at any depth is measured on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from sandbox.app import create_app
from sandbox.foundation.clock import from_milliseconds, milliseconds, now, to_wire
from sandbox.foundation.database import transaction
from sandbox.foundation.tenancy import enter
from sandbox.resources.audit_events.seal import Line, open_log, seal_history
from sandbox.settings import Settings

EVENTS = 1_000_000
_APART = 10_000
_AT_ONCE = 100
_ACTOR = "usr_01h1evqvz83dab0ft105w4mz6n"


def dig(seeded: Path, database: Path) -> None:
    """Copy a seeded database, and give its default tenant a history of a million events instead of its own."""
    shutil.copyfile(seeded, database)
    settings = Settings(database_url=f"sqlite:///{database}")
    app = create_app(settings)
    with app.app_context(), enter(settings.default_tenant), transaction() as session:
        start = milliseconds(now()) - EVENTS * _APART
        seal_history(session, "deep", _lines(start))
        open_log(session, "deep")


def _lines(start: int) -> Iterator[Line]:
    """Tell a long and dull history, each event as long as those of a seeded one, many at a time."""
    for first in range(0, EVENTS, _AT_ONCE):
        moment = start + first * _APART
        when = to_wire(from_milliseconds(moment))
        before, behind = _BEFORE.encode(), _BEHIND.replace("WHEN", when).encode()
        for number in range(first, first + _AT_ONCE):
            yield b"%b%026d%b" % (before, number, behind), moment, moment, "file.viewed", "success", _ACTOR


_BEFORE = (
    '{"action":"file.viewed","actor":{"email":"eleni.bohlander@acme.example","id":"usr_01h1evqvz83dab0ft105w4mz6n",'
    '"name":"Eleni Bohlander",'
    '"type":"user"},"category":"file","changes":[],"client":{"id":"harbor-web","name":"Harbor for the web"},'
    '"details":{},"id":"evt_'
)
_BEHIND = (
    '","impersonator":null,"ingested_at":"WHEN","occurred_at":"WHEN","outcome":{"reason":null,"result":"success"}'
    ',"request_id":"req_01h1evqvz83dab0ft105w4mz6n","session_id":"ses_01h1evqvz83dab0ft105w4mz6n","source":{"as":'
    '{"number":64500,"organization":"Meridian Remote Access"},"channel":"ui","geo":{"city":"Frankfurt","country":"DE",'
    '"latitude":50.1109,"longitude":8.6821,"region":"DE-HE"},"ip":"192.0.2.10","user_agent":"Mozilla/5.0 (X11; Linux '
    'x86_64)"},"targets":[{"id":"fil_01h1evqvz83dab0ft105w4mz6n","name":"Quarterly report","type":"file"}]}'
)
