"""The catalog of audited actions: category and meaning of each. An action that is not here cannot be recorded."""

from __future__ import annotations

ACTIONS: dict[str, tuple[str, str]] = {
    "auth.login.succeeded": ("authentication", "A person signed in."),
    "auth.login.failed": ("authentication", "A sign-in was refused; the reason is in `outcome.reason`."),
    "auth.mfa.passed": ("authentication", "A second factor was accepted."),
    "auth.mfa.denied": ("authentication", "A second factor was refused or not answered."),
    "auth.logout": ("authentication", "A person signed out."),
    "session.revoked": ("session", "A sign-in session was ended by somebody else or by a rule."),
    "user.created": ("identity", "A person or service account was added."),
    "user.updated": ("identity", "A profile was changed."),
    "user.suspended": ("identity", "A person was suspended: sessions and tokens end at once."),
    "user.reactivated": ("identity", "A suspended person may sign in again."),
    "user.deleted": ("identity", "A person was deleted; a tombstone remains."),
    "user.role.granted": ("identity", "A role was given to a person."),
    "user.role.revoked": ("identity", "A role was taken from a person."),
    "user.mfa_factor.added": ("identity", "A person enrolled a factor."),
    "user.mfa_factor.removed": ("identity", "A factor was removed."),
    "password.changed": ("identity", "A person changed the own password."),
    "password.reset": ("identity", "A password was reset for a person."),
    "group.created": ("group", "A group was added."),
    "group.updated": ("group", "A group was changed."),
    "group.deleted": ("group", "A group was deleted."),
    "group.member.added": ("group", "A person was added to a group."),
    "group.member.removed": ("group", "A person was removed from a group."),
    "oauth.client.registered": ("oauth", "A client was registered."),
    "oauth.grant.created": ("oauth", "Somebody gave an application permissions."),
    "oauth.grant.revoked": ("oauth", "Permissions of an application were withdrawn."),
    "oauth.token.issued": ("oauth", "An access token was issued."),
    "oauth.token.refreshed": ("oauth", "An access token was issued for a refresh token."),
    "oauth.token.refused": ("oauth", "A token request was refused; the reason is in `outcome.reason`."),
    "oauth.token.reuse_detected": ("oauth", "A consumed refresh token came again; its whole family was revoked."),
    "oauth.token.revoked": ("oauth", "Tokens were revoked."),
    "oauth.code.reuse_detected": ("oauth", "A consumed authorization code came again; its tokens were revoked."),
    "app.enabled": ("oauth", "An application may be used again."),
    "app.disabled": ("oauth", "An application was switched off for everybody."),
    "config.setting.changed": ("configuration", "A security setting was changed; `changes` has old and new value."),
    "file.created": ("file", "A file was created."),
    "file.viewed": ("file", "A file was opened."),
    "file.downloaded": ("file", "A file was downloaded."),
    "file.uploaded": ("file", "A file was uploaded."),
    "file.shared": ("file", "A file was shared; `details.scope` says with whom."),
    "file.renamed": ("file", "A file was renamed."),
    "file.deleted": ("file", "A file was deleted."),
    "export.started": ("export", "A bulk export began."),
    "export.completed": ("export", "A bulk export was completed."),
    "access.denied": ("access", "A valid token or session was refused what it asked for."),
    "api.request": ("access", "A sample of API requests."),
}


def category_of(action: str) -> str:
    """Tell the category of an action; raises KeyError for one that the catalog does not know."""
    return ACTIONS[action][0]
