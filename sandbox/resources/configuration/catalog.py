"""The catalog of security settings: what can be set, to what, and what it means.

What is here is the same for every tenant; only values are stored. A setting that depends on others has an effect only where
those are on. Adding an entry is all it takes: list, checks and JSON Schema follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sandbox.resources.configuration.kind import Choice, Flag, Kind, MailAddress, Networks, Number, Several

Value = bool | int | str | list[str] | None


@dataclass(frozen=True, slots=True)
class Definition:
    """One setting; `since` is the day on which it was introduced."""

    key: str
    kind: Kind
    default: Value
    description: str
    since: date = date(2022, 1, 10)
    depends_on: tuple[str, ...] = ()

    @property
    def category(self) -> str:
        """The category of the longest prefix that has one."""
        return _CATEGORIES[max((prefix for prefix in _CATEGORIES if self.key.startswith(prefix)), key=len)]


_CATEGORIES = {
    "identity.": "identity",
    "identity.session.": "sessions",
    "identity.ip_allowlist.": "network",
    "identity.login.": "network",
    "admin.": "admin",
    "data.": "data",
    "apps.": "apps",
    "oauth.": "apps",
    "logging.": "logging",
    "alerts.": "logging",
}
CATEGORIES = tuple(dict.fromkeys(_CATEGORIES.values()))

_FACTORS = ("webauthn", "totp", "push", "sms", "voice", "email")
_ROLES = ("administrator", "security_auditor", "user_manager", "help_desk", "billing_manager", "member")

_ENTRIES = [
    Definition(
        "identity.mfa.enforcement",
        Choice(("optional", "admins", "all")),
        default="optional",
        description="Who must have a second factor to sign in.",
    ),
    Definition(
        "identity.mfa.admins_phishing_resistant",
        Flag(),
        default=False,
        description="Administrators may only use factors that resist phishing.",
        since=date(2024, 2, 5),
    ),
    Definition(
        "identity.mfa.factors",
        Several(_FACTORS),
        default=["webauthn", "totp", "push", "sms", "email"],
        description="Second factors that people may enroll.",
    ),
    Definition(
        "identity.mfa.number_matching",
        Flag(),
        default=True,
        description="Push requests show a number that must be typed in.",
        since=date(2023, 5, 8),
        depends_on=("identity.mfa.factors",),
    ),
    Definition(
        "identity.mfa.enrolment_grace_days",
        Number(0, 90),
        default=30,
        description="Days within which a new user must enroll a second factor; 0 asks at the first sign-in.",
        since=date(2022, 6, 13),
        depends_on=("identity.mfa.enforcement",),
    ),
    Definition(
        "identity.mfa.remember_device_days",
        Number(0, 90),
        default=30,
        description="Days for which a device is not asked again for a second factor; 0 asks each time.",
        since=date(2022, 6, 13),
    ),
    Definition(
        "identity.sso.enabled",
        Flag(),
        default=False,
        description="People can sign in through the organization's identity provider.",
    ),
    Definition(
        "identity.sso.enforced",
        Flag(),
        default=False,
        description="Members must sign in through the identity provider; passwords are refused.",
        depends_on=("identity.sso.enabled",),
    ),
    Definition(
        "identity.password.min_length",
        Number(6, 128),
        default=8,
        description="Least number of characters of a password.",
    ),
    Definition(
        "identity.password.breached_check",
        Flag(),
        default=True,
        description="Passwords known from breaches are refused.",
        since=date(2023, 3, 6),
    ),
    Definition(
        "identity.password.history",
        Number(0, 24),
        default=0,
        description="Number of former passwords that may not be used again.",
    ),
    Definition(
        "identity.password.max_age_days",
        Number(0, 365),
        default=0,
        description="Days after which a password must be changed; 0 never.",
    ),
    Definition(
        "identity.lockout.threshold",
        Number(0, 100),
        default=20,
        description="Failed sign-ins in a row that lock an account; 0 never.",
    ),
    Definition(
        "identity.lockout.minutes",
        Number(1, 1440),
        default=15,
        description="Minutes for which an account stays locked.",
        depends_on=("identity.lockout.threshold",),
    ),
    Definition(
        "identity.session.idle_timeout_min",
        Number(0, 1440),
        default=120,
        description="Minutes without activity after which a browser session ends; 0 never.",
    ),
    Definition(
        "identity.session.absolute_hours",
        Number(0, 720),
        default=168,
        description="Hours after which a session ends in any case; 0 never.",
    ),
    Definition(
        "identity.session.reauthentication_minutes",
        Number(0, 1440),
        default=0,
        description="Minutes for which a second factor counts for sensitive operations; 0 asks nobody for one.",
        since=date(2026, 6, 1),
    ),
    Definition(
        "identity.session.binding",
        Choice(("none", "device", "network")),
        default="none",
        description="What a session is tied to; used from elsewhere, it ends.",
        since=date(2025, 4, 7),
    ),
    Definition(
        "identity.ip_allowlist.users",
        Networks(),
        default=[],
        description="Networks (CIDR) that people may sign in from; empty allows all.",
        since=date(2022, 9, 5),
    ),
    Definition(
        "identity.ip_allowlist.admins",
        Networks(),
        default=[],
        description="Networks (CIDR) that administrators may sign in from; empty allows all.",
        since=date(2022, 9, 5),
    ),
    Definition(
        "identity.login.block_anonymisers",
        Flag(),
        default=False,
        description="Sign-ins through known anonymizing proxies are refused.",
        since=date(2024, 9, 2),
    ),
    Definition(
        "identity.legacy_auth.enabled",
        Flag(),
        default=False,
        description="Old clients may sign in with a password alone.",
    ),
    Definition(
        "identity.recovery.admin_self_service",
        Flag(),
        default=True,
        description="Administrators can reset their own password by mail.",
    ),
    Definition(
        "identity.scim.enabled", Flag(), default=False, description="People and groups are provisioned over SCIM."
    ),
    Definition(
        "identity.dormant.auto_suspend_days",
        Number(0, 365),
        default=0,
        description="Days without a sign-in after which an account is suspended; 0 never.",
        since=date(2025, 1, 13),
    ),
    Definition(
        "admin.dual_approval.sensitive_actions",
        Flag(),
        default=False,
        description="Deleting data and weakening settings needs a second administrator.",
        since=date(2025, 6, 2),
    ),
    Definition(
        "admin.impersonation",
        Choice(("off", "consent", "unrestricted")),
        default="consent",
        description="Whether administrators and the vendor's support may act as a user.",
    ),
    Definition(
        "admin.invites.allowed_roles",
        Several(_ROLES),
        default=["administrator", "user_manager", "member"],
        description="Roles that may invite people.",
    ),
    Definition(
        "data.external_sharing.mode",
        Choice(("off", "allowlist", "anyone")),
        default="anyone",
        description="Whom people may share with outside the organization.",
    ),
    Definition(
        "data.public_links.enabled",
        Flag(),
        default=True,
        description="Files can be shared by links that need no sign-in.",
    ),
    Definition(
        "data.public_links.expiry_days",
        Number(0, 365),
        default=0,
        description="Days after which a public link stops working; 0 never.",
        since=date(2022, 6, 13),
        depends_on=("data.public_links.enabled",),
    ),
    Definition(
        "data.default_link_scope",
        Choice(("people", "organization", "anyone")),
        default="organization",
        description="Whom a new link admits unless somebody chooses otherwise.",
    ),
    Definition(
        "data.bulk_export.non_admin",
        Flag(),
        default=True,
        description="People who are not administrators can export in bulk.",
    ),
    Definition(
        "data.auto_forward_external",
        Flag(),
        default=False,
        description="Rules may forward content to addresses outside the organization.",
    ),
    Definition(
        "apps.user_consent",
        Choice(("everyone", "verified_only", "admin_approval")),
        default="everyone",
        description="Who may let a third-party application in.",
    ),
    Definition(
        "apps.publisher_verified_only",
        Flag(),
        default=False,
        description="People may only consent to applications of verified publishers.",
        since=date(2024, 2, 5),
    ),
    Definition(
        "oauth.access_token_ttl_min",
        Number(5, 1440),
        default=60,
        description="Minutes for which an access token is valid.",
    ),
    Definition(
        "oauth.pkce_required", Flag(), default=True, description="Authorization codes need a proof key (RFC 7636)."
    ),
    Definition(
        "logging.retention_days", Number(7, 730), default=180, description="Days for which audit events are kept."
    ),
    Definition(
        "logging.export.configured",
        Flag(),
        default=False,
        description="Audit events are sent to a log system of the organization.",
    ),
    Definition(
        "alerts.security_contact",
        MailAddress(),
        default=None,
        description="Mail address that security notices go to.",
        since=date(2022, 9, 5),
    ),
]

CATALOG: dict[str, Definition] = {entry.key: entry for entry in sorted(_ENTRIES, key=lambda entry: entry.key)}
