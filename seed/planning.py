"""The plan: every step from a number to a company, in order. Read this file first; each step is a file of its own.

Steps before the agenda decide who there is; the agenda decides who was there when; steps after it hang deeds on visits and
note what they change; at the end everything is closed into one frozen `Dataset`.
"""

from collections.abc import Sequence
from functools import partial

from seed.access import assign_roles, define_roles, enroll_factors
from seed.agenda import draw_visits
from seed.apps import give_consents, register_apps
from seed.attacks import Cast, cast_victims, plant
from seed.cabinet import Cabinet
from seed.closing import close_people, close_sessions
from seed.company import ORGANIZATION
from seed.configuration import configure, planted_in
from seed.consent_traffic import use_apps
from seed.credentials import tend_credentials
from seed.dataset import Dataset, Person, Truth
from seed.directory import Directory
from seed.fates import decide_fates
from seed.frame import Frame
from seed.habitat import settle
from seed.housekeeping import keep_house
from seed.identities import Identities
from seed.journal import Journal
from seed.library import Library
from seed.lifecycle import provision
from seed.machines import describe_services, make_tokens
from seed.moments import moment
from seed.movers import move_people
from seed.network import address_plan
from seed.people import DEVELOPMENT, populate
from seed.period import period_of
from seed.profile import Profile, load_profile
from seed.projects import open_projects
from seed.randomness import Streams
from seed.rota import Rota
from seed.safeguards import draw_networks, lay_streams, name_contacts, trust_provider
from seed.services import Service, event_count, start_services
from seed.setups import close_exports, forward
from seed.teams import form_groups


def plan(profile: str = "small", seed: int = 7, posture: str | None = None) -> Dataset:
    """Answer the company of that profile, seed and posture (by default the profile's own); raises `UnknownProfile`.

    The same values give the same data on every machine that has the same version of Faker (it invents the names).
    """
    return build(load_profile(profile, posture), seed)


def build(profile: Profile, seed: int) -> Dataset:
    """Answer the company for a profile that need not have a file."""
    frame = Frame(profile, period_of(profile.days), Streams(seed))

    directory, cast = _people(frame)
    members = directory.members
    library, services = Library(members, frame), start_services(members, frame)
    habitats, wanted = settle(members, cast, frame=frame), _human_events(services, frame)
    visits = draw_visits(members, habitats, frame=frame, events=wanted)
    visits, planted = plant(cast, visits, library, frame=frame)
    places = open_projects(members, frame)
    cabinets = partial(Cabinet, library, places, members, frame)

    # The attackers' own sessions are nobody's working hours.
    rota = Rota([visit for visit in visits if visit.actions])
    apps = register_apps(frame)
    consents = give_consents(members, apps, frame=frame)
    settings, configured = configure(directory.holders("administrator"), apps, rota, frame=frame)
    occurrences = [
        *(occurrence for attack in planted for occurrence in attack.occurrences),
        *configured,
        *keep_house(directory, rota, frame=frame),
        *tend_credentials(members, rota, frame=frame),
        *use_apps(consents, apps, rota, frame=frame),
        *provision(directory, services[0], rota=rota, frame=frame),
    ]

    people = close_people(members, visits, occurrences, services=services)
    return Dataset(
        profile=profile.name,
        seed=seed,
        organization=ORGANIZATION,
        starts_at=moment(frame.period.starts_ms),
        ends_at=moment(frame.period.ends_ms),
        people=people,
        teams=tuple(group.finished() for group in directory.groups),
        roles=directory.roles,
        sessions=close_sessions(visits, frame.period),
        apps=tuple(app.finished() for app in apps),
        grants=tuple(consent.finished() for consent in consents),
        settings=settings,
        projects=tuple(place.finished() for place in places),
        forwarding_rules=forward(members, frame),
        exports=close_exports(occurrences),
        development={name: member.id for name, member in zip(DEVELOPMENT, members, strict=False)},
        geography=address_plan(),
        identities=_identities(people, frame),
        truth=Truth(tuple(attack.attack for attack in planted), planted_in(settings)),
        stream=Journal(visits, occurrences, services, library=library, new_cabinet=cabinets, frame=frame),
    )


def _people(frame: Frame) -> tuple[Directory, Cast]:
    """Decide who there is, with groups and roles, and whom the attacks will meet."""
    members = populate(frame)
    assign_roles(members, frame)
    decide_fates(members, frame)
    enroll_factors(members, frame)
    cast = cast_victims(members, frame)
    move_people(members, (cast.guessed, cast.robbed), frame)
    return Directory(members, form_groups(members, frame), define_roles(frame)), cast


def _identities(people: Sequence[Person], frame: Frame) -> Identities:
    """Answer what machines may do and what guards the company; the first person of the directory administers."""
    accounts = describe_services(people, frame)
    return Identities(
        service_accounts=accounts,
        api_tokens=make_tokens(people, accounts, frame),
        network_policies=draw_networks(frame),
        security_contacts=name_contacts(frame),
        log_streams=lay_streams(frame),
        identity_providers=trust_provider(people[0].id, frame),
    )


def _human_events(services: list[Service], frame: Frame) -> int:
    """Answer how many events people shall make: what the services and the applications leave of the whole."""
    return frame.profile.events - event_count(services) - frame.profile.grants * frame.period.days // 4
