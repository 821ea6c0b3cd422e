"""Bulk exports: jobs that take a while, and are then downloaded by whoever asked for them.

Copy card. Needs: foundation, http (`attachment`), access, users (`standing`), projects, files, configuration, audit_events
(`record`). Beside the five files: `sources.py` (what can be exported). Delete: entries there, and what they import.
"""

from sandbox.resources.exports.routes import blueprint

__all__ = ["blueprint"]
