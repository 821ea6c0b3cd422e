"""What no real vendor ships: the seeded company, the truth about its attacks, a clock to bend, faults, a journal, a reset.

`install` is the only door: delete this folder and the API still stands. The lab never shows in the vendor's own API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def install(app: Flask) -> None:
    """Add `/_lab`, keep the journal, let faults act; called by `app.py` unless the server runs in production."""
    from sandbox.access.protect import use_atlas
    from sandbox.lab import (  # Not above: a story begins before Flask is imported.
        atlas,
        control,
        limits,
        seeding,
        snapshots,
    )
    from sandbox.lab.faults import engine
    from sandbox.lab.faults import routes as faults
    from sandbox.lab.journal import recorder
    from sandbox.lab.journal import routes as journal
    from sandbox.lab.ledger import setup as ledger
    from sandbox.lab.scenarios import setup as scenarios

    app.register_blueprint(control.blueprint)
    app.register_blueprint(snapshots.blueprint)
    app.register_blueprint(seeding.blueprint)
    app.register_blueprint(faults.blueprint)
    app.register_blueprint(journal.blueprint)
    use_atlas(atlas.locate)
    scenarios.install(app)
    limits.install(app)
    recorder.install(app)
    ledger.install(app)
    engine.install(app)
