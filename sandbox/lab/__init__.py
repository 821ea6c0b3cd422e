"""What no real vendor ships: the seeded company, the truth about its attacks, a clock to bend, a reset.

`install` is the only door: delete this folder and the API still stands. The lab never shows in the vendor's own API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def install(app: Flask) -> None:
    """Add `/_lab`; called by `app.py` unless the server runs in production."""
    from sandbox.lab.control import blueprint  # Not above: a story begins before Flask is imported.

    app.register_blueprint(blueprint)
