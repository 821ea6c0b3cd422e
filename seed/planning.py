"""The plan: every step from a number to a company, in order. Read this file first; each step is a file of its own.

Steps before the agenda decide who there is; the agenda decides who was there when; steps after it hang deeds on visits and
note what they change; at the end everything is closed into one frozen `Dataset`.
"""

from seed.access import assign_roles, define_roles, enroll_factors, is_administrator
from seed.agenda import draw_visits
from seed.apps import give_consents, register_apps
from seed.attacks import cast_victims, plant
from seed.closing import close_people, close_sessions
from seed.company import ORGANIZATION
from seed.configuration import MISCONFIGURATIONS, configure
from seed.consent_traffic import use_apps
from seed.credentials import tend_credentials
from seed.dataset import Dataset, Truth
from seed.fates import decide_fates
from seed.habitat import settle
from seed.housekeeping import keep_house
from seed.journal import Journal
from seed.library import Library
from seed.lifecycle import provision
from seed.moments import moment
from seed.network import address_plan
from seed.people import DEVELOPMENT, populate
from seed.period import period_of
from seed.profile import Profile, load_profile
from seed.randomness import Streams
from seed.rota import Rota
from seed.services import event_count, start_services
from seed.teams import form_groups


def plan(profile: str = "small", seed: int = 7) -> Dataset:
    """Answer the company of that profile and seed; raises `UnknownProfile`.

    The same two values give the same data on every machine that has the same version of Faker (it invents the names).
    """
    return build(load_profile(profile), seed)


def build(profile: Profile, seed: int) -> Dataset:
    """Answer the company for a profile that need not have a file."""
    streams, period = Streams(seed), period_of(profile.days)

    members = populate(profile, period, streams)
    assign_roles(members, profile, streams)
    decide_fates(members, profile, period, streams)
    enroll_factors(members, profile, period, streams)
    cast = cast_victims(members, streams)
    library = Library(members, period, streams)
    services = start_services(members, profile, period, streams)
    habitats = settle(members, cast, profile=profile, period=period, streams=streams)

    human_events = profile.events - event_count(services) - profile.grants * profile.days // 4
    visits = draw_visits(members, habitats, profile=profile, period=period, streams=streams, events=human_events)
    visits, planted = plant(cast, visits, library, period=period, streams=streams)

    rota = Rota([visit for visit in visits if visit.actions])
    roles, groups = define_roles(streams), form_groups(members, profile, period, streams)
    apps = register_apps(profile, period, streams)
    consents = give_consents(members, apps, profile=profile, period=period, streams=streams)
    administrators = [member for member in members if is_administrator(member)]
    settings, configured = configure(administrators, rota, period=period, streams=streams)
    occurrences = [
        *(occurrence for attack in planted for occurrence in attack.occurrences),
        *keep_house(members, groups, roles, rota, profile=profile, period=period, streams=streams),
        *tend_credentials(members, rota, profile=profile, streams=streams),
        *use_apps(consents, apps, rota, period=period, streams=streams),
        *provision(members, groups, roles, services[0], period=period, streams=streams),
        *configured,
    ]

    journal = Journal(visits, occurrences, services, library=library, profile=profile, period=period, streams=streams)
    return Dataset(
        profile=profile.name,
        seed=seed,
        organization=ORGANIZATION,
        starts_at=moment(period.starts_ms),
        ends_at=moment(period.ends_ms),
        people=close_people(members, visits, occurrences, services),
        teams=tuple(group.finished() for group in groups),
        roles=roles,
        sessions=close_sessions(visits, period),
        apps=tuple(app.finished() for app in apps),
        grants=tuple(consent.finished() for consent in consents),
        settings=settings,
        development={name: member.id for name, member in zip(DEVELOPMENT, members, strict=False)},
        geography=address_plan(),
        truth=Truth(tuple(attack.attack for attack in planted), MISCONFIGURATIONS),
        stream=journal.events,
    )
