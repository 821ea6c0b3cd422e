"""A dormant application awakens: one that nobody used for months reads the directory from another provider."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sqlalchemy import func, select

from sandbox.access.client import Client, find_client, hash_secret
from sandbox.foundation.database import db, transaction
from sandbox.foundation.identifiers import new_id, new_secret
from sandbox.lab.scenarios.parts import cast, thief
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.prevented import Prevented
from sandbox.lab.scenarios.stage import Stage
from sandbox.oauth import tokens
from sandbox.resources.apps.model import App
from sandbox.resources.grants.model import Grant
from sandbox.resources.users.model import User

_SCOPE = frozenset({"users:read"})


def awaken(stage: Stage) -> Iterator[timedelta]:
    """Take over the infrastructure of an application that was let in long ago, and with it what people gave to it."""
    if (grant := stage.theater.look(_oldest)) is None:
        raise Prevented("nothing_to_find")
    owner = cast(stage, "victim", partial(stage.cast.person, grant.user_id))
    stage.involve("app", grant.app_id, "attacker")
    program = thief(stage, "attacker", owner)
    redeem = partial(_redeem, grant.id, grant.app_id, owner.id)
    program.state["token"] = stage.theater.act(redeem, ip=program.state["ip"], agent=program.state["agent"])
    yield stage.between(2, 10)


def _oldest() -> Grant | None:
    """Find the permission to read people that was not used for the longest time."""
    given = select(Grant).join(App, (App.id == Grant.app_id) & (App.tenant_id == Grant.tenant_id))
    owned = given.join(User, (User.id == Grant.user_id) & (User.tenant_id == Grant.tenant_id))
    alive = owned.where(Grant.status == "active", App.status == "enabled", User.status == "active")
    latest = alive.order_by(func.coalesce(Grant.last_used_at, Grant.granted_at), Grant.id)
    return next((grant for grant in db.session.scalars(latest) if set(grant.scopes) >= _SCOPE), None)


def _redeem(grant_id: str, app_id: str, user_id: str) -> str:
    """Get a token for what was given, as the client that the application is."""
    with transaction() as session:
        app = session.scalars(select(App).where(App.id == app_id)).one()
        client = find_client(app.client_id) if app.client_id else None
        if client is None:  # Seeded applications have no client until one of them comes to life.
            terms = {"auth_method": "client_secret_basic", "grant_types": ["refresh_token"], "scope": " ".join(_SCOPE)}
            client = Client(
                id=new_id("clt"), name=app.name, app_id=app.id, secret_hash=hash_secret(new_secret()), **terms
            )
            session.add(client)
            session.flush()
            app.client_id = client.id
        if not client.is_enabled or app.status != "enabled":
            raise Prevented("app_disabled")
        family = tokens.open_family(client, user_id=user_id, grant_id=grant_id)
        return str(tokens.issue(family, client, grant_type="refresh_token", scope=_SCOPE)["access_token"])


def read(stage: Stage) -> Iterator[timedelta]:
    """Read the directory."""
    program = stage.program("attacker")
    for _ in range(3):
        program.read_all("/v1/users", limit=50)
        yield stage.between(1, 8)


SCENARIO = Scenario(
    id="dormant_app",
    title="An application that nobody used for long reads the directory",
    description="Whoever took over a forgotten application uses an old permission, from a network it never came from.",
    steps=(
        Step("use an old permission", awaken, "T1550.001"),
        Step("read the directory", read, "T1087.004"),
    ),
    expected_detections=("dormant_app_used",),
)
