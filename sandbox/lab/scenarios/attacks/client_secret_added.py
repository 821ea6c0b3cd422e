"""A credential is added: whoever got hold of a client's registration gives it a secret, and uses it from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.access.scopes import write_scope
from sandbox.foundation.database import transaction
from sandbox.lab.scenarios.deeds import register_app
from sandbox.lab.scenarios.parts import at_own_desk, cast, thief, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage
from sandbox.oauth import registration

_SCOPE = "users:read groups:read"


def owner_registers(stage: Stage) -> Iterator[timedelta]:
    """Let a developer register a client that has a key and no secret."""
    owner = cast(stage, "victim", stage.cast.colleague)
    keys = {"keys": [{"kty": "EC", "crv": "P-256", "x": _X, "y": _Y, "kid": "build"}]}
    machine = {
        "grant_types": ["client_credentials"],
        "redirect_uris": [],
        "token_endpoint_auth_method": "private_key_jwt",
    }
    told = register_app(at_own_desk(stage, owner), "Build reports", _SCOPE, **machine, jwks=keys)
    stage.memory["told"] = {"client_id": told["client_id"], "token": told["registration_access_token"]}
    stage.involve("client", told["client_id"], "victim")
    yield timedelta(days=2)


def add_secret(stage: Stage) -> Iterator[timedelta]:
    """Replace the registration by one that has a secret."""
    told = stage.memory["told"]
    program = thief(stage, "attacker", who(stage, "victim"), client_id=told["client_id"])

    def do() -> str:
        with transaction():
            client, kept = registration.authenticate(told["client_id"], told["token"])
            terms = {
                "client_id": client.id,
                "client_name": client.name,
                "grant_types": ["client_credentials"],
                "scope": write_scope(client.scopes),
                "token_endpoint_auth_method": "client_secret_post",
            }
            return str(registration.replace(client, kept, terms)["client_secret"])

    attacker = stage.visitor("attacker", ip=program.state["ip"], agent=program.state["agent"])
    stage.memory["secret"] = attacker.outside(do)
    yield stage.between(10, 60)


def use(stage: Stage) -> Iterator[timedelta]:
    """Use the secret, and read the directory."""
    program = stage.program("attacker")
    program.state["secret"] = stage.memory["secret"]
    program.ask(grant_type="client_credentials")
    for path in ("/v1/users", "/v1/groups"):
        program.read_all(path, limit=50)
        yield stage.between(1, 8)


_X, _Y = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
"""The public key of RFC 7515, appendix A.3: any will do, since its private half is not used."""

SCENARIO = Scenario(
    id="client_secret_added",
    title="An application gets a secret, and is used with it from elsewhere",
    description="Somebody who found a registration token turns a client with a key into one with a secret, and uses that.",
    steps=(
        Step("the owner registers a client", owner_registers, "T1098.001", role="context"),
        Step("add a secret", add_secret, "T1098.001"),
        Step("read the directory with it", use, "T1087.004"),
    ),
    expected_detections=("client_secret_added_then_used",),
)
