"""The security settings: the catalog in `configuration.yaml`, the changes within the history, and what was left weak.

Settings drift: some are loosened for somebody's sake and mended weeks later, others only tightened. None of it is what
intruders do. The three planted misconfigurations are older than the
log, as forgotten defaults are: only reading the configuration finds them.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import yaml

from seed.apps import Application
from seed.company import FOUNDED_AT
from seed.dataset import Misconfiguration, Setting
from seed.event import Change, Target
from seed.frame import Frame
from seed.member import Member
from seed.moments import milliseconds, moment
from seed.occurrence import Occurrence, in_visit
from seed.period import Period
from seed.profile import Care, Profile
from seed.randomness import Random
from seed.rota import Rota
from seed.visit import Visit

MISCONFIGURATIONS = (
    Misconfiguration("identity.mfa.enforcement", "optional", "all", "mfa-enforced"),
    Misconfiguration("data.public_links.enabled", True, False, "public-links-off"),
    Misconfiguration("apps.user_consent", "everyone", "admin_approval", "app-consent-admin-approval"),
)


def configure(
    administrators: list[Member], apps: list[Application], rota: Rota, *, frame: Frame
) -> tuple[tuple[Setting, ...], list[Occurrence]]:
    """Answer the settings as they stand at the end, and the changes on the way there."""
    settings: list[Setting] = []
    changes: list[Occurrence] = []
    for entry in _entries(frame.profile, apps):
        rng = frame.stream("setting", entry["key"])
        duties = _duties(entry, rota, rng)
        if duties:
            changes += _drift(entry, duties)
            settings.append(_setting(entry, duties[-1][1], duties[-1][0].member))
        elif _value(entry) != entry["default"]:
            settings.append(_hardened(entry, administrators, frame.period, rng))
        else:
            settings.append(_setting(entry, _introduced_ms(entry), None))
    return tuple(settings), changes


def planted_in(settings: Sequence[Setting]) -> tuple[Misconfiguration, ...]:
    """Answer which of the planted misconfigurations are there."""
    values = {setting.key: setting.value for setting in settings}
    return tuple(weak for weak in MISCONFIGURATIONS if values[weak.key] == weak.value)


def _entries(profile: Profile, apps: list[Application]) -> Iterator[dict[str, Any]]:
    """Yield the catalog with the values of the posture, which are older than the log: they do not drift."""
    values = dict(profile.settings)
    if profile.care is Care.FULL:
        values["apps.allowlist.clients"] = sorted(app.client["id"] for app in apps if not app.is_disabled)
    for entry in _catalog():
        if entry["key"] in values:
            kept = {name: value for name, value in entry.items() if name != "was"}
            yield {**kept, "value": values[entry["key"]]}
        else:
            yield entry


def _hardened(entry: dict[str, Any], administrators: list[Member], period: Period, rng: Random) -> Setting:
    """Answer a setting that an administrator changed at some time before the log begins."""
    administrator = rng.choice(administrators)
    since_ms = max(_introduced_ms(entry), administrator.created_ms)
    return _setting(entry, rng.randrange(since_ms, period.starts_ms), administrator)


def _duties(entry: dict[str, Any], rota: Rota, rng: Random) -> list[tuple[Visit, int]]:
    """Draw when administrators changed a setting, once for each value that it had before, in order."""
    duties = [rota.duty(("administrator",), rng) for _ in entry.get("was", ())]
    return sorted((duty for duty in duties if duty is not None), key=lambda duty: duty[1])


def _drift(entry: dict[str, Any], duties: list[tuple[Visit, int]]) -> Iterator[Occurrence]:
    """Tell how a setting came from the value that it had when the log began to the one that it has at the end."""
    key, values = entry["key"], [*entry["was"][: len(duties)], _value(entry)]
    for duty, (old, new) in zip(duties, pairwise(values), strict=True):
        setting = [Target(type="setting", id=key, name=key)]
        yield in_visit(duty, "config.setting.changed", setting, changes=[Change(field=key, old=old, new=new)])


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
