"""Service accounts: programs that call the API at fixed intervals, day and night, with tokens that last an hour.

Requests are sampled: the log holds one in many. The intervals are nearly constant, as those of a scheduler are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from seed.company import ORGANIZATION
from seed.event import Client, Outcome, Source
from seed.frame import Frame
from seed.identifiers import identifier
from seed.member import Kind, Member
from seed.moments import HOUR, MINUTE, SECOND
from seed.network import address_plan, place
from seed.occurrence import SUCCESS, Occurrence
from seed.visit import source_of

_JITTER = 0.02
_CALLS = {
    "people-sync": (("GET", "/scim/v2/Users"), ("GET", "/scim/v2/Groups")),
    "backup": (("GET", "/v1/files"), ("GET", "/v1/files/content")),
    "siem-export": (("GET", "/v1/audit-events"),),
    "build-runner": (("POST", "/v1/files"), ("GET", "/v1/projects")),
    "reporting": (("GET", "/v1/users"), ("GET", "/v1/groups"), ("GET", "/v1/projects")),
}
SERVICE_SCOPES = {
    "people-sync": "scim",
    "backup": "files:read",
    "siem-export": "audit:read",
    "build-runner": "files:read files:write",
    "reporting": "users:read groups:read",
}
_ANSWERS = ((200, SUCCESS),) * 99 + ((503, Outcome(result="failure", reason="unavailable")),)


@dataclass(frozen=True, slots=True)
class Service:
    """A service account at work; `ticks` are the moments of its sampled requests."""

    member: Member
    name: str
    client: Client
    source: Source
    ticks: tuple[int, ...]


def start_services(members: list[Member], frame: Frame) -> list[Service]:
    """Answer the services of the profile, in its order."""
    accounts = [member for member in members if member.kind is Kind.SERVICE]
    hosting = [network for network in address_plan() if network.kind == "hosting"]
    services = []
    for member, (name, minutes) in zip(accounts, frame.profile.services.items(), strict=True):
        rng = frame.stream("service", name)
        client = Client(id=identifier("cli", member.created_ms, rng), name=f"{ORGANIZATION.name} {name}")
        source = source_of(place(rng.choice(hosting), rng), f"{name}/{rng.randint(1, 4)}.{rng.randint(0, 9)}", "api")
        jitter = frame.stream("service", name, "jitter").random
        every = minutes * MINUTE
        ticks = range(frame.period.starts_ms + rng.randrange(2 * SECOND, every), frame.period.ends_ms - MINUTE, every)
        moments = tuple(tick + int(every * _JITTER * jitter()) for tick in ticks)
        services.append(Service(member, name, client, source, moments))
    return services


def requests(service: Service, frame: Frame) -> Iterator[Occurrence]:
    """Yield the token requests and the sampled API requests of a service in order of time."""
    rng = frame.stream("service", service.name, "requests")
    actor, targets = service.member.actor, [service.member.target]
    token_id, issued_ms = "", 0
    for index, ms in enumerate(service.ticks):
        if ms - issued_ms > HOUR:
            issued_ms = ms - SECOND
            token_id = identifier("atk", issued_ms, rng)
            issued = {"token_id": token_id, "grant_type": "client_credentials", "scope": SERVICE_SCOPES[service.name]}
            yield Occurrence(
                issued_ms, "oauth.token.issued", actor, service.source, targets, service.client, details=issued
            )
        method, path = _CALLS[service.name][index % len(_CALLS[service.name])]
        status, outcome = rng.choice(_ANSWERS)
        details = {"token_id": token_id, "method": method, "path": path, "status": status}
        yield Occurrence(ms, "api.request", actor, service.source, [], service.client, None, outcome, details=details)


def event_count(services: list[Service]) -> int:
    """Answer about how many events the services make."""
    hours = sum((service.ticks[-1] - service.ticks[0]) // HOUR for service in services)
    return sum(len(service.ticks) for service in services) + hours
