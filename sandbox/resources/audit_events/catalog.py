"""The catalog of audited actions: what each means and what its `details` may hold. What is not here cannot be recorded.

Served at `/v1/audit-events/actions`. Entries are only added to: an action keeps its name and the meaning of its details for
ever, since rules are written against them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Fragment = Mapping[str, Any]


class Action(NamedTuple):
    """One audited action; `details` has a JSON Schema for each member, `since` the version that brought the action."""

    category: str
    description: str
    details: Mapping[str, Fragment] = {}
    since: str = "0.1"


def _text(description: str, *choices: str) -> Fragment:
    return {"type": "string", "description": description, **({"enum": list(choices)} if choices else {})}


def _maybe(fragment: Fragment) -> Fragment:
    return {**fragment, "type": [fragment["type"], "null"]}


def _count(description: str) -> Fragment:
    return {"type": "integer", "minimum": 0, "description": description}


_FACTOR = {"factor": _maybe(_text("The kind of second factor, such as `totp`; null without one."))}
_SIGN_IN = {
    "method": _text("How: `password` or `sso`."),
    "mfa": {"type": "boolean", "description": "Whether a second factor was used."},
    "policy": _text("The network policy that refused it."),
    **_FACTOR,
}
_REASON = {"reason": _text("Why.")}
_RESPONSE = {
    "action_id": _text("The response action that did it; see `/v1/actions`."),
    "channel": _text("Whence it came, if not from the native API, such as `scim`."),
    **_REASON,
}
_SCOPE = {"scope": _maybe(_text("Scopes, separated by blanks."))}
_CLIENT = {**_SCOPE, "source": _text("Where the description comes from, if the client did not register.")}
_DEVICE = {
    **_SCOPE,
    "authorization_details": {
        "type": "array",
        "items": {"type": "object"},
        "description": "What it is for (RFC 9396).",
    },
    "asked_from": {
        "type": "object",
        "description": "Where the device is: `ip` and `user_agent`, as far as they are known.",
        "properties": {"ip": {"type": ["string", "null"]}, "user_agent": {"type": ["string", "null"]}},
    },
}
_TOKEN = {
    "token_id": _text("The `jti` of the token."),
    "grant_type": _text("The grant that was used (RFC 6749 section 1.3)."),
    **_SCOPE,
    "issuer": _maybe(_text("Who vouched for the person, if not this server (RFC 7523).")),
    "impersonation_id": _text("The impersonation that it is for."),
}
_EXCHANGED = {
    **_TOKEN,
    "subject_token_id": _text("The `jti` of the token that was exchanged."),
    "actor": _maybe(_text("Whose token of an actor came with it (RFC 8693 section 4.1).")),
}
_REFUSED = {
    "grant_type": _maybe(_text("The grant that was asked for.")),
    **_SCOPE,
    "cause": _maybe(_text("What was wrong, in words.")),
}
_REVOKED = {
    "token_id": _text("The one token, if it was one."),
    "families": _count("How many authorizations ended, if whole ones did."),
    "cause": _text("Why they ended."),
}
_FAMILY = {"family_id": _text("The authorization that it belonged to.")}
_ROTATED = {
    "algorithm": _text("The algorithm of the key (RFC 7518)."),
    "former": _maybe(_text("The key that signed until then.")),
    "signs_from": {"type": "string", "format": "date-time", "description": "When the key begins to sign."},
}
_SHARED = {
    "scope": _text("With whom: named people, the organization, or anyone with the link."),
    "recipient": _maybe(_text("The address, if it was shared with somebody.")),
    "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When it ends by itself."},
}
_IMPERSONATION = {
    **_REASON,
    "has_consent": {"type": "boolean", "description": "Whether the administrator says that the person agreed."},
    "expires_at": {"type": "string", "format": "date-time", "description": "When it ends by itself."},
}
_API_KEY = {
    **_SCOPE,
    "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "When it ends; null is never."},
}
_NETWORK = {
    "applies_to": _text("Whom it is for."),
    "mode": _text("Whether its ranges are let in or shut out."),
    "ranges": {"type": "array", "items": {"type": "string"}, "description": "Networks in CIDR notation."},
    "is_enforced": {"type": "boolean", "description": "Whether it is held to."},
}
_CONTACT = {"purposes": {"type": "array", "items": {"type": "string"}, "description": "What the contact is for."}}
_STREAM = {
    "type": _text("The kind of destination."),
    "destination": _text("Where the log goes."),
    "categories": {"type": "array", "items": {"type": "string"}, "description": "Which events; empty is all."},
}
_WEBHOOK = {
    "url": _text("Where it leads."),
    "events": {"type": "array", "items": {"type": "string"}, "description": "What it hears of; empty is all."},
    "is_signed": {"type": "boolean", "description": "Whether its messages are signed."},
}
_REPLAYED = {
    "from_sequence": _count("The first event."),
    "to_sequence": _count("The last event."),
    "count": _count("How many messages that makes."),
}
_SIZE = {"size": _count("Its size in bytes.")}
_UPLOADED = {**_SIZE, "project_id": _maybe(_text("The project that it lies in, if any."))}
_DOWNLOADED = {
    **_SIZE,
    "scope": _text("`anyone` if it was fetched by a public link."),
    "share_id": _text("The share whose link that was."),
}
_UNSHARED = {
    "scopes": {"type": "array", "items": {"type": "string"}, "description": "With whom it was shared."},
    "recipients": {"type": "array", "items": {"type": "string"}, "description": "The addresses among them."},
}
_FORWARDING = {
    "address": _text("Where it goes."),
    "content": _text("What goes there."),
    "is_external": {"type": "boolean", "description": "Whether the address is outside the organization."},
}
_EXPORT = {"format": _text("Such as `csv`.")}
_EXPORTED = {
    "kind": _text("What was exported."),
    "project_id": _maybe(_text("The one project, if it was one.")),
}
_REQUEST = {
    "method": _text("The HTTP method."),
    "path": _text("The path, without its query."),
    "status": {"type": "integer", "minimum": 100, "maximum": 599, "description": "The status of the answer."},
    "token_id": _text("The `jti` of the token."),
}
_DENIED = {
    **_REQUEST,
    "required_scope": _text("The scope that was missing."),
    "setting": _text("The security setting that forbids it."),
    "address": _text("The address that the setting rules out."),
    "kind": _text("What was to be exported."),
}

ACTIONS: dict[str, Action] = {
    "auth.login.succeeded": Action("authentication", "A person signed in.", _SIGN_IN),
    "auth.login.failed": Action(
        "authentication", "A sign-in was refused; the reason is in `outcome.reason`.", _SIGN_IN
    ),
    "auth.mfa.challenged": Action("authentication", "A person was asked for a second factor.", _FACTOR),
    "auth.mfa.passed": Action("authentication", "A second factor was accepted.", _FACTOR),
    "auth.mfa.denied": Action("authentication", "A second factor was refused or not answered.", _FACTOR),
    "auth.logout": Action("authentication", "A person signed out."),
    "session.revoked": Action(
        "session", "A sign-in session was ended by somebody else, by a rule, or by a new sign-in.", _REASON
    ),
    "session.context_changed": Action(
        "session",
        "A session was used from another network or browser than before; `changes` has old and new values.",
        {"signs": {"type": "array", "items": _text("`network` or `browser`."), "description": "What is different."}},
    ),
    "user.created": Action("identity", "A person or service account was added."),
    "user.updated": Action("identity", "A profile was changed."),
    "user.suspended": Action("identity", "A person was suspended: sessions and tokens end at once.", _RESPONSE),
    "user.reactivated": Action("identity", "A suspended person may sign in again.", _RESPONSE),
    "user.deleted": Action("identity", "A person was deleted; a tombstone remains."),
    "user.role.granted": Action("identity", "A role was given to a person."),
    "user.role.revoked": Action("identity", "A role was taken from a person."),
    "user.impersonation.started": Action(
        "identity", "An administrator began to act as somebody, or was not allowed to.", _IMPERSONATION
    ),
    "user.impersonation.ended": Action(
        "identity",
        "An impersonation was ended, or its time was over; `details.cause` says which.",
        {"cause": _text("What ended it.")},
    ),
    "user.mfa_factor.added": Action("identity", "A person enrolled a factor."),
    "user.mfa_factor.removed": Action("identity", "A factor was removed.", _RESPONSE),
    "password.changed": Action("identity", "A person changed the own password."),
    "password.reset": Action("identity", "A password was reset for a person, who must choose another one.", _RESPONSE),
    "group.created": Action("group", "A group was added."),
    "group.updated": Action("group", "A group was changed."),
    "group.deleted": Action("group", "A group was deleted."),
    "group.member.added": Action("group", "A person was added to a group."),
    "group.member.removed": Action("group", "A person was removed from a group."),
    "oauth.client.registered": Action("oauth", "A client was registered.", _CLIENT),
    "oauth.client.updated": Action(
        "oauth", "The registration of a client was changed; `changes` has old and new values.", _CLIENT
    ),
    "oauth.client.secret_added": Action("oauth", "A client was given a secret; a former one counts no longer."),
    "oauth.client.deleted": Action("oauth", "A client was deleted, and all of its tokens revoked."),
    "oauth.consent.denied": Action("oauth", "Somebody was asked for permissions and said no.", _SCOPE),
    "oauth.device.approved": Action(
        "oauth", "Somebody let a device act for them; `details.scope` says what it may.", _DEVICE
    ),
    "oauth.device.denied": Action("oauth", "Somebody turned a device away.", _DEVICE),
    "oauth.logout.notified": Action(
        "oauth",
        "A client was told that a session ended; the outcome says whether it heard.",
        {"attempts": _count("How often it was tried.")},
    ),
    "oauth.issuer.trusted": Action("oauth", "Assertions of an issuer are believed from now on."),
    "oauth.issuer.distrusted": Action("oauth", "Assertions of an issuer are believed no longer."),
    "oauth.key.rotated": Action(
        "oauth", "Another key was published, and signs from `details.signs_from` on.", _ROTATED
    ),
    "oauth.key.withdrawn": Action(
        "oauth", "Signing keys are no longer published; nothing that they signed counts any longer."
    ),
    "oauth.token.exchanged": Action(
        "oauth", "A token was exchanged for one of another subject, audience or scope.", _EXCHANGED
    ),
    "oauth.grant.created": Action("oauth", "Somebody gave an application permissions.", _SCOPE),
    "oauth.grant.revoked": Action("oauth", "Permissions of an application were withdrawn.", _RESPONSE),
    "oauth.token.issued": Action("oauth", "An access token was issued.", _TOKEN),
    "oauth.token.refreshed": Action("oauth", "An access token was issued for a refresh token.", _TOKEN),
    "oauth.token.refused": Action("oauth", "A token request was refused; the reason is in `outcome.reason`.", _REFUSED),
    "oauth.token.reuse_detected": Action(
        "oauth", "A consumed refresh token came again; its whole family was revoked.", _FAMILY
    ),
    "oauth.token.revoked": Action("oauth", "Tokens were revoked.", _REVOKED),
    "oauth.code.reuse_detected": Action(
        "oauth", "A consumed authorization code came again; its tokens were revoked.", _FAMILY
    ),
    "api_key.created": Action("oauth", "An API token was made; `details.scope` says what it may.", _API_KEY),
    "api_key.updated": Action("oauth", "An API token was renamed, or may do less or end earlier.", _API_KEY),
    "api_key.rotated": Action("oauth", "An API token got another value; the former one is dead.", _API_KEY),
    "api_key.deleted": Action("oauth", "An API token was revoked; it stays listed.", _RESPONSE),
    "app.enabled": Action("oauth", "An application may be used again.", _RESPONSE),
    "app.disabled": Action("oauth", "An application was switched off for everybody.", _RESPONSE),
    "config.setting.changed": Action(
        "configuration", "A security setting was changed; `changes` has old and new value."
    ),
    "network_policy.created": Action("configuration", "A network policy was added.", _NETWORK),
    "network_policy.updated": Action(
        "configuration", "A network policy was changed; `changes` has old and new values.", _NETWORK
    ),
    "network_policy.deleted": Action("configuration", "A network policy was deleted.", _NETWORK),
    "identity_provider.created": Action("configuration", "An identity provider was added."),
    "identity_provider.updated": Action("configuration", "An identity provider was changed, enforced, or no longer."),
    "identity_provider.deleted": Action("configuration", "An identity provider was deleted."),
    "identity_provider.exemption.added": Action(
        "configuration", "A person may use a password although a provider is enforced.", _REASON
    ),
    "identity_provider.exemption.removed": Action("configuration", "A person is held to the identity provider again."),
    "security_contact.created": Action("configuration", "A security contact was added.", _CONTACT),
    "security_contact.updated": Action("configuration", "A security contact was changed."),
    "security_contact.deleted": Action("configuration", "A security contact was deleted."),
    "log_stream.created": Action("configuration", "The log is delivered to another place.", _STREAM),
    "log_stream.updated": Action("configuration", "A log stream was changed; `changes` has old and new values."),
    "log_stream.enabled": Action("configuration", "A log stream was switched on again."),
    "log_stream.disabled": Action(
        "configuration", "A log stream was switched off: its reader hears nothing any longer."
    ),
    "log_stream.deleted": Action("configuration", "A log stream was deleted."),
    "webhook.created": Action("configuration", "A webhook was added.", _WEBHOOK),
    "webhook.updated": Action("configuration", "A webhook was changed; `changes` has old and new values."),
    "webhook.enabled": Action("configuration", "A webhook was switched on again."),
    "webhook.disabled": Action(
        "configuration", "A webhook was switched off; `outcome.reason` says why, if it did so by itself."
    ),
    "webhook.secret_rotated": Action(
        "configuration", "A webhook was given another secret; the former signs for a day."
    ),
    "webhook.replayed": Action("configuration", "Events were sent to a webhook once more.", _REPLAYED),
    "webhook.deleted": Action("configuration", "A webhook was deleted.", _WEBHOOK),
    "file.created": Action("file", "A file was created."),
    "file.viewed": Action("file", "A file was opened."),
    "file.downloaded": Action("file", "A file was downloaded.", _DOWNLOADED),
    "file.uploaded": Action("file", "A file was uploaded.", _UPLOADED),
    "file.shared": Action("file", "A file was shared; `details.scope` says with whom.", _SHARED),
    "file.unshared": Action("file", "Shares of a file ended; `details.scopes` says which kinds.", _UNSHARED),
    "file.renamed": Action("file", "A file was renamed."),
    "file.updated": Action("file", "The folder or the labels of a file were changed."),
    "file.deleted": Action("file", "A file was put into the trash."),
    "file.restored": Action("file", "A file was taken out of the trash."),
    "project.created": Action("project", "A project was added."),
    "project.updated": Action(
        "project", "A project was changed, archived or opened again; `changes` has old and new values."
    ),
    "project.member.added": Action("project", "A person was added to a project."),
    "project.member.removed": Action("project", "A person was removed from a project."),
    "forwarding_rule.created": Action(
        "forwarding", "A person's notifications or documents go to another address from now on.", _FORWARDING
    ),
    "forwarding_rule.updated": Action(
        "forwarding", "A forwarding rule was changed; `changes` has old and new values.", _FORWARDING
    ),
    "forwarding_rule.deleted": Action("forwarding", "A forwarding rule was deleted.", _FORWARDING),
    "export.started": Action("export", "A bulk export began.", {**_EXPORT, **_EXPORTED}),
    "export.completed": Action(
        "export", "A bulk export was completed.", {**_EXPORT, "rows": _count("How many rows it has.")}
    ),
    "export.downloaded": Action(
        "export", "The content of a bulk export was downloaded.", {**_EXPORTED, "bytes": _count("How long it was.")}
    ),
    "export.cancelled": Action("export", "A bulk export was cancelled before it was complete."),
    "access.denied": Action("access", "A valid token or session was refused what it asked for.", _DENIED),
    "api.request": Action("access", "A sample of API requests.", _REQUEST),
}


def check(action: str, details: Mapping[str, Any]) -> str:
    """Give the category of an action; raises KeyError for one that is not here, or for a detail that it does not have."""
    entry = ACTIONS[action]
    if undeclared := details.keys() - entry.details.keys():
        raise KeyError(f"{action} has no {', '.join(sorted(undeclared))} among its details; declare it in the catalog.")
    return entry.category


def details_schema(action: str) -> dict[str, Any]:
    """Describe the details of one action as JSON Schema 2020-12; members may be missing, and later ones may come."""
    return {"type": "object", "properties": dict(ACTIONS[action].details)}
