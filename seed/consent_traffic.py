"""What applications leave in the log: new grants, grants taken back, tokens fetched day by day, an application shut out.

Tokens are fetched by the application's own server, one address and one user agent each; the person appears only when a
grant is made or taken back.
"""

from collections.abc import Iterator

from seed.apps import Application, Consent, review, use_scopes
from seed.event import Actor, Target
from seed.frame import Frame
from seed.identifiers import identifier
from seed.member import Fate
from seed.moments import DAY, MINUTE, SECOND
from seed.occurrence import Occurrence, in_visit
from seed.period import Period
from seed.randomness import Random
from seed.rota import Rota
from seed.visit import Visit

_NEW_SHARE = 0.2
_REVOKED_SHARE = 0.06
_BUSY_SHARE = 0.6


def use_apps(consents: list[Consent], apps: list[Application], rota: Rota, *, frame: Frame) -> list[Occurrence]:
    """Answer the traces of applications in the period, and note on grants and applications what they mean for them."""
    happened: list[Occurrence] = []
    for index, consent in enumerate(consents):
        rng = frame.stream("consent", index)
        if consent.revoked_ms is not None or not consent.member.has_visits or consent.member.fate is Fate.LEAVER:
            continue
        if rng.random() < _NEW_SHARE:
            happened += _grant(consent, rota, rng)
        elif rng.random() < _REVOKED_SHARE:
            happened += _revoke(consent, rota, rng)
        happened += _refresh(consent, frame.period, rng)
    review(consents, frame=frame)
    use_scopes(consents, frame=frame)
    return [*happened, *_shut_out(apps, rota, frame.stream("apps", "disabled"))]


def _grant(consent: Consent, rota: Rota, rng: Random) -> Iterator[Occurrence]:
    """Move the grant into a visit of the person, or of an administrator where only they may allow the application."""
    moment_of_it = _moment(consent, rota, rng)
    if moment_of_it is None:
        return
    visit, ms = moment_of_it
    consent.granted_ms, consent.id = ms, identifier("grn", ms, rng)
    consent.last_used_ms = ms + 2 * SECOND
    scope = {"scope": consent.app.entry["scopes"]}
    yield in_visit((visit, ms), "oauth.grant.created", _parties(consent), details=scope)
    yield _token(consent, "oauth.token.issued", ms + 2 * SECOND, "authorization_code", rng)


def _revoke(consent: Consent, rota: Rota, rng: Random) -> Iterator[Occurrence]:
    moment_of_it = _moment(consent, rota, rng)
    if moment_of_it is not None:
        visit, consent.revoked_ms = moment_of_it
        yield in_visit((visit, consent.revoked_ms), "oauth.grant.revoked", _parties(consent))


def _refresh(consent: Consent, period: Period, rng: Random) -> Iterator[Occurrence]:
    """Fetch a token once a day, at about the same hour, as long as the grant stands, if anybody still uses it."""
    if not consent.app.entry["offline"] or rng.random() > _BUSY_SHARE:
        return
    hour = rng.randrange(DAY)
    until_ms = consent.revoked_ms or period.ends_ms - MINUTE
    for midnight in range(period.starts_ms, period.ends_ms, DAY):
        ms = midnight + hour + rng.randrange(3 * MINUTE)
        if consent.granted_ms + MINUTE < ms < until_ms:
            consent.last_used_ms = ms
            yield _token(consent, "oauth.token.refreshed", ms, "refresh_token", rng)


def _shut_out(apps: list[Application], rota: Rota, rng: Random) -> Iterator[Occurrence]:
    for app in apps:
        duty = rota.duty(("administrator",), rng) if app.is_disabled else None
        if duty is not None:
            visit, app.changed_ms = duty
            yield in_visit(
                (visit, app.changed_ms), "app.disabled", [app.target], details={"reason": "unverified_publisher"}
            )


def _moment(consent: Consent, rota: Rota, rng: Random) -> tuple[Visit, int] | None:
    """Draw a visit, and a moment of it, in which this grant can be made or taken back."""
    if consent.app.entry.get("admin"):
        return rota.duty(("administrator",), rng)
    own = rota.of(consent.member)
    if not own:
        return None
    visit = rng.choice(own)
    return visit, rng.randrange(visit.start_ms + 1, visit.end_ms)


def _parties(consent: Consent) -> list[Target]:
    return [consent.app.target, consent.target, consent.member.target]


def _token(consent: Consent, action: str, ms: int, grant_type: str, rng: Random) -> Occurrence:
    app = consent.app
    actor = Actor(type="client", id=app.client["id"], email=None, name=app.client["name"])
    details = {"token_id": identifier("atk", ms, rng), "grant_type": grant_type, "scope": app.entry["scopes"]}
    return Occurrence(ms, action, actor, app.source, [consent.member.target], app.client, details=details)
