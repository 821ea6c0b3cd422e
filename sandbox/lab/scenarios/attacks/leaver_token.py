"""A leaver with a key: suspended, but the token of a service account that they looked after still works."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import act, give_role, make_token
from sandbox.lab.scenarios.parts import at_own_desk, cast, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage
from sandbox.resources.service_accounts import service as service_accounts


def hand_out(stage: Stage) -> Iterator[timedelta]:
    """Let an administrator make a service account for somebody, with a token."""
    administrator = cast(stage, "administrator", lambda: stage.cast.holder("administrator"))
    leaver = cast(stage, "leaver", stage.cast.colleague)
    desk = at_own_desk(stage, administrator)
    desk.sign_in(administrator.email, factor="push")
    yield stage.between(60, 200)

    def make() -> tuple[str, str]:
        account = service_accounts.create(name="Team report", owner_id=leaver.id)
        return account.id, account.user_id

    account_id, user_id = desk.do(make, needs="users:write")
    give_role(desk, "member", user_id)
    scopes = {"users:read", "groups:read"}
    stage.memory["token"] = make_token(desk, "Team report", scopes, service_account_id=account_id)
    stage.involve("service_account", account_id, "key")
    report = stage.program("report", ip=leaver.ip, agent="team-report/1.0", token=stage.memory["token"])
    report.get("/v1/users?limit=5")
    yield timedelta(days=1)


def leave(stage: Stage) -> Iterator[timedelta]:
    """Let the person leave: the account is suspended, its sessions and tokens end."""
    administrator, leaver = who(stage, "administrator"), who(stage, "leaver")
    desk = at_own_desk(stage, administrator)
    desk.sign_in(administrator.email, factor="push")
    yield stage.between(60, 200)
    act(desk, "suspend_user", leaver.id, reason="left the company")
    yield timedelta(days=3)


def use(stage: Stage) -> Iterator[timedelta]:
    """Read the directory at night, from home, with the key that nobody thought of."""
    leaver = who(stage, "leaver")
    ip = stage.cast.near("home", leaver)
    stage.involve("ip", ip, "attacker")
    program = stage.program("attacker", ip=ip, agent="curl/8.16.0", token=stage.memory["token"])
    for path in ("/v1/users", "/v1/groups"):
        program.read_all(path, limit=50)
        yield stage.between(2, 20)


SCENARIO = Scenario(
    id="leaver_token",
    title="Somebody who left uses a key that was forgotten",
    description="A person is suspended; days later the service account that they owned is used from a home line.",
    steps=(
        Step("a service account is made for somebody", hand_out, "T1078.004", role="context"),
        Step("the person leaves", leave, "T1078.004", role="context"),
        Step("use the forgotten key", use, "T1078.004"),
    ),
    expected_detections=("service_account_new_network",),
)
