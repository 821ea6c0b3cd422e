"""A rogue identity provider: whoever has an administrator's session lets another one vouch for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sandbox.lab.scenarios.deeds import set_to, work
from sandbox.lab.scenarios.parts import at_own_desk, cast, stranger, who
from sandbox.lab.scenarios.plot import Scenario, Step
from sandbox.lab.scenarios.stage import Stage
from sandbox.resources.identity_providers import service as identity_providers


def administrator_works(stage: Stage) -> Iterator[timedelta]:
    """Let an administrator sign in, with a second factor, and work."""
    administrator = cast(stage, "victim", partial(stage.cast.holder, "administrator"))
    desk = at_own_desk(stage, administrator)
    yield from work(stage, desk, administrator, files=2)
    stage.involve("session", desk.session_id, "stolen")


def add_provider(stage: Stage) -> Iterator[timedelta]:
    """Add a provider that the attacker owns, in the stolen session."""
    attacker = stranger(stage, "attacker", who(stage, "victim"))
    attacker.takes_over(at_own_desk(stage, who(stage, "victim")))
    provider = {
        "name": "Acme single sign-on (new)",
        "protocol": "oidc",
        "issuer": "https://sign-in.partner.example",
        "sign_in_url": "https://sign-in.partner.example/authorize",
    }
    attacker.do(partial(identity_providers.create, **provider), needs="configuration:write")
    yield stage.between(20, 90)


def loosen(stage: Stage) -> Iterator[timedelta]:
    """No longer demand that assertions are signed."""
    set_to(stage.visitor("attacker"), "identity.sso.assertion_signed", False)
    yield stage.between(20, 90)


SCENARIO = Scenario(
    id="rogue_identity_provider",
    title="Another identity provider is trusted",
    description="In an administrator's stolen session a foreign provider is added, and signatures are not asked for.",
    steps=(
        Step("an administrator works", administrator_works, "T1550.004", role="context"),
        Step("add an identity provider", add_provider, "T1484.002"),
        Step("ask for no signatures", loosen, "T1556.007"),
    ),
    expected_detections=("identity_provider_changed", "security_control_weakened"),
)
