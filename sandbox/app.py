"""The table of contents of the application: everything is wired here, in order. Read it first.

`create_app` needs settings and touches no network; the database is opened on the first request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask

from sandbox import dialects, documentation, health, oauth, push, scim
from sandbox.access.acr import use_policy
from sandbox.access.api_token import use_api_tokens
from sandbox.access.key_rotation import KeyRotated, KeysWithdrawn
from sandbox.access.network import use_network_rules
from sandbox.access.permissions import use_permissions
from sandbox.access.protect import AccessDenied, NetworkDenied
from sandbox.access.token import FamiliesRevoked
from sandbox.access.use import GrantUsed
from sandbox.foundation import tenancy_guard
from sandbox.foundation.announce import subscribe
from sandbox.foundation.database import db, engine_options
from sandbox.foundation.housekeeper import Housekeeper
from sandbox.foundation.server_facts import use_secret
from sandbox.http import outbound, problem_json, rate_limit, request_id, tenant_routing, text
from sandbox.http.converters import Unreserved
from sandbox.oauth import backchannel_logout
from sandbox.oauth.capabilities import refuse_unknown
from sandbox.oauth.policies import sessions as session_policy
from sandbox.push import chores as push_chores
from sandbox.push import delivery
from sandbox.push import webhooks as push_webhooks
from sandbox.resources import (
    actions,
    api_tokens,
    apps,
    audit_events,
    configuration,
    entitlements,
    exports,
    files,
    forwarding_rules,
    grants,
    groups,
    identity_providers,
    impersonations,
    log_streams,
    network_policies,
    projects,
    roles,
    security_contacts,
    service_accounts,
    sessions,
    users,
    webhooks,
)
from sandbox.resources.api_tokens import service as api_tokens_service
from sandbox.resources.apps import service as apps_service
from sandbox.resources.audit_events import chores, immutable
from sandbox.resources.audit_events import service as audit
from sandbox.resources.audit_events.seal import EventsVisible
from sandbox.resources.configuration import current
from sandbox.resources.configuration import service as configuration_service
from sandbox.resources.files import shares as shares_of_files
from sandbox.resources.files import sharing as sharing_of_files
from sandbox.resources.files import uploads as uploads_of_files
from sandbox.resources.forwarding_rules import service as forwarding_service
from sandbox.resources.grants import service as grants_service
from sandbox.resources.identity_providers import service as identity_providers_service
from sandbox.resources.impersonations import chores as impersonations_chores
from sandbox.resources.impersonations import service as impersonations_service
from sandbox.resources.network_policies import service as network_policies_service
from sandbox.resources.projects import service as projects_service
from sandbox.resources.roles.service import RolePermissions
from sandbox.resources.service_accounts import service as service_accounts_service
from sandbox.resources.sessions import service as sessions_service
from sandbox.resources.users import invitations
from sandbox.resources.users import service as users_service
from sandbox.resources.webhooks import service as webhooks_service
from sandbox.settings import Settings

TENANTLESS = frozenset({"health", "documentation"})


class Application(Flask):
    """Flask for views and hooks that are all plain functions, so that it need not look at each on every request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Give the function as it is."""
        return func


def create_app(settings: Settings) -> Flask:
    """Build the application."""
    app = Application("sandbox", static_folder=None)
    _configure(app, settings)

    # How we speak HTTP, outermost first.
    request_id.install(app)
    problem_json.install(app)
    text.install(app)
    tenant_routing.install(app, settings, tenantless=TENANTLESS)
    rate_limit.install(app, settings)
    outbound.install(app, settings)

    # Who may do what, and what the log hears of it; then what resources that are strangers need to know of each other.
    _guard()
    _introduce()

    # What is served without a tenant.
    app.register_blueprint(health.blueprint)
    app.register_blueprint(documentation.blueprint)

    # The vendor's resources, and the same lists in every pagination style.
    for blueprint in _resources():
        app.register_blueprint(blueprint)

    # The authorization server.
    for blueprint in oauth.blueprints:
        app.register_blueprint(blueprint)

    # How directories provision people and groups.
    app.register_blueprint(scim.blueprint)

    # What happens while nobody asks, and whom we call; `sandbox serve` starts it.
    due = (*chores.CHORES, *push_chores.CHORES, *impersonations_chores.CHORES)
    app.extensions["housekeeper"] = housekeeper = Housekeeper(app.app_context, due)
    delivery.install(app, housekeeper, (push_webhooks.CHANNEL, backchannel_logout.CHANNEL))

    # What no real vendor has. Not imported in production, so that it can be deleted.
    if settings.lab:
        from sandbox import lab

        lab.install(app)
    return app


def _guard() -> None:
    """Plug in who may do what, and let the log hear of it."""
    use_permissions(RolePermissions())
    use_policy(session_policy.reauthentication)
    use_api_tokens(api_tokens_service.KeptTokens())
    use_network_rules(network_policies_service.in_force)
    subscribe(AccessDenied, audit.on_access_denied)
    subscribe(NetworkDenied, network_policies_service.on_network_denied)
    subscribe(FamiliesRevoked, audit.on_families_revoked)
    subscribe(FamiliesRevoked, impersonations_service.on_families_revoked)
    subscribe(KeyRotated, audit.on_key_rotated)
    subscribe(KeysWithdrawn, audit.on_keys_withdrawn)


def _introduce() -> None:
    """Plug siblings into one another, and tell them of what happens beside them."""
    sessions_service.use_lifetime(session_policy.lifetime)
    users_service.use_verified_domains(lambda: current.words("identity.domains.verified"))
    apps_service.use_sources(grants_service.usage, users_service.count_active, _approved_clients)
    sharing_of_files.use_policy(_sharing_policy)
    uploads_of_files.use_policy(_upload_policy)
    invitations.use_roles(lambda: current.words(invitations.SETTING))
    forwarding_service.use_permission(lambda: configuration_service.find("data.auto_forward_external").value is True)
    impersonations_service.use_issuer(_issue_impersonation_token)
    for heard in (
        sessions_service.on_user_deleted,
        grants_service.on_user_deleted,
        projects_service.on_user_deleted,
        shares_of_files.on_user_deleted,
        forwarding_service.on_user_deleted,
        api_tokens_service.on_user_deleted,
        identity_providers_service.on_user_deleted,
        service_accounts_service.on_user_deleted,
    ):
        subscribe(users_service.UserDeleted, heard)
    subscribe(users_service.AdministratorLeaves, identity_providers_service.on_administrator_leaves)
    subscribe(GrantUsed, grants_service.on_grant_used)
    subscribe(sessions_service.SessionEnded, backchannel_logout.on_session_ended)
    subscribe(EventsVisible, push_webhooks.on_events_visible)
    webhooks_service.use_rules(_webhook_rules)


def _resources() -> list[Blueprint]:
    return [
        audit_events.blueprint,
        users.blueprint,
        groups.blueprint,
        roles.blueprint,
        entitlements.blueprint,
        sessions.blueprint,
        apps.blueprint,
        grants.blueprint,
        service_accounts.blueprint,
        api_tokens.blueprint,
        network_policies.blueprint,
        security_contacts.blueprint,
        log_streams.blueprint,
        webhooks.blueprint,
        push.blueprint,
        identity_providers.blueprint,
        configuration.blueprint,
        projects.blueprint,
        files.blueprint,
        files.links,
        forwarding_rules.blueprint,
        exports.blueprint,
        actions.blueprint,
        impersonations.blueprint,
        dialects.blueprint,
    ]


def _approved_clients() -> list[str]:
    return current.words("apps.allowlist.clients")


def _sharing_policy() -> sharing_of_files.Policy:
    data = {setting.key: setting.value for setting in configuration_service.list_all(category="data")}
    return sharing_of_files.Policy(
        external=str(data["data.external_sharing.mode"]),
        public_links=data["data.public_links.enabled"] is True,
        public_link_days=int(str(data["data.public_links.expiry_days"])),
        default_scope=str(data["data.default_link_scope"]),
    )


def _upload_policy() -> uploads_of_files.UploadPolicy:
    return uploads_of_files.UploadPolicy(
        current.flag("data.upload.enabled"), tuple(current.words("data.upload.allowed_types"))
    )


def _webhook_rules() -> webhooks_service.Rules:
    demanded = [
        configuration_service.find(f"webhooks.{name}_required").value is True for name in ("https", "hmac_secret")
    ]
    return webhooks_service.Rules(*demanded)


def _issue_impersonation_token(*order: Any, **terms: Any) -> impersonations_service.Issued:
    """Imported when it is needed, since it brings the authorization server along."""
    from sandbox.oauth.impersonation import issue_token

    return issue_token(*order, **terms)


def _configure(app: Flask, settings: Settings) -> None:
    refuse_unknown(settings.oauth_off)
    tenancy_guard.install()
    immutable.install()
    app.config["SETTINGS"] = settings
    app.url_map.converters["but"] = Unreserved
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings.database_url)
    db.init_app(app)
    if settings.secret_key:
        with app.app_context():
            use_secret(settings.secret_key)
