"""What stands at the end beside the files: the exports that the log tells of, and a few rules that forward."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from seed.company import ORGANIZATION
from seed.frame import Frame
from seed.holdings import Export, ForwardingRule
from seed.identifiers import identifier
from seed.member import Fate, Kind, Member
from seed.moments import DAY, moment
from seed.occurrence import Occurrence

_KINDS = {"User directory": "users", "Audit log": "audit_events", "Project archive": "files"}
_KEPT = timedelta(days=7)
_INBOXES = ("press", "orders", "facilities", "on-call", "contracts", "events")
_CONTENT = ("notifications", "notifications", "notifications", "documents", "everything")


def close_exports(occurrences: Iterable[Occurrence]) -> tuple[Export, ...]:
    """Answer the exports that were begun and completed, by id."""
    known = [one for one in occurrences if one.action.startswith("export.")]
    ends = {one.targets[0]["id"]: one for one in known if one.action == "export.completed"}
    begun = [one for one in known if one.action == "export.started"]
    return tuple(sorted((_export(one, ends[one.targets[0]["id"]]) for one in begun), key=lambda export: export.id))


def _export(start: Occurrence, end: Occurrence) -> Export:
    target = start.targets[0]
    name = target["name"] or ""
    return Export(
        id=target["id"] or "",
        name=name,
        kind=_KINDS[name],
        format=str(start.details["format"]),
        requested_by=start.actor,
        created_at=moment(start.ms),
        completed_at=moment(end.ms),
        expires_at=moment(end.ms) + _KEPT,
        rows=int(end.details["rows"]),
    )


def forward(members: list[Member], frame: Frame) -> tuple[ForwardingRule, ...]:
    """Answer the profile's number of rules, all older than the log, by id.

    One leads outside the organization: it is from before the setting that forbids it, and switched off since.
    """
    staff = [member for member in members if member.kind is Kind.STAFF and member.fate is Fate.STEADY]
    chosen = frame.stream("forwarding", "people").sample(staff, min(len(staff), frame.profile.forwarding_rules))
    return tuple(sorted(_rules(chosen, frame), key=lambda rule: rule.id))


def _rules(chosen: list[Member], frame: Frame) -> Iterator[ForwardingRule]:
    content, since = frame.stream("forwarding", "content"), frame.stream("forwarding", "since")
    ids = frame.stream("forwarding", "id")
    for index, member in enumerate(chosen):
        is_external = index == 0
        inbox = f"{_INBOXES[index % len(_INBOXES)]}@{ORGANIZATION.domain}"
        ms = since.randrange(member.created_ms, frame.period.starts_ms - DAY)
        yield ForwardingRule(
            id=identifier("fwr", ms, ids),
            user_id=member.id,
            address=f"{member.given}.{member.family}@postbox.example".lower().replace(" ", "")
            if is_external
            else inbox,
            content="everything" if is_external else content.choice(_CONTENT),
            is_external=is_external,
            is_enabled=not is_external,
            created_at=moment(ms),
            updated_at=moment(ms + DAY if is_external else ms),
        )
