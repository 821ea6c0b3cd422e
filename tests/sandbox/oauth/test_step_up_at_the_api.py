"""Resources that want a stronger or fresher sign-in (RFC 9470): what they answer, to whom, and where the vendor does so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from sandbox.access.acr import TWO_FACTORS, Demand
from sandbox.access.protect import requires
from sandbox.app import create_app
from sandbox.foundation.database import db, transaction
from sandbox.oauth.models.authentication import Authentication
from sandbox.resources.roles import service as roles
from sandbox.resources.roles.model import Role
from sandbox.resources.users import service as users
from sandbox.settings import Settings
from tests import builders
from tests.proofs import Holder
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, CALLBACK, CONNECTOR, USER, VERIFIER, WEB, Journey
from tests.sandbox.oauth.test_step_up import enrolled, stepped_up

__all__ = ["enrolled"]


@pytest.fixture
def guarded(database_url: str, identities: None) -> Journey:
    """A server with one view that wants a second factor within the last minute."""
    app = create_app(Settings(database_url=database_url))
    view = requires("users:read", sign_in=lambda: Demand(TWO_FACTORS, max_age=60))(lambda: "in")
    app.add_url_rule("/v1/vault", "vault", view)
    return Journey(app.test_client())


@pytest.mark.requirement("RFC 9470 §3", "MUST")
def test_resource_says_what_it_wants(guarded: Journey) -> None:
    """401 with `insufficient_user_authentication`, `acr_values` and `max_age`, which the client repeats in its request."""
    value = guarded.tokens()["access_token"]
    answer = guarded.http.get("/v1/vault", headers={"Authorization": f"Bearer {value}"})
    challenge = answer.headers["WWW-Authenticate"]
    assert (answer.status_code, answer.get_json()["code"]) == (401, "insufficient-user-authentication")
    assert 'error="insufficient_user_authentication"' in challenge
    assert f'acr_values="{TWO_FACTORS}"' in challenge
    assert 'max_age="60"' in challenge


@pytest.mark.requirement("RFC 9470 §4", "MUST")
def test_stepping_up_opens_the_resource_for_as_long(enrolled: Journey, guarded: Journey, acme: Acme) -> None:
    """A token of the level passes; once the sign-in is older than wanted, a refreshed one does not."""
    answer = stepped_up(guarded)
    assert guarded.use(answer["access_token"], "/v1/vault") == 200
    with acme(), transaction() as session:
        session.execute(update(Authentication).values(auth_time=Authentication.auth_time - 61))
    again = guarded.refresh(answer["refresh_token"]).get_json()
    assert guarded.use(again["access_token"], "/v1/vault") == 401


@pytest.mark.requirement("RFC 9470 §3", "MUST")
@pytest.mark.requirement("RFC 9449 §7.1", "MUST")
@pytest.mark.parametrize("bound", [False, True])
def test_resource_answers_in_the_scheme_of_the_token(guarded: Journey, bound: bool) -> None:
    """A bound token is told of DPoP and its algorithms alone, a free one of Bearer first."""
    holder = Holder()
    proof = {"DPoP": holder.proof("POST", "http://localhost/oauth/token")} if bound else {}
    form = {"grant_type": "authorization_code", "code": guarded.code(), "redirect_uri": CALLBACK}
    form |= {"code_verifier": VERIFIER}
    value = guarded.http.post("/oauth/token", data=form, auth=WEB, headers=proof).get_json()["access_token"]
    headers = {"Authorization": f"Bearer {value}"}
    if bound:
        shown = holder.proof("GET", "http://localhost/v1/vault", token=value)
        headers = {"Authorization": f"DPoP {value}", "DPoP": shown}
    challenge = guarded.http.get("/v1/vault", headers=headers).headers["WWW-Authenticate"]
    scheme, _, parameters = challenge.partition(" ")
    assert scheme == ("DPoP" if bound else "Bearer")
    assert ("Bearer" in challenge, 'algs="ES256' in challenge) == (not bound, True)
    refused = parameters.partition(", DPoP ")[0]
    assert 'error="insufficient_user_authentication"' in refused
    assert (f'acr_values="{TWO_FACTORS}"' in refused, 'max_age="60"' in refused) == (True, True)


def test_client_for_itself_signs_nobody_in(guarded: Journey) -> None:
    """What is asked of people is not asked of machines; the scope is."""
    value = guarded.token(auth=CONNECTOR, grant_type="client_credentials").get_json()["access_token"]
    assert guarded.use(value, "/v1/vault") == 200


def test_scope_is_asked_first(guarded: Journey) -> None:
    assert guarded.use(guarded.tokens(USER, scope="openid")["access_token"], "/v1/vault") == 403


class TestGivingARole:
    """Where the vendor itself steps up, if its tenant wants so: who makes somebody mightier shows that they sit there."""

    SCOPE = "openid roles:write"

    def test_scope_is_enough_unless_the_tenant_wants_more(self, go: Journey, acme: Acme) -> None:
        value = go.tokens(ADMIN, scope=self.SCOPE)["access_token"]
        assert give_role(go, acme, value).status_code == 204

    def test_setting_counts_from_the_next_request_on(self, enrolled: Journey, acme: Acme) -> None:
        """For tokens that are there already, and only until it is off again."""
        value = enrolled.tokens(ADMIN, scope=self.SCOPE)["access_token"]
        want_recent_factor(acme, minutes=5)
        refused = give_role(enrolled, acme, value)
        assert (refused.status_code, 'max_age="300"' in refused.headers["WWW-Authenticate"]) == (401, True)
        want_recent_factor(acme, minutes=0)
        assert give_role(enrolled, acme, value).status_code == 204

    @pytest.mark.usefixtures("wanted")
    def test_password_is_not_enough(self, enrolled: Journey, acme: Acme) -> None:
        """And nothing is given; the challenge says with what to come again."""
        value = enrolled.tokens(ADMIN, scope=self.SCOPE)["access_token"]
        refused = give_role(enrolled, acme, value)
        challenge = refused.headers["WWW-Authenticate"]
        assert (refused.status_code, refused.get_json()["code"]) == (401, "insufficient-user-authentication")
        assert (f'acr_values="{TWO_FACTORS}"' in challenge, 'max_age="900"' in challenge) == (True, True)
        assert held(acme) == ["member"]

    @pytest.mark.usefixtures("wanted")
    def test_second_factor_is(self, enrolled: Journey, acme: Acme) -> None:
        value = stepped_up(enrolled, scope=self.SCOPE)["access_token"]
        assert give_role(enrolled, acme, value).status_code == 204
        assert held(acme) == ["member", "security_auditor"]

    @pytest.mark.usefixtures("wanted")
    def test_sign_in_of_long_ago_is_not(self, enrolled: Journey, acme: Acme) -> None:
        answer = stepped_up(enrolled, scope=self.SCOPE)
        with acme(), transaction() as session:
            session.execute(update(Authentication).values(auth_time=Authentication.auth_time - 901))
        again = enrolled.refresh(answer["refresh_token"]).get_json()["access_token"]
        assert give_role(enrolled, acme, again).status_code == 401

    @pytest.mark.usefixtures("wanted")
    def test_client_for_itself_needs_the_scope_only(self, go: Journey, acme: Acme) -> None:
        value = go.token(auth=CONNECTOR, grant_type="client_credentials", scope="roles:write").get_json()
        assert give_role(go, acme, value["access_token"]).status_code == 204

    @pytest.mark.usefixtures("wanted")
    def test_taking_it_away_needs_no_more(self, go: Journey, acme: Acme) -> None:
        """Who answers an attack is not held up."""
        value = go.tokens(ADMIN, scope=self.SCOPE)["access_token"]
        role_id, user_id = role_and_user(acme, "member")
        headers = {"Authorization": f"Bearer {value}"}
        assert go.http.delete(f"/v1/roles/{role_id}/members/{user_id}", headers=headers).status_code == 204

    @pytest.mark.usefixtures("wanted")
    def test_nobody_is_asked_for_what_is_off(self, acme: Acme, switched: Callable[..., Journey]) -> None:
        go = switched("step_up")
        value = go.tokens(ADMIN, scope=self.SCOPE)["access_token"]
        assert give_role(go, acme, value).status_code == 204

    def test_document_says_so(self, visitor: Journey) -> None:
        document = visitor.http.get("/openapi.json").get_json()
        answers = document["paths"]["/v1/roles/{role_id}/members"]["post"]["responses"]
        assert "insufficient-user-authentication" in answers["401"]["description"]


@pytest.fixture
def wanted(identities: None, acme: Acme) -> None:
    """A tenant whose sensitive operations want a second factor of the last quarter of an hour."""
    want_recent_factor(acme, minutes=15)


def want_recent_factor(acme: Acme, *, minutes: int) -> None:
    with acme():
        builders.a_setting("identity.session.reauthentication_minutes", minutes)


def role_and_user(acme: Acme, key: str) -> tuple[str, str]:
    with acme():
        person = users.find_by_email(USER[0])
        assert person is not None
        return db.session.scalars(select(Role.id).where(Role.key == key)).one(), person.id


def give_role(go: Journey, acme: Acme, value: str) -> TestResponse:
    """Make the user an auditor."""
    role_id, user_id = role_and_user(acme, "security_auditor")
    headers = {"Authorization": f"Bearer {value}"}
    return go.http.post(f"/v1/roles/{role_id}/members", headers=headers, json={"user_id": user_id})


def held(acme: Acme) -> list[str]:
    """Which roles the user has."""
    user_id = role_and_user(acme, "member")[1]
    with acme():
        return [role.key for role in roles.of_user(user_id)]
