"""Plugging the ledger in: the observer, its routes, and the chore that stores what nobody asks for."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from flask import Flask

from sandbox.foundation.housekeeper import Chore
from sandbox.foundation.tenancy import clocks
from sandbox.lab.ledger import observer, routes, store
from sandbox.lab.ledger.spool import Spool


def install(app: Flask) -> None:
    """Keep a ledger for this application; between the journal and the faults, so that it sees what they leave."""
    app.register_blueprint(routes.blueprint)
    watching = app.extensions[store.OBSERVER] = observer.install(app)
    housekeeper = app.extensions["housekeeper"]
    chore = Chore("ledger", partial(_due, watching.spool), partial(store.store, watching.spool))
    housekeeper.chores = (*housekeeper.chores, chore)


def _due(spool: Spool) -> list[tuple[str, datetime]]:
    """Name any one tenant while notes wait, since all are stored together."""
    if not spool.waiting().size:
        return []
    return [(tenant_id, clock.now()) for tenant_id, clock in clocks().items()][:1]
