"""Every address of the authorization server: machines' endpoints and people's pages, each with the view that answers.

Views are named, not imported: a module is loaded when its first request comes (Authlib alone costs as much as the rest of
the application to import). Wrong methods reach the blueprint too, so that their refusal has the protocol's own form.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from sandbox.oauth import refusals
from sandbox.oauth.actor import begin
from sandbox.oauth.capabilities import is_served
from sandbox.oauth.pages import page

ENDPOINTS = {
    "/oauth/par": ("POST", "endpoints.par:push"),
    "/oauth/token": ("POST", "endpoints.token:token"),
    "/oauth/revoke": ("POST", "endpoints.revoke:revoke"),
    "/oauth/introspect": ("POST", "endpoints.introspect:introspect"),
    "/oauth/register": ("POST", "endpoints.register:register"),
    "/oauth/register/<client_id>": ("GET PUT DELETE", "endpoints.register:manage"),
    "/oauth/device_authorization": ("POST", "endpoints.device_authorization:authorize_device"),
    "/oauth/userinfo": ("GET POST", "endpoints.userinfo:userinfo"),
    "/oauth/jwks": ("GET", "endpoints.jwks:jwks"),
    "/.well-known/oauth-authorization-server": ("GET", "endpoints.well_known:authorization_server"),
    "/.well-known/openid-configuration": ("GET", "endpoints.well_known:openid_configuration"),
    "/.well-known/oauth-protected-resource/v1": ("GET", "endpoints.well_known:protected_resource"),
}

PAGES = {
    "/oauth/authorize": ("GET POST", "endpoints.authorize:authorize"),
    "/login": ("GET POST", "pages.login:login"),
    "/login/factor": ("GET POST", "pages.factor:factor"),
    "/consent": ("GET POST", "pages.consent:consent"),
    "/device": ("GET POST", "pages.device:device"),
    "/account/password": ("GET POST", "pages.password:password"),
    "/account/apps": ("GET POST", "pages.applications:applications"),
    "/oauth/logout": ("GET POST", "pages.end_session:end_session"),
    "/logout": ("GET POST", "pages.logout:logout"),
}

_EVERY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class _View:
    """A view that imports itself when it is called first."""

    def __init__(self, path: str, methods: str, target: str) -> None:
        self.path = path
        self.methods = [*methods.split(), *(["HEAD"] if "GET" in methods else []), "OPTIONS"]
        self.module, self.name = target.split(":")

    def __call__(self, **values: Any) -> Response:
        if not is_served(self.path):
            raise NotFound("This server has that switched off (RFC 9110 section 15.5.5).")
        if request.method not in self.methods:
            raise MethodNotAllowed(valid_methods=self.methods)
        module = import_module(f"sandbox.oauth.{self.module}")
        response: Response = getattr(module, self.name)(**values)
        return response


def _blueprint(name: str, views: dict[str, tuple[str, str]], **options: Any) -> Blueprint:
    blueprint = Blueprint(name, __name__, **options)
    for rule, (methods, target) in views.items():
        view = _View(rule, methods, target)
        blueprint.add_url_rule(rule, view.name, view, methods=_EVERY_METHOD)
    blueprint.before_request(begin)
    return blueprint


def _endpoints() -> Blueprint:
    blueprint = _blueprint("oauth", ENDPOINTS)
    blueprint.register_error_handler(Exception, refusals.render)
    return blueprint


def _pages() -> Blueprint:
    folders = {"template_folder": "pages/templates", "static_folder": "pages/static"}
    blueprint = _blueprint("pages", PAGES, **folders, static_url_path="/oauth/static")
    blueprint.register_error_handler(Exception, page.render_error)
    blueprint.after_request(page.protect)
    return blueprint


blueprints = (_endpoints(), _pages())
