"""Files: what is kept where, by whom, and with whom it is shared. Metadata; the content is made up when it is asked for.

Copy card. Needs: foundation, http (`attachment`, `precondition`), access, users (`standing`, `addresses`), projects,
audit_events (`record`). Beside the five files: `sharing.py` (shares and what settings allow), `links.py` (public links).
Delete: `links.py` where nothing is public.
"""

from sandbox.resources.files.links import blueprint as links
from sandbox.resources.files.routes import blueprint

__all__ = ["blueprint", "links"]
