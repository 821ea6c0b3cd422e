"""What guards the company: network policies, security contacts, log streams, and its identity provider.

All of it is older than the log, and fits it: nobody comes from the network that is shut out. What was left undone is there
to be found: networks of administrators that are not enforced, an archive that fails, a certificate near its end.
"""

from seed.company import ORGANIZATION
from seed.frame import Frame
from seed.identifiers import identifier
from seed.identities import IdentityProvider, LogStream, NetworkPolicy, SecurityContact
from seed.moments import DAY, MINUTE, moment
from seed.randomness import Random

_POLICIES = (
    (
        "Offices and remote access",
        "Where administrators work from; to be enforced once everybody has remote access.",
        "administrators",
        "allow",
        ("203.0.113.0/24", "192.0.2.0/25"),
        False,
    ),
    (
        "Returned remote access",
        "Addresses of a former provider, which belong to somebody else now.",
        "everyone",
        "deny",
        ("192.0.2.192/26",),
        True,
    ),
)
_CONTACTS = (
    ("Security on call", "security", "+498912345670", ("incident", "vulnerability")),
    ("Data protection", "privacy", None, ("privacy", "incident")),
)
_STREAMS = (
    ("Security operations", "https", "https://siem.acme.example/harbor", (), MINUTE, None),
    ("Archive", "object_store", "s3://acme-archive/harbor", ("authentication", "file"), 40 * DAY, "403 Forbidden"),
)
_CERTIFICATE_DAYS = 21
"""How long the certificate of the identity provider is still good when the history ends."""


def draw_networks(frame: Frame) -> tuple[NetworkPolicy, ...]:
    """Answer the network policies."""
    policies = []
    for name, description, audience, mode, ranges, is_enforced in _POLICIES:
        born_ms, rng = _born(frame, "network policy", name)
        policies.append(
            NetworkPolicy(
                id=identifier("npo", born_ms, rng),
                name=name,
                description=description,
                applies_to=audience,
                mode=mode,
                ranges=ranges,
                is_enforced=is_enforced,
                created_at=moment(born_ms),
                updated_at=moment(born_ms),
            )
        )
    return tuple(policies)


def name_contacts(frame: Frame) -> tuple[SecurityContact, ...]:
    """Answer whom to tell."""
    contacts = []
    for name, mailbox, phone, purposes in _CONTACTS:
        born_ms, rng = _born(frame, "security contact", name)
        contacts.append(
            SecurityContact(
                id=identifier("sct", born_ms, rng),
                name=name,
                email=f"{mailbox}@{ORGANIZATION.domain}",
                phone=phone,
                purposes=purposes,
                created_at=moment(born_ms),
                updated_at=moment(born_ms),
            )
        )
    return tuple(contacts)


def lay_streams(frame: Frame) -> tuple[LogStream, ...]:
    """Answer where the log is delivered to: one that arrives, one that has not for weeks."""
    streams = []
    for name, kind, destination, categories, silence, error in _STREAMS:
        born_ms, rng = _born(frame, "log stream", name)
        streams.append(
            LogStream(
                id=identifier("lst", born_ms, rng),
                name=name,
                type=kind,
                destination=destination,
                categories=categories,
                status="enabled",
                created_at=moment(born_ms),
                updated_at=moment(born_ms),
                last_delivery_at=moment(frame.period.ends_ms - silence),
                last_delivery_error=error,
            )
        )
    return tuple(streams)


def trust_provider(exempt_id: str, frame: Frame) -> tuple[IdentityProvider, ...]:
    """Answer the company's identity provider, and the one person who could sign in without it if it were enforced."""
    born_ms, rng = _born(frame, "identity provider", ORGANIZATION.slug)
    issuer = f"https://idp.{ORGANIZATION.domain}"
    return (
        IdentityProvider(
            id=identifier("idp", born_ms, rng),
            name=f"{ORGANIZATION.name} single sign-on",
            protocol="saml",
            issuer=issuer,
            sign_in_url=f"{issuer}/saml/sign-in",
            metadata_url=f"{issuer}/saml/metadata",
            certificate_fingerprint=rng.randbytes(32).hex(),
            certificate_expires_at=moment(frame.period.ends_ms + _CERTIFICATE_DAYS * DAY),
            is_enabled=True,
            is_enforced=False,
            exemptions=((identifier("exm", born_ms, rng), exempt_id, "Opens the door when the provider is down."),),
            created_at=moment(born_ms),
            updated_at=moment(born_ms),
        ),
    )


def _born(frame: Frame, *name: str) -> tuple[int, Random]:
    """Draw when something came to be, and go on with its stream."""
    rng = frame.stream(*name)
    return frame.period.long_before(rng, days=60), rng
