"""Letting stories be played."""

from __future__ import annotations

from flask import Flask

from sandbox.lab.scenarios.routes import blueprint
from sandbox.lab.scenarios.run import LIVE_STORIES


def install(app: Flask) -> None:
    """Add `/_lab/scenarios`, and let the housekeeper go on with live stories."""
    app.register_blueprint(blueprint)
    housekeeper = app.extensions["housekeeper"]
    housekeeper.chores = (*housekeeper.chores, LIVE_STORIES)
