"""The catalog of security settings: what can be set, to what, and what it means.

What is here is the same for every tenant; only values are stored. A setting that depends on others has an effect only where
those are on. Adding an entry is all it takes: list, checks and JSON Schema follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sandbox.resources.configuration.kind import Always, Choice, Flag, Kind, MailAddress, Networks, Number, Several
from sandbox.resources.configuration.named import ClientIds, Domains, FileTypes, MailAddresses, Scopes

Value = bool | int | str | list[str] | None


@dataclass(frozen=True, slots=True)
class Definition:
    """One setting; `since` is the day on which it was introduced, `revisions` what became different later, and when."""

    key: str
    kind: Kind
    default: Value
    description: str
    since: date = date(2022, 1, 10)
    depends_on: tuple[str, ...] = ()
    revisions: tuple[tuple[date, str], ...] = ()

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
    "tokens.": "machines",
    "nhi.": "machines",
    "webhooks.": "machines",
    "logging.": "logging",
    "alerts.": "logging",
}
CATEGORIES = tuple(dict.fromkeys(_CATEGORIES.values()))

_FACTORS = ("webauthn", "totp", "push", "sms", "voice", "email")
_GRANTS = (
    "implicit",
    "password",
    "client_credentials",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
)
FAMILIES = (
    "sign_in",
    "configuration",
    "integration",
    "api_key",
    "token_refresh",
    "impersonation",
    "permission",
    "authentication_step",
    "bulk_export",
)
"""The nine families of events that the SaaS Security Capability Framework names in LOG-SaaS-01."""
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
        "identity.sso.exempt_users",
        MailAddresses(),
        default=[],
        description="People who may sign in with a password all the same, such as break-glass accounts.",
        since=date(2025, 3, 3),
        depends_on=("identity.sso.enforced",),
    ),
    Definition(
        "identity.sso.assertion_signed",
        Flag(),
        default=True,
        description="Assertions of the identity provider must be signed.",
        since=date(2022, 1, 10),
        depends_on=("identity.sso.enabled",),
    ),
    Definition(
        "identity.sso.certificate_days_left",
        Number(0, 3650),
        default=0,
        description="Days for which the certificate of the identity provider is still valid; 0 without one.",
        since=date(2023, 10, 2),
        depends_on=("identity.sso.enabled",),
    ),
    Definition(
        "identity.domains.verified",
        Domains(),
        default=[],
        description="Domains that the organization has proven to own.",
        since=date(2023, 10, 2),
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
        "identity.session.persistent_cookie",
        Flag(),
        default=False,
        description="Browsers keep a session when they are closed.",
        since=date(2022, 6, 13),
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
        description="Networks (CIDR) that people may sign in from; empty allows all. Network policies count too.",
        since=date(2022, 9, 5),
    ),
    Definition(
        "identity.ip_allowlist.admins",
        Networks(),
        default=[],
        description="Networks (CIDR) that administrators may sign in from; empty allows all. Network policies count too.",
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
        "identity.deprovision.max_hours",
        Number(0, 720),
        default=72,
        description="Hours within which somebody who left the directory loses access; 0 at once.",
        since=date(2024, 4, 1),
        depends_on=("identity.scim.enabled",),
    ),
    Definition(
        "identity.deprovision.revoke_tokens",
        Flag(),
        default=True,
        description="Whoever loses access loses sessions, grants and tokens at that moment.",
        since=date(2024, 4, 1),
    ),
    Definition(
        "admin.break_glass.accounts",
        Number(0, 10),
        default=0,
        description="Accounts kept for emergencies, outside the identity provider.",
        since=date(2024, 6, 3),
    ),
    Definition(
        "admin.break_glass.hardware_key",
        Flag(),
        default=False,
        description="Break-glass accounts sign in with a hardware key only.",
        since=date(2024, 6, 3),
        depends_on=("admin.break_glass.accounts",),
    ),
    Definition(
        "admin.break_glass.alert",
        Flag(),
        default=False,
        description="Each use of a break-glass account is alerted.",
        since=date(2024, 6, 3),
        depends_on=("admin.break_glass.accounts",),
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
        "admin.vendor_support_access_hours",
        Number(0, 720),
        default=168,
        description="Hours after which access of the vendor's support ends; 0 gives none.",
        since=date(2023, 1, 9),
    ),
    Definition(
        "admin.vendor_support_approval",
        Flag(),
        default=False,
        description="Access of the vendor's support waits for an administrator.",
        since=date(2023, 1, 9),
        depends_on=("admin.vendor_support_access_hours",),
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
        "data.external_sharing.domains",
        Domains(),
        default=[],
        description="Domains that people may share with where the mode is allowlist.",
        since=date(2022, 1, 10),
        depends_on=("data.external_sharing.mode",),
    ),
    Definition(
        "data.external_recipient_warning",
        Flag(),
        default=True,
        description="People are warned before they share outside the organization.",
        since=date(2023, 5, 8),
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
        "data.public_links.password",
        Flag(),
        default=False,
        description="Public links need a password.",
        since=date(2023, 5, 8),
        depends_on=("data.public_links.enabled",),
    ),
    Definition(
        "data.default_link_scope",
        Choice(("people", "organization", "anyone")),
        default="organization",
        description="Whom a new link admits unless somebody chooses otherwise.",
    ),
    Definition(
        "data.anonymous_access",
        Flag(),
        default=False,
        description="Projects can be opened to visitors who do not sign in.",
        since=date(2022, 1, 10),
    ),
    Definition(
        "data.guests.expiry_days",
        Number(0, 730),
        default=0,
        description="Days after which a guest loses access unless somebody renews it; 0 never.",
        since=date(2024, 2, 5),
    ),
    Definition(
        "data.guests.invite_domains",
        Domains(),
        default=[],
        description="Domains that guests may come from; empty allows all.",
        since=date(2024, 2, 5),
    ),
    Definition(
        "data.dlp.enabled",
        Flag(),
        default=False,
        description="Content is looked through for secrets and personal data before it leaves.",
        since=date(2025, 1, 13),
    ),
    Definition(
        "data.dlp.action",
        Choice(("log", "warn", "block")),
        default="log",
        description="What happens to content that must not leave.",
        since=date(2025, 1, 13),
        depends_on=("data.dlp.enabled",),
    ),
    Definition(
        "data.upload.enabled",
        Flag(),
        default=True,
        description="People can upload files.",
        since=date(2022, 1, 10),
    ),
    Definition(
        "data.upload.allowed_types",
        FileTypes(),
        default=[],
        description="Extensions of files that may be uploaded; empty allows all.",
        since=date(2023, 8, 7),
        depends_on=("data.upload.enabled",),
    ),
    Definition(
        "data.upload.malware_scan",
        Flag(),
        default=True,
        description="Uploads are scanned before anybody can open them.",
        since=date(2023, 8, 7),
        depends_on=("data.upload.enabled",),
    ),
    Definition(
        "data.tls_min",
        Choice(("1.2", "1.3")),
        default="1.2",
        description="Oldest version of TLS that connections may use.",
        since=date(2022, 1, 10),
        revisions=((date(2024, 9, 2), "1.0 and 1.1 can no longer be chosen."),),
    ),
    Definition(
        "data.cmk.enabled",
        Flag(),
        default=False,
        description="Data at rest is encrypted with keys that the organization holds.",
        since=date(2025, 6, 2),
    ),
    Definition(
        "data.trash_retention_days",
        Number(0, 365),
        default=30,
        description="Days for which deleted files can be brought back.",
        since=date(2022, 1, 10),
    ),
    Definition(
        "data.versioning",
        Flag(),
        default=True,
        description="Former versions of files are kept.",
        since=date(2022, 1, 10),
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
        "apps.allowlist.enforced",
        Flag(),
        default=False,
        description="People may only use applications of the allow-list.",
        since=date(2024, 2, 5),
    ),
    Definition(
        "apps.allowlist.clients",
        ClientIds(),
        default=[],
        description="Client identifiers of the applications that are let in.",
        since=date(2024, 2, 5),
        depends_on=("apps.allowlist.enforced",),
    ),
    Definition(
        "apps.blocked_scopes",
        Scopes(),
        default=[],
        description="Scopes that people can give to no application of a third party.",
        since=date(2025, 9, 1),
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
        "oauth.refresh.rotation",
        Flag(),
        default=True,
        description="Each refresh gives a new refresh token; one that comes back ends its family. Public ones always do.",
        since=date(2023, 1, 9),
    ),
    Definition(
        "oauth.refresh.idle_days",
        Number(1, 365),
        default=30,
        description="Days without use after which a refresh token expires.",
        since=date(2023, 1, 9),
    ),
    Definition(
        "oauth.refresh.max_days",
        Number(0, 3650),
        default=0,
        description="Days after which a person must allow an application anew, however often it refreshed; 0 never.",
        since=date(2025, 4, 7),
    ),
    Definition(
        "oauth.pkce_required",
        Always(),
        default=True,
        description="Authorization codes need a proof key (RFC 7636); the vendor demands it of every client.",
        since=date(2022, 1, 10),
        revisions=((date(2025, 6, 2), "It can no longer be switched off."),),
    ),
    Definition(
        "oauth.redirect_uri.exact_https",
        Always(),
        default=True,
        description="Redirect URIs are compared as a whole and use https, loopback aside; the vendor always demands it.",
        since=date(2022, 1, 10),
        revisions=((date(2024, 4, 1), "It can no longer be switched off."),),
    ),
    Definition(
        "oauth.grants_disabled",
        Several(_GRANTS),
        default=["implicit", "password"],
        description="Grant types that no client may use; the vendor has no implicit and password at all.",
        since=date(2022, 1, 10),
        revisions=(
            (date(2024, 4, 1), "implicit and password are gone from the vendor, whether they are listed or not."),
        ),
    ),
    Definition(
        "tokens.pat.max_days",
        Number(0, 3650),
        default=365,
        description="Days for which a personal access token may be valid; 0 without end.",
        since=date(2022, 9, 5),
    ),
    Definition(
        "tokens.pat.approval",
        Flag(),
        default=False,
        description="Personal access tokens wait for an administrator before they work.",
        since=date(2024, 9, 2),
    ),
    Definition(
        "tokens.pat.fine_grained",
        Flag(),
        default=False,
        description="Personal access tokens name the scopes that they carry; none carries all of its person's.",
        since=date(2024, 9, 2),
    ),
    Definition(
        "nhi.owner_required",
        Flag(),
        default=False,
        description="Service accounts and clients must have a person who answers for them.",
        since=date(2025, 9, 1),
    ),
    Definition(
        "nhi.key_max_age_days",
        Number(0, 3650),
        default=0,
        description="Days after which a key or secret of a machine must be replaced; 0 never.",
        since=date(2025, 9, 1),
    ),
    Definition(
        "nhi.ui_login",
        Flag(),
        default=False,
        description="Service accounts can sign in on the pages for people.",
        since=date(2024, 9, 2),
    ),
    Definition(
        "webhooks.hmac_secret_required",
        Flag(),
        default=True,
        description="Webhooks are signed with a secret.",
        since=date(2023, 3, 6),
    ),
    Definition(
        "webhooks.https_required",
        Flag(),
        default=True,
        description="Webhooks are sent over https only.",
        since=date(2023, 3, 6),
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
        "logging.export.healthy_lag_min",
        Number(1, 1440),
        default=60,
        description="Minutes after which an export that lags behind is alerted.",
        since=date(2023, 3, 6),
        depends_on=("logging.export.configured",),
    ),
    Definition(
        "logging.immutable",
        Always(),
        default=True,
        description="Nobody can change or delete audit events, the vendor included.",
        since=date(2022, 1, 10),
    ),
    Definition(
        "logging.families",
        Several(FAMILIES),
        default=list(FAMILIES),
        description="Kinds of events that the audit log keeps.",
        since=date(2022, 1, 10),
        revisions=(
            (date(2024, 6, 3), "impersonation was added."),
            (date(2025, 4, 7), "token_refresh was added."),
        ),
    ),
    Definition(
        "alerts.admin_grant",
        Flag(),
        default=False,
        description="The security contact hears of everybody who becomes an administrator.",
        since=date(2024, 9, 2),
        depends_on=("alerts.security_contact",),
    ),
    Definition(
        "alerts.suspicious_login",
        Flag(),
        default=False,
        description="The security contact hears of sign-ins that look like somebody else.",
        since=date(2024, 9, 2),
        depends_on=("alerts.security_contact",),
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
