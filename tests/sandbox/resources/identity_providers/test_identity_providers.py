"""The rules of identity providers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from flask.testing import FlaskClient

from sandbox.foundation.problems import Conflict
from sandbox.resources.identity_providers import service
from sandbox.resources.users import service as users
from tests import builders

Enter = Callable[[], AbstractContextManager[Any]]
Headers = dict[str, str]
PATH = "/v1/identity-providers"
EXPIRES = datetime(2027, 3, 1, 12, tzinfo=UTC)


def a_certificate() -> x509.Certificate:
    """Self-signed, as identity providers have them."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")])
    draft = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    draft = draft.serial_number(1).not_valid_before(EXPIRES - timedelta(days=365)).not_valid_after(EXPIRES)
    return draft.sign(key, SHA256())


def test_certificate_is_told_by_fingerprint_and_end(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    certificate = a_certificate()
    pem = certificate.public_bytes(Encoding.PEM).decode()
    body = {"name": "Acme", "protocol": "saml", "issuer": "urn:acme", "sign_in_url": "https://idp.acme.example/sso"}
    made = client.post(PATH, headers=anything, json={**body, "certificate": pem}).get_json()
    assert made["certificate_fingerprint"] == certificate.fingerprint(SHA256()).hex()
    assert made["certificate_expires_at"] == "2027-03-01T12:00:00.000Z"


@pytest.mark.storage
def test_provider_that_is_enforced_demands_its_sign_in_of_all_but_the_exempt(in_acme: None) -> None:
    provider, other, exempt = builders.an_identity_provider(), builders.a_user().id, builders.an_administrator().id
    builders.an_exemption(provider.id, exempt)
    before = service.demands_sign_in_of(other)
    service.update(provider.id, is_enforced=True)
    assert (before, service.demands_sign_in_of(other), service.demands_sign_in_of(exempt)) == (False, True, False)
    service.update(provider.id, is_enabled=False)
    assert not service.demands_sign_in_of(other)


@pytest.mark.storage
@pytest.mark.parametrize("status", ["active", "suspended"])
def test_provider_is_enforced_only_while_an_active_administrator_is_exempt(in_acme: None, status: str) -> None:
    provider, administrator = builders.an_identity_provider(), builders.an_administrator(status=status).id
    provider_id = provider.id
    builders.an_exemption(provider_id, administrator if status == "suspended" else builders.a_user().id)
    with pytest.raises(Conflict):
        service.update(provider_id, is_enforced=True)
    assert not service.find(provider_id).is_enforced


@pytest.mark.storage
def test_last_administrator_who_is_exempt_stays_so(in_acme: None) -> None:
    provider, administrator = builders.an_identity_provider(is_enforced=True), builders.an_administrator()
    provider_id, administrator_id = provider.id, administrator.id
    builders.an_exemption(provider_id, administrator_id)
    with pytest.raises(Conflict):
        service.end_exemption(provider_id, user_id=administrator_id)
    builders.an_exemption(provider_id, builders.an_administrator().id)
    service.end_exemption(provider_id, user_id=administrator_id)
    assert service.demands_sign_in_of(administrator_id)


@pytest.mark.storage
def test_exemptions_end_with_their_person_and_with_the_provider(in_acme: None) -> None:
    provider, person = builders.an_identity_provider(), builders.a_user().id
    builders.an_exemption(provider.id, person)
    users.delete(person)
    assert service.present([service.find(provider.id)])[0].exemption_count == 0
    builders.an_exemption(provider.id, builders.a_user().id)
    service.delete(provider.id)
    assert builders.db.session.scalars(service.search()).all() == []


@pytest.mark.storage
def test_last_administrator_who_is_exempt_cannot_be_deleted(in_acme: None) -> None:
    provider, administrator = builders.an_identity_provider(is_enforced=True).id, builders.an_administrator().id
    builders.an_administrator()
    builders.an_exemption(provider, administrator)
    with pytest.raises(Conflict):
        users.delete(administrator)
    assert users.find(administrator).status == "active"


def test_exemption_given_twice_is_given_once(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        path, person = f"{PATH}/{builders.an_identity_provider().id}/exemptions", builders.a_user(name="Ada").id
    for _ in range(2):
        client.post(path, headers=anything, json={"user_id": person, "reason": "Opens the door."})
    rows = client.get(path, headers=anything).get_json()["data"]
    assert [(row["name"], row["reason"]) for row in rows] == [("Ada", "Opens the door.")]


@pytest.mark.storage
def test_issuer_belongs_to_one_provider(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    body = {"name": "Acme", "protocol": "oidc", "issuer": "urn:acme", "sign_in_url": "https://idp.acme.example/"}
    assert [client.post(PATH, headers=anything, json=body).status_code for _ in range(2)] == [201, 409]


def test_list_gives_providers_that_match(client: FlaskClient, anything: Headers, acme: Enter) -> None:
    with acme():
        one = builders.an_identity_provider(protocol="saml").id
        two = builders.an_identity_provider(is_enabled=False, is_enforced=True).id
    expected = {"protocol=saml": [one], "is_enabled=true": [one], "is_enforced=true": [two], "is_enabled=false": [two]}
    rows = {query: client.get(f"{PATH}?{query}", headers=anything).get_json()["data"] for query in expected}
    assert {query: [row["id"] for row in found] for query, found in rows.items()} == expected
