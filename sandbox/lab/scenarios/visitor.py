"""Somebody at a browser: signs in through the sign-in service, and acts through the services while the session lives."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from sandbox.access.permissions import subject
from sandbox.lab.scenarios.prevented import Prevented
from sandbox.lab.scenarios.theater import Theater
from sandbox.oauth import admission, second_factor
from sandbox.oauth import sign_in as signing_in
from sandbox.oauth.actor import person_acts, visitor_acts
from sandbox.resources.sessions import service as sessions
from sandbox.resources.sessions.model import Session
from sandbox.resources.users import service as users
from sandbox.resources.users.standing import refuse

T = TypeVar("T")

_WRONG = frozenset({"invalid_credentials", "unknown_user"})


class Visitor:
    """One browser; `state` is what the story keeps of it: address, user agent, person, cookie, session."""

    def __init__(self, theater: Theater, state: dict[str, Any]) -> None:
        self._theater, self.state = theater, state

    @property
    def session_id(self) -> str:
        """The session that it holds."""
        return str(self.state["session_id"])

    def guess(self, email: str) -> None:
        """Try a wrong password; raises Prevented where not even the right one would do: locked, suspended, kept out."""
        try:
            self._act(partial(signing_in.sign_in, email, "", verify=lambda *_: False))
        except Prevented as refusal:
            if refusal.reason not in _WRONG:
                raise

    def sign_in(self, email: str, *, factor: str | None = None) -> None:
        """Sign in with the right password, and pass a second factor if one is given; raises Prevented.

        Where the organization demands a second factor and none is given, the password alone leads nowhere.
        """
        self._act(partial(self._sign_in, email, factor))

    def is_denied(self, email: str, *, factor: str) -> None:
        """Know the password, and be denied by whoever has the second factor; raises Prevented where nobody is asked."""
        self._act(partial(signing_in.deny, email, "", factor=factor, verify=lambda *_: True))

    def do(self, deed: Callable[[], T], *, needs: str | None = None) -> T:
        """Do something in the session, as its person; raises Prevented once the session is over or the person suspended.

        `needs` names the scope that the person's roles must allow at this moment.
        """
        return self._act(partial(self._in_session, deed, needs))

    def outside(self, deed: Callable[[], T]) -> T:
        """Do something that needs no session, as somebody whom nobody knows; raises Prevented."""

        def do() -> T:
            visitor_acts()
            return deed()

        return self._act(do)

    def takes_over(self, other: Visitor) -> None:
        """Hold the session of another browser: its cookie was stolen."""
        for name in ("user_id", "cookie", "session_id"):
            self.state[name] = other.state[name]

    def _act(self, deed: Callable[[], T]) -> T:
        return self._theater.act(deed, ip=self.state["ip"], agent=self.state["agent"])

    def _sign_in(self, email: str, factor: str | None) -> None:
        session, cookie = signing_in.sign_in(email, "", verify=lambda *_: True, factor=factor)
        self._hold(session, cookie)
        if factor is None and admission.lacks_factor(session):
            second_factor.challenge(session)
            raise Prevented("second_factor_required")

    def _in_session(self, deed: Callable[[], T], needs: str | None) -> T:
        session = self._living()
        person_acts(users.find(session.user_id), session.id)
        permitted = subject(session.user_id)
        if needs is not None and (permitted is None or needs not in permitted.scopes):
            refuse(f"This needs a role that allows {needs}.")
        return deed()

    def _living(self) -> Session:
        session = sessions.find_active(self.state["cookie"] or "")
        if session is None:
            raise Prevented("session_ended")
        return session

    def _hold(self, session: Session, cookie: str) -> None:
        self.state.update(user_id=session.user_id, session_id=session.id, cookie=cookie)
