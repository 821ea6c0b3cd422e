"""A backup: a service account reads every list, every night, from the data center where it always ran."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sandbox.lab.scenarios.deeds import give_role, make_token
from sandbox.lab.scenarios.parts import at_own_desk, cast
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage
from sandbox.resources.service_accounts import service as service_accounts


def set_up(stage: Stage) -> Iterator[timedelta]:
    """Let an administrator make the account."""
    person = cast(stage, "administrator", lambda: stage.cast.holder("administrator"))
    desk = at_own_desk(stage, person)
    desk.sign_in(person.email, factor="push")
    yield stage.between(60, 200)

    def make() -> tuple[str, str]:
        account = service_accounts.create(name="Nightly copy", owner_id=person.id)
        return account.id, account.user_id

    account_id, user_id = desk.do(make, needs="users:write")
    give_role(desk, "member", user_id)
    token = make_token(desk, "Nightly copy", {"users:read", "groups:read"}, service_account_id=account_id)
    stage.program("backup", ip=stage.cast.near("home", person), agent="nightly-copy/3.2", token=token)
    yield timedelta(hours=6)


def run(stage: Stage) -> Iterator[timedelta]:
    """Read everything, three nights."""
    backup = stage.program("backup")
    for _ in range(3):
        for path in ("/v1/users", "/v1/groups"):
            backup.read_all(path, pages=20, limit=50)
            yield stage.between(2, 20)
        yield timedelta(hours=24)


SCENARIO = Scenario(
    id="backup_account",
    kind="confuser",
    title="A service account copies everything every night",
    description="A new service account reads every list in one go, each night at the same time, from one address.",
    steps=(
        Step("set the backup up", set_up, role="benign"),
        Step("copy everything", run, role="benign"),
    ),
    expected_detections=("api_enumeration",),
)
