"""SCIM 2.0 over the same people and groups (RFC 7643, RFC 7644, cursors of RFC 9865): how directories provision Harbor.

Read `routes.py` (every address), then `endpoints.py`, then `README.md` for the way of a request. Everything is done by the
services of the resources; no table belongs to this folder. Delete it and the API still stands.
"""

from sandbox.scim.routes import blueprint

__all__ = ["blueprint"]
