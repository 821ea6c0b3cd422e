"""Acting in a tenant: each act is a request of its own, from an address and with a browser, and what it records is noted.

An act runs in a fresh context, so that neither the request to the lab that started the story nor another act shows through:
with its own session of the database, its own clock reading and its own request id.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import Any, TypeVar

from authlib.oauth2 import OAuth2Error
from flask import Flask, g

from sandbox.foundation.problems import Problem
from sandbox.foundation.tenancy import enter
from sandbox.lab.scenarios.prevented import Prevented
from sandbox.oauth.sign_in import SignInRefused
from sandbox.resources.audit_events.service import witnessing
from sandbox.settings import Settings

T = TypeVar("T")


class Theater:
    """One tenant of an application, as a place to act in."""

    def __init__(self, app: Flask, tenant_id: str) -> None:
        self.app, self.tenant_id = app, tenant_id
        self.event_ids: list[str] = []
        self._settings: Settings = app.config["SETTINGS"]

    @property
    def root(self) -> str:
        """Where the tenant's tree of addresses begins."""
        return "" if self.tenant_id == self._settings.default_tenant else f"/t/{self.tenant_id}"

    @property
    def origin(self) -> str:
        """The first public address of the server."""
        return self._settings.public_urls[0].rstrip("/")

    def look(self, read: Callable[[], T]) -> T:
        """Read something of the tenant, as nobody in particular."""
        return Context().run(self._entered, read)

    def act(self, do: Callable[[], T], *, ip: str | None, agent: str | None) -> T:
        """Do something as one request from there; raises Prevented for whatever the services refuse."""
        try:
            return Context().run(self._performed, do, ip, agent)
        except Problem as problem:
            raise Prevented(problem.code) from None
        except SignInRefused as refusal:
            raise Prevented(refusal.reason) from None
        except OAuth2Error as error:
            raise Prevented(str(error.error)) from None

    def call(self, method: str, path: str, *, ip: str | None, **sent: Any) -> Any:
        """Send a request from there, through everything that a real one goes through; raises Prevented for a refusal.

        `sent` are headers, `json` or `data` as Flask's test client takes them.
        """
        return Context().run(self._called, method, path, ip, sent)

    def _entered(self, read: Callable[[], T]) -> T:
        with self.app.app_context(), enter(self.tenant_id):
            return read()

    def _performed(self, do: Callable[[], T], ip: str | None, agent: str | None) -> T:
        environ = {"REMOTE_ADDR": ip, "HTTP_USER_AGENT": agent or ""}
        with (
            self.app.test_request_context("/", base_url=self.origin + self.root, environ_base=environ),
            enter(self.tenant_id) as tenant,
            witnessing() as heard,
        ):
            g.tenant, g.origin, g.issuer = tenant, self.origin, self.origin + self.root
            try:
                return do()
            finally:
                self.event_ids += heard

    def _called(self, method: str, path: str, ip: str | None, sent: dict[str, Any]) -> Any:
        target: dict[str, Any] = {"base_url": self.origin, "environ_overrides": {"REMOTE_ADDR": ip}}
        with witnessing() as heard:
            answer = self.app.test_client(use_cookies=False).open(self.root + path, method=method, **target, **sent)
        self.event_ids += heard
        if answer.status_code >= 400:
            problem = answer.get_json(silent=True) or {}
            raise Prevented(str(problem.get("code") or problem.get("error") or answer.status_code))
        return answer.get_json(silent=True)
