"""The token of an impersonation: for the person, with the administrator as its actor (RFC 8693 §4.1).

It belongs to the client that the administrator uses, to a family below theirs, so that it ends with what it came from, and
to the same key, if theirs is bound to one (RFC 9449 §6).
"""

from __future__ import annotations

from sandbox.access.client import find_client
from sandbox.access.protect import current_access
from sandbox.access.terms import IMPERSONATION, Terms
from sandbox.access.token import TokenFamily
from sandbox.foundation.actor import Party
from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import db
from sandbox.foundation.problems import Unauthenticated
from sandbox.foundation.tenancy import current_tenant_id
from sandbox.oauth import tokens
from sandbox.resources.impersonations.service import Issued


def issue_token(impersonation_id: str, impersonator: Party, user_id: str, *, seconds: int) -> Issued:
    """Issue it, inside the caller's transaction; raises Unauthenticated if the caller's own token was revoked meanwhile."""
    access = current_access()
    parent = db.session.get(TokenFamily, (current_tenant_id(), access.family_id), with_for_update=True)
    client = find_client(access.client_id)
    if parent is None or parent.revoked_at is not None or client is None:
        raise Unauthenticated("The access token was revoked (RFC 6750 section 3.1).")
    act = {"sub": impersonator.id, "name": impersonator.name, "email": impersonator.email}
    family = tokens.open_family(client, user_id=user_id, parent_id=parent.id)
    answer = tokens.issue(
        family,
        client,
        grant_type="impersonation",
        scope=access.scopes,
        terms=Terms(jkt=access.terms.jkt, act={**act, IMPERSONATION: impersonation_id}),
        until=wall_seconds() + seconds,
        details={"impersonation_id": impersonation_id},
    )
    told = {name: answer[name] for name in ("access_token", "token_type", "expires_in", "scope")}
    return Issued(family.id, **told)
