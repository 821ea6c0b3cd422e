"""The sandbox's manifest asks each of the 72 questions about a SaaS tenant, and Harbor has what answers it.

Several rules share a question where it has several parts: one for each setting, and one for who really follows it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema

from reference_connector.manifest.loader import load as load_manifest
from reference_connector.manifest.posture import PostureRule
from sandbox.resources.api_tokens.schema import ApiTokenSchema
from sandbox.resources.apps.schema import AppSchema
from sandbox.resources.configuration.advice import ADVICE
from sandbox.resources.configuration.catalog import CATALOG
from sandbox.resources.grants.schema import GrantSchema
from sandbox.resources.roles.schema import RoleSchema
from sandbox.resources.service_accounts.schema import ServiceAccountSchema
from sandbox.resources.users.schema import UserSchema

MANIFEST = Path(__file__).parents[2] / "manifests" / "sandbox"
QUESTIONS: dict[int, tuple[str, ...]] = {
    1: ("mfa-enforced", "mfa-users-enrolled"),
    2: ("mfa-admins-phishing-resistant", "mfa-admins-security-keys"),
    3: ("mfa-factors-strong",),
    4: ("mfa-number-matching",),
    5: ("mfa-enrolment-grace",),
    6: ("mfa-remember-device-off",),
    7: ("sso-enabled",),
    8: ("sso-enforced",),
    9: ("sso-assertion-signed", "sso-certificate-valid"),
    10: ("password-min-length",),
    11: ("password-breached-check",),
    12: ("password-history",),
    13: ("password-no-expiry",),
    14: ("lockout-threshold", "lockout-duration"),
    15: ("session-idle-timeout",),
    16: ("session-absolute-limit",),
    17: ("session-cookie-not-persistent",),
    18: ("session-binding",),
    19: ("ip-allowlist-users",),
    20: ("ip-allowlist-admins",),
    21: ("anonymisers-blocked",),
    22: ("legacy-auth-off",),
    23: ("admin-recovery-assisted",),
    24: ("scim-enabled",),
    25: ("deprovision-within-a-day", "deprovision-revokes-tokens"),
    26: ("dormant-auto-suspend", "dormant-accounts"),
    27: ("domains-verified",),
    28: ("admins-count",),
    29: ("admins-dedicated-accounts",),
    30: ("break-glass-accounts", "break-glass-hardware-key", "break-glass-alert"),
    31: ("standing-privilege-low",),
    32: ("custom-roles-limited",),
    33: ("programs-not-administrators",),
    34: ("dual-approval",),
    35: ("impersonation-limited",),
    36: ("vendor-support-access", "vendor-support-approval"),
    37: ("invites-restricted",),
    38: ("external-sharing-restricted",),
    39: ("public-links-off",),
    40: ("public-link-expiry",),
    41: ("public-link-password",),
    42: ("default-link-scope",),
    43: ("guests-expire", "guests-in-use"),
    44: ("guest-domains",),
    45: ("anonymous-access-off",),
    46: ("dlp-enabled", "dlp-blocks"),
    47: ("bulk-export-admins-only",),
    48: ("upload-types-restricted", "upload-malware-scan"),
    49: ("auto-forward-off",),
    50: ("external-recipient-warning",),
    51: ("tls-minimum",),
    52: ("customer-managed-keys",),
    53: ("trash-retention", "versioning-on"),
    54: ("app-consent-admin-approval",),
    55: ("app-allowlist-enforced",),
    56: ("verified-publishers-only",),
    57: ("powerful-apps-reviewed",),
    58: ("grants-in-use",),
    59: ("access-token-lifetime",),
    60: ("refresh-token-rotation", "refresh-token-idle", "refresh-token-maximum"),
    61: ("pkce-required",),
    62: ("redirect-uris-exact",),
    63: ("obsolete-grants-disabled",),
    64: ("personal-token-lifetime", "personal-token-approval", "personal-token-scopes"),
    65: ("machine-owner-required", "machine-owners-present", "machine-key-age-limit", "machine-keys-young"),
    66: ("machine-ui-login-off",),
    67: ("webhooks-signed", "webhooks-https"),
    68: ("audit-families-complete",),
    69: ("audit-retention",),
    70: ("audit-export-configured", "audit-export-lag"),
    71: ("audit-immutable",),
    72: ("alerts-security-contact", "alerts-admin-grant", "alerts-suspicious-login"),
}
COMPUTED = {27, 28, 29, 31, 32, 33, 57, 58}
"""Questions that no setting answers: they are asked of people, roles, applications and grants."""
PARTLY_COMPUTED = {1, 2, 26, 43, 65}

RULES = {rule.id: rule for rule in load_manifest(MANIFEST).posture}
SERVED: dict[str, Schema] = {
    "users": UserSchema(),
    "roles": RoleSchema(),
    "apps": AppSchema(),
    "grants": GrantSchema(),
    "api_tokens": ApiTokenSchema(),
    "service_accounts": ServiceAccountSchema(),
}


def rules_of(question: int) -> list[PostureRule]:
    return [RULES[name] for name in QUESTIONS[question]]


def test_every_question_has_rules_and_every_rule_a_question() -> None:
    assert list(QUESTIONS) == list(range(1, 73))
    assert sorted(name for names in QUESTIONS.values() for name in names) == sorted(RULES)


@pytest.mark.parametrize("question", QUESTIONS)
def test_question_is_asked_of_what_answers_it(question: int) -> None:
    asked = {"setting" if rule.setting else "records" for rule in rules_of(question)}
    if question in COMPUTED:
        assert asked == {"records"}
    else:
        assert asked == ({"setting", "records"} if question in PARTLY_COMPUTED else {"setting"})


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_what_a_rule_asks_about_is_served(rule: PostureRule) -> None:
    if rule.setting is not None:
        assert rule.setting in CATALOG
        return
    assert rule.query is not None
    fields: dict[str, Any] = SERVED[rule.query.stream].fields
    assert {condition.path[0] for condition in (*rule.query.where, *rule.query.matching)} <= fields.keys()


def test_every_setting_with_advice_has_a_rule() -> None:
    """Except the newest one, which no list of questions knows yet."""
    asked = {rule.setting for rule in RULES.values()}
    assert ADVICE.keys() - asked == {"identity.session.reauthentication_minutes"}


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.setting], ids=lambda rule: rule.id)
def test_rule_and_advice_of_the_vendor_agree(rule: PostureRule) -> None:
    """Two who know the field say the same of every example."""
    advice = ADVICE[str(rule.setting)]
    kind = CATALOG[str(rule.setting)].kind
    for examples, follows in ((rule.examples.passing, True), (rule.examples.failing, False)):
        for value in examples:
            if not list(kind.faults(value)):
                assert advice.is_followed(value) is follows, value
