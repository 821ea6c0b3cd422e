"""Movers: people who change department within the history, and keep the project of the one they left, as people do.

What somebody is called and belongs to in the directory is the state at the end; before the move the log shows the work of
the former department.
"""

from collections import Counter

from seed.company import DEPARTMENTS
from seed.frame import Frame
from seed.member import Fate, Kind, Member, Post
from seed.people import DEVELOPMENT


def move_people(members: list[Member], others: tuple[Member, ...], frame: Frame) -> None:
    """Let the profile's number of colleagues change department; `others` stay. Call it before groups are formed."""
    rng = frame.stream("movers", "people")
    staying = Counter(member.department for member in members if member.fate is Fate.STEADY)
    movable = [
        member
        for member in members[len(DEVELOPMENT) :]
        if _may_move(member) and member not in others and staying[member.department] > frame.profile.movers + 1
    ]
    leads = {member.department: member for member in reversed(members) if member.is_lead}
    chief = members[len(DEVELOPMENT)]
    for member in rng.sample(movable, min(len(movable), frame.profile.movers)):
        own = frame.stream("person", member.number, "move")
        department = own.choice(
            [each for each, _ in DEPARTMENTS if staying[each.name] and each.name != member.department]
        )
        member.moved_ms = frame.period.working_moment(
            member.city, own, first_day=frame.period.days // 4, last_day=frame.period.days * 3 // 4
        )
        member.former = Post(member.department, member.craft, member.title, member.manager)
        member.department, member.craft = department.name, department.craft
        member.title, member.manager = own.choice(department.titles), leads.get(department.name, chief)


def _may_move(member: Member) -> bool:
    return (
        member.kind is Kind.STAFF
        and member.fate is Fate.STEADY
        and not member.is_lead
        and member.role_keys == ["member"]
    )
