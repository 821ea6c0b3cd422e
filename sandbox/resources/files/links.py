"""Public links: a file for anyone who has the address, without a sign-in, as long as its share and the settings allow it.

The address holds the share's id and a seal over it, so that it cannot be guessed and nothing has to be kept. Outside the
documented API: browsers follow it.
"""

from __future__ import annotations

import hashlib
import hmac

from flask import Blueprint, Response, request
from sqlalchemy import select

from sandbox.access.protect import request_source
from sandbox.foundation.actor import Actor, Party, acting_as
from sandbox.foundation.database import db, transaction
from sandbox.foundation.problems import NotFound
from sandbox.foundation.server_facts import derive_key
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.http.attachment import Attachment, respond
from sandbox.http.contract import NoFilters, read_query, single_values
from sandbox.http.rate_limit import spend
from sandbox.http.request_id import request_id
from sandbox.http.tenant_routing import issuer
from sandbox.resources.audit_events.service import record
from sandbox.resources.files.model import File, FileShare
from sandbox.resources.files.service import content_of, target_of
from sandbox.resources.files.sharing import alive, policy

blueprint = Blueprint("links", __name__, url_prefix="/links")


def address_of(share_id: str) -> str:
    """Write the address of a public share."""
    return f"{issuer()}/links/{share_id}.{_seal(share_id)}"


@blueprint.get("/<token>")
def follow_link(token: str) -> Response:
    """Give the file behind a public link; who followed it nobody knows, from where the log tells."""
    read_query(NoFilters(), single_values())
    spend("api", "links", request.remote_addr or "")
    share_id, _, seal = token.partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(share_id).encode()):
        raise NotFound("This link leads nowhere.")
    somebody = Actor(Party("user", None, "Anyone with the link"), request_source("ui"), request_id=request_id())
    with acting_as(somebody), transaction():
        file = _behind(share_id)
        record("file.downloaded", targets=[target_of(file)], details={"scope": "anyone", "share_id": share_id})
        return respond(Attachment(file.name, content_of(file)))


def _behind(share_id: str) -> File:
    public = select(File).join(FileShare, FileShare.file_id == File.id)
    found = public.where(FileShare.id == share_id, FileShare.scope == "anyone", alive(), File.deleted_at.is_(None))
    file = db.session.scalars(found).one_or_none() if policy().public_links else None
    if file is None:
        raise NotFound("This link leads nowhere any longer.")
    return file


def _seal(share_id: str) -> str:
    bound = f"{current_tenant_id()}\n{share_id}".encode()
    return hmac.new(derive_key("file link"), bound, hashlib.sha256).hexdigest()[:40]
