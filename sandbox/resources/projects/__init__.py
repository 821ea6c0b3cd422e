"""Projects: where people keep files together, who is in them, and who may find them.

Copy card. Needs: foundation, http, access, users (the people, and `standing`), audit_events (`record`). Beside the five
files: `reach.py` (what authorization details allow). Delete: `reach.py` where no token is bound to a project.
"""

from sandbox.resources.projects.routes import blueprint

__all__ = ["blueprint"]
