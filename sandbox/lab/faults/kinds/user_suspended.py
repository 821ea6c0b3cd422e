"""The person for whom the client acts is suspended."""

from __future__ import annotations

import logging

from sandbox.foundation.actor import acting_as
from sandbox.foundation.problems import Conflict
from sandbox.http.request_id import request_id
from sandbox.lab.faults.answer import lab_acts
from sandbox.lab.faults.fault import Call, Given, Kind
from sandbox.resources.actions import service as actions

log = logging.getLogger("sandbox")


def _applies(call: Call, _: Given) -> bool:
    return call.access is not None and call.access.subject is not None


def _suspend(call: Call, _: Given) -> None:
    if call.access is None or call.access.subject is None:
        return
    try:
        with acting_as(lab_acts()):
            actions.take("suspend_user", call.access.subject.id, reason="user suspended in the lab")
    except Conflict as refusal:  # The last administrator, who cannot be suspended here either.
        log.warning("request %s: nobody was suspended: %s", request_id(), refusal.detail)


KIND = Kind(
    "user_suspended",
    story="The employee who connected the app leaves the company, in the middle of a run: sessions and tokens end at once.",
    remedy="As for a withdrawn consent: one refresh, then stop on invalid_grant. For integrations of an organization use "
    "client credentials, so that they do not hang on one person.",
    count=1,
    applies=_applies,
    authenticated=_suspend,
)
