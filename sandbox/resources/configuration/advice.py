"""Best practice: what each setting should be, how much it matters, and why; a list of words, in the order of the catalog.

Where standards disagree, the stricter of the common values is here. A setting without advice is one that only names
something, such as a list of exceptions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.resources.configuration.catalog import FAMILIES

Rule = Literal["is", "at_least", "at_most", "from_to", "one_of", "only", "without", "including", "set"]
Severity = Literal["critical", "high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Advice:
    """A rule with its operand, how much it matters, and why."""

    rule: Rule
    recommended: Any
    severity: Severity
    why: str

    def is_followed(self, value: Any) -> bool:
        """Tell whether a value, of the kind of the setting, is as recommended."""
        return RULES[self.rule](value, self.recommended)


RULES: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda value, best: bool(value == best),
    "at_least": lambda value, best: bool(value >= best),
    "at_most": lambda value, best: bool(value <= best),
    "from_to": lambda value, bounds: bool(bounds[0] <= value <= bounds[1]),
    "one_of": lambda value, words: value in words,
    "only": lambda value, words: set(value) <= set(words),
    "without": lambda value, words: not set(value) & set(words),
    "including": lambda value, words: set(value) >= set(words),
    "set": lambda value, _: bool(value),
}

ADVICE: dict[str, Advice] = {
    "identity.mfa.enforcement": Advice("is", "all", "critical", "A stolen password alone must not open an account."),
    "identity.mfa.admins_phishing_resistant": Advice(
        "is",
        True,
        "critical",
        "Codes and push requests of the most powerful accounts can be relayed by a page in the middle.",
    ),
    "identity.mfa.factors": Advice(
        "without",
        ["sms", "voice", "email"],
        "high",
        "Numbers are ported and mailboxes taken over; neither proves who somebody is.",
    ),
    "identity.mfa.number_matching": Advice(
        "is", True, "high", "Somebody who must type a number does not approve a request that they did not make."
    ),
    "identity.mfa.enrolment_grace_days": Advice(
        "from_to", [1, 7], "medium", "An account without a second factor is open to whoever learns its first password."
    ),
    "identity.mfa.remember_device_days": Advice(
        "is", 0, "medium", "A stolen cookie must not count as a second factor for weeks."
    ),
    "identity.sso.enabled": Advice("is", True, "high", "One place decides who gets in, and who no longer does."),
    "identity.sso.enforced": Advice(
        "is", True, "critical", "A password beside the identity provider is a way around all of its rules."
    ),
    "identity.sso.assertion_signed": Advice(
        "is", True, "medium", "An assertion that nobody signed can be written by anybody."
    ),
    "identity.sso.certificate_days_left": Advice(
        "at_least", 31, "medium", "A certificate that runs out locks everybody out, or is replaced in haste."
    ),
    "identity.password.min_length": Advice("at_least", 14, "high", "Short passwords are found by trying."),
    "identity.password.breached_check": Advice("is", True, "high", "Passwords from breaches are tried first."),
    "identity.password.history": Advice(
        "at_least", 5, "low", "A password that was given away once should not come back."
    ),
    "identity.password.max_age_days": Advice(
        "is", 0, "low", "Where there is a second factor, forced changes make passwords weaker, not stronger."
    ),
    "identity.lockout.threshold": Advice(
        "from_to", [3, 10], "medium", "Guessing must end soon, and a slip of the finger must not lock anybody out."
    ),
    "identity.lockout.minutes": Advice("at_least", 15, "medium", "A pause that is too short only slows guessing down."),
    "identity.session.idle_timeout_min": Advice(
        "from_to", [1, 30], "medium", "A screen that was left alone should not stay signed in."
    ),
    "identity.session.absolute_hours": Advice(
        "from_to", [1, 12], "medium", "A stolen session should be worth no more than a day of work."
    ),
    "identity.session.persistent_cookie": Advice(
        "is", False, "low", "Whoever opens the browser next should not be signed in."
    ),
    "identity.session.binding": Advice(
        "one_of", ["device", "network"], "medium", "A cookie that was copied should not work elsewhere."
    ),
    "identity.session.reauthentication_minutes": Advice(
        "from_to", [1, 15], "medium", "Whoever makes somebody mightier should show that they sit there themselves."
    ),
    "identity.ip_allowlist.users": Advice(
        "set", None, "medium", "Sign-ins from networks that nobody works in can only be an attack."
    ),
    "identity.ip_allowlist.admins": Advice(
        "set", None, "high", "Administrators work from few places; everything else can be refused."
    ),
    "identity.login.block_anonymisers": Advice(
        "is", True, "medium", "Hardly anybody hides where they are on their way to work."
    ),
    "identity.legacy_auth.enabled": Advice(
        "is", False, "critical", "Clients that know nothing but a password go around the second factor."
    ),
    "identity.recovery.admin_self_service": Advice(
        "is", False, "high", "A mailbox must not be enough to take over an administrator."
    ),
    "identity.scim.enabled": Advice("is", True, "high", "Who leaves the directory leaves every application with it."),
    "identity.deprovision.max_hours": Advice(
        "at_most", 24, "high", "Somebody who has left should not be able to come back tomorrow."
    ),
    "identity.deprovision.revoke_tokens": Advice(
        "is", True, "high", "A token outlives its person unless somebody ends it."
    ),
    "identity.dormant.auto_suspend_days": Advice(
        "from_to", [1, 45], "medium", "Nobody notices when an account that nobody uses is taken over."
    ),
    "admin.break_glass.accounts": Advice("is", 2, "high", "One account can be lost; many are not watched."),
    "admin.break_glass.hardware_key": Advice(
        "is", True, "high", "These accounts have no identity provider before them."
    ),
    "admin.break_glass.alert": Advice("is", True, "high", "They are used so seldom that each use is worth a look."),
    "admin.dual_approval.sensitive_actions": Advice(
        "is", True, "medium", "One stolen account should not be enough to weaken everything."
    ),
    "admin.impersonation": Advice(
        "one_of", ["off", "consent"], "high", "Whoever acts as somebody else needs their consent, and leaves a trace."
    ),
    "admin.vendor_support_access_hours": Advice(
        "at_most", 24, "medium", "Help that is given should end with the problem."
    ),
    "admin.vendor_support_approval": Advice(
        "is", True, "medium", "The organization should know when the vendor looks in."
    ),
    "admin.invites.allowed_roles": Advice(
        "only", ["administrator", "user_manager"], "medium", "Who invites decides who gets in."
    ),
    "data.external_sharing.mode": Advice(
        "one_of", ["off", "allowlist"], "high", "Files should leave for known partners only."
    ),
    "data.external_recipient_warning": Advice("is", True, "low", "Many leaks are a wrong address that was typed."),
    "data.public_links.enabled": Advice(
        "is", False, "critical", "Whoever finds or is sent a public link can read it, and nobody can tell who did."
    ),
    "data.public_links.expiry_days": Advice(
        "from_to", [1, 30], "medium", "Links are forgotten; they should end by themselves."
    ),
    "data.public_links.password": Advice("is", True, "medium", "A link that leaks should not be enough."),
    "data.default_link_scope": Advice("is", "people", "medium", "Most people never change what is proposed to them."),
    "data.anonymous_access": Advice("is", False, "high", "Without a sign-in nobody knows who read or changed what."),
    "data.guests.expiry_days": Advice(
        "from_to", [1, 60], "medium", "Guests stay long after the work with them is done."
    ),
    "data.guests.invite_domains": Advice(
        "set", None, "medium", "Guests should come from companies that one works with."
    ),
    "data.dlp.enabled": Advice("is", True, "high", "Secrets leave by accident more often than by theft."),
    "data.dlp.action": Advice("is", "block", "high", "What has left cannot be called back."),
    "data.bulk_export.non_admin": Advice(
        "is", False, "high", "One stolen account should not carry everything away at once."
    ),
    "data.upload.allowed_types": Advice(
        "set", None, "medium", "What nobody needs to upload, nobody should be able to."
    ),
    "data.upload.malware_scan": Advice(
        "is", True, "medium", "Shared folders carry malware from one computer to the next."
    ),
    "data.auto_forward_external": Advice(
        "is", False, "high", "A quiet rule that forwards everything is how mailboxes are robbed."
    ),
    "data.tls_min": Advice("one_of", ["1.2", "1.3"], "high", "Older versions can be read on the way."),
    "data.cmk.enabled": Advice(
        "is", True, "low", "Who holds the keys can take access away from everybody, the vendor included."
    ),
    "data.trash_retention_days": Advice("at_least", 30, "medium", "Deleting is often noticed weeks later."),
    "data.versioning": Advice("is", True, "medium", "Files that were encrypted or overwritten can be brought back."),
    "apps.user_consent": Advice(
        "is",
        "admin_approval",
        "critical",
        "People are talked into consent; what they allow works without their password from then on.",
    ),
    "apps.allowlist.enforced": Advice("is", True, "high", "Only what somebody looked at should reach data."),
    "apps.publisher_verified_only": Advice("is", True, "high", "Anybody can call an application whatever they like."),
    "oauth.access_token_ttl_min": Advice("at_most", 60, "medium", "A stolen token should soon be worth nothing."),
    "oauth.refresh.rotation": Advice(
        "is", True, "high", "A stolen refresh token is noticed when it comes a second time."
    ),
    "oauth.refresh.idle_days": Advice("at_most", 30, "high", "What nobody uses should not stay open."),
    "oauth.refresh.max_days": Advice("from_to", [1, 90], "high", "A consent of long ago is not a consent for ever."),
    "oauth.pkce_required": Advice(
        "is", True, "high", "A code that was caught on the way is worth nothing without the verifier."
    ),
    "oauth.redirect_uri.exact_https": Advice("is", True, "high", "A loose comparison sends codes to somebody else."),
    "oauth.grants_disabled": Advice(
        "including", ["implicit", "password"], "high", "Both hand out what they should protect."
    ),
    "tokens.pat.max_days": Advice("from_to", [1, 90], "high", "Tokens are copied into files and forgotten there."),
    "tokens.pat.approval": Advice("is", True, "high", "Somebody should know which tokens there are."),
    "tokens.pat.fine_grained": Advice(
        "is", True, "high", "A token should be able to do what it is for, and nothing else."
    ),
    "nhi.owner_required": Advice("is", True, "high", "A machine that nobody answers for is never switched off."),
    "nhi.key_max_age_days": Advice("from_to", [1, 90], "high", "The older a secret, the more places it lies in."),
    "nhi.ui_login": Advice("is", False, "medium", "Machines need no pages; whoever signs in there is no machine."),
    "webhooks.hmac_secret_required": Advice(
        "is", True, "medium", "Who receives a webhook must be able to tell whose it is."
    ),
    "webhooks.https_required": Advice("is", True, "medium", "Webhooks carry what happened, and to whom."),
    "logging.families": Advice("including", list(FAMILIES), "critical", "What is not in the log never happened."),
    "logging.retention_days": Advice("at_least", 365, "high", "Intrusions are often found after months."),
    "logging.export.configured": Advice(
        "is", True, "high", "A log that lies where the intruder is can be lost with everything else."
    ),
    "logging.export.healthy_lag_min": Advice("at_most", 60, "high", "An alert that comes tomorrow comes too late."),
    "logging.immutable": Advice("is", True, "high", "Who can change the log can undo what they did."),
    "alerts.security_contact": Advice("set", None, "medium", "The vendor must know whom to call."),
    "alerts.admin_grant": Advice("is", True, "medium", "Few things happen more seldom, and matter more."),
    "alerts.suspicious_login": Advice("is", True, "medium", "The person concerned is often the first who knows."),
}
