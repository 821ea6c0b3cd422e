"""The security settings: the catalog in `configuration.yaml`, the changes within the history, and what was left weak.

All changes in the log tighten something or name another contact. The three planted misconfigurations are older than the
log, as forgotten defaults are: only reading the configuration finds them.
"""

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from seed.company import FOUNDED_AT
from seed.dataset import Misconfiguration, Setting
from seed.event import Change, Target
from seed.frame import Frame
from seed.member import Member
from seed.moments import milliseconds, moment
from seed.occurrence import Occurrence, in_visit
from seed.period import Period
from seed.randomness import Random
from seed.rota import Rota
from seed.visit import Visit

MISCONFIGURATIONS = (
    Misconfiguration("identity.mfa.enforcement", "optional", "all", "mfa-enforced"),
    Misconfiguration("data.public_links.enabled", True, False, "public-links-off"),
    Misconfiguration("apps.user_consent", "everyone", "admin_approval", "app-consent-admin-approval"),
)


def configure(
    administrators: list[Member], rota: Rota, *, frame: Frame
) -> tuple[tuple[Setting, ...], list[Occurrence]]:
    """Answer the settings as they stand at the end, and the changes on the way there."""
    settings, changes = [], []
    for entry in _catalog():
        rng = frame.stream("setting", entry["key"])
        duty = rota.duty(("administrator",), rng) if "was" in entry else None
        if duty is not None:
            changes.append(_change(entry, *duty))
            settings.append(_setting(entry, duty[1], duty[0].member))
        elif _value(entry) != entry["default"]:
            settings.append(_hardened(entry, administrators, frame.period, rng))
        else:
            settings.append(_setting(entry, _introduced_ms(entry), None))
    return tuple(settings), changes


def _hardened(entry: dict[str, Any], administrators: list[Member], period: Period, rng: Random) -> Setting:
    """Answer a setting that an administrator changed at some time before the log begins."""
    administrator = rng.choice(administrators)
    since_ms = max(_introduced_ms(entry), administrator.created_ms)
    return _setting(entry, rng.randrange(since_ms, period.starts_ms), administrator)


def _change(entry: dict[str, Any], visit: Visit, ms: int) -> Occurrence:
    key = entry["key"]
    change = Change(field=key, old=entry["was"], new=_value(entry))
    return in_visit((visit, ms), "config.setting.changed", [Target(type="setting", id=key, name=key)], changes=[change])


def _setting(entry: dict[str, Any], updated_ms: int, updated_by: Member | None) -> Setting:
    return Setting(
        key=entry["key"],
        value=_value(entry),
        default=entry["default"],
        type=entry["type"],
        allowed=entry.get("allowed"),
        category=_category(entry["key"]),
        description=entry["description"],
        depends_on=tuple(entry.get("depends_on", ())),
        since=entry["since"],
        updated_at=moment(updated_ms),
        updated_by=updated_by.id if updated_by else None,
    )


def _value(entry: dict[str, Any]) -> Any:
    return entry.get("value", entry["default"])


def _introduced_ms(entry: dict[str, Any]) -> int:
    """Answer when the tenant first had the setting: when it was introduced, or when the tenant was."""
    since = datetime.combine(entry["since"], datetime.min.time(), UTC)
    return milliseconds(max(since, FOUNDED_AT))


def _category(key: str) -> str:
    """Answer the category of the longest prefix that has one."""
    prefix = max((prefix for prefix in _CATEGORIES if key.startswith(prefix)), key=len)
    return _CATEGORIES[prefix]


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


@cache
def _catalog() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = yaml.safe_load((files("seed") / "configuration.yaml").read_text("utf-8"))
    return entries
