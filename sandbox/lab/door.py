"""Who may enter the lab: it can reset and reveal everything, so it is closed unless there is a reason to open it.

Without a key only on a loopback bind and for the default tenant; otherwise `Authorization: Lab <key>`. A participant's key
opens one tenant, an instructor's all of them and the truth. No cookies, JSON
bodies only, and nothing that a web page of another site could send.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, g, request

from sandbox.foundation.problems import Forbidden, Unauthenticated, UnsupportedMediaType
from sandbox.lab import keys
from sandbox.settings import LOOPBACK, Settings


def check() -> None:
    """Let the present request in, or raise Forbidden, Unauthenticated or UnsupportedMediaType."""
    settings: Settings = current_app.config["SETTINGS"]
    _refuse_other_sites()
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "lab":
        g.lab_role = keys.role_of(key.strip(), g.tenant.id, own=settings.lab_key)
        if g.lab_role is None:
            raise Unauthenticated("This is not the lab's key.", headers={"WWW-Authenticate": 'Lab realm="lab"'})
        return
    if settings.bind_host not in LOOPBACK or g.tenant.id != settings.default_tenant:
        raise Unauthenticated(
            "The lab is open without a key on loopback and for the default tenant only; send `Authorization: Lab <key>`.",
            headers={"WWW-Authenticate": 'Lab realm="lab"'},
        )


def instructors_only() -> None:
    """Raise Forbidden for the key of a participant: the truth, and what concerns other tenants, is an instructor's."""
    if g.get("lab_role") == keys.PARTICIPANT:
        raise Forbidden("This needs the key of an instructor; yours is that of a participant.")


def _refuse_other_sites() -> None:
    """Refuse what a page of another site could send: a foreign Origin, or a body that needs no preflight."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.host.lower():
        raise Forbidden("The lab takes no requests from other sites.")
    if (
        request.method in {"POST", "PUT", "PATCH", "DELETE"}
        and request.get_data()
        and request.mimetype != "application/json"
    ):
        raise UnsupportedMediaType("Send the body as application/json.", media_type=request.mimetype)
