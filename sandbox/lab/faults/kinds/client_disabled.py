"""The vendor or an administrator switches the app off."""

from __future__ import annotations

from sandbox.foundation.actor import acting_as
from sandbox.foundation.database import transaction
from sandbox.lab.faults.answer import lab_acts
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.resources.actions import service as actions
from sandbox.resources.apps import service as apps


def _applies(call: Call, _: Given) -> bool:
    return call.access is not None


def _disable(call: Call, _: Given) -> None:
    if call.client_id is not None:
        with acting_as(lab_acts()), transaction():
            app = apps.for_client(call.client_id)
            actions.take("disable_app", app.id, reason="client disabled in the lab")


KIND = Kind(
    "client_disabled",
    story="The app is switched off for everybody: tokens are 401 from the next request on, and the token endpoint answers "
    "401 invalid_client although the secret is right.",
    remedy="invalid_client concerns every connection of the app: stop all of them, call the operator, and do not ask "
    "people to connect again one by one.",
    count=1,
    applies=_applies,
    authenticated=_disable,
)
