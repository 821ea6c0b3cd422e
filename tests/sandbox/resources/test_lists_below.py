"""Lists below one resource keep the paging part of the contract, and are found as long as that is."""

from __future__ import annotations

from typing import Any

from sandbox.foundation.database import transaction
from sandbox.resources.api_tokens.schema import ApiTokenSchema
from sandbox.resources.configuration.model import SettingChange
from sandbox.resources.configuration.schema import SettingChangeSchema
from sandbox.resources.files.schema import ShareSchema
from sandbox.resources.grants.schema import GrantSchema
from sandbox.resources.groups.schema import GroupSchema, MemberSchema
from sandbox.resources.identity_providers.schema import ExemptionSchema
from sandbox.resources.projects.schema import ProjectMemberSchema
from sandbox.resources.roles.schema import HolderSchema
from sandbox.resources.sessions.schema import SessionSchema
from sandbox.resources.users.schema import FactorSchema
from tests import builders
from tests.sandbox.resources.list_below_contract import ListBelowContract


class ListOfPerson(ListBelowContract):
    """A list below `/v1/users/{id}`."""

    def make_parent(self, id_: str) -> None:
        builders.a_user(id=id_)


class TestSessionsOfPerson(ListOfPerson):
    path, scope, schema = "/v1/users/usr_one/sessions", "sessions:read", SessionSchema()

    def make(self) -> str:
        return builders.a_session(self.parent).id


class TestGrantsOfPerson(ListOfPerson):
    path, scope, schema = "/v1/users/usr_one/grants", "grants:read", GrantSchema()

    def make(self) -> str:
        return builders.a_grant(self.parent, builders.an_app().id).id


class TestFactorsOfPerson(ListOfPerson):
    path, scope, schema = "/v1/users/usr_one/factors", "users:read", FactorSchema()

    def make(self) -> str:
        return builders.a_factor(self.parent).id


class TestGroupsOfPerson(ListOfPerson):
    path, scope, schema = "/v1/users/usr_one/groups", "groups:read", GroupSchema()

    def make(self) -> str:
        return builders.a_membership(builders.a_group().id, self.parent).group_id


class ListOfPeople(ListBelowContract):
    """People whom something has, in the order in which they came."""

    id_field = "user_id"
    since = "added_at"

    def order(self, row: dict[str, Any]) -> Any:
        return row[self.since]


class TestMembersOfGroup(ListOfPeople):
    path, scope, schema = "/v1/groups/grp_one/members", "groups:read", MemberSchema()

    def make_parent(self, id_: str) -> None:
        builders.a_group(id=id_)

    def make(self) -> str:
        return builders.a_membership(self.parent, builders.a_user().id).user_id


class TestMembersOfProject(ListOfPeople):
    path, scope, schema = "/v1/projects/prj_one/members", "files:read", ProjectMemberSchema()

    def make_parent(self, id_: str) -> None:
        builders.a_project(id=id_)

    def make(self) -> str:
        return builders.a_project_member(self.parent, builders.a_user().id).user_id


class TestHoldersOfRole(ListOfPeople):
    path, scope, schema = "/v1/roles/rol_one/members", "roles:read", HolderSchema()
    since = "granted_at"

    def make_parent(self, id_: str) -> None:
        builders.a_role(id=id_, key=id_)

    def make(self) -> str:
        return builders.an_assignment(builders.a_user().id, self.parent).user_id


class TestExemptionsOfProvider(ListOfPeople):
    path, scope = "/v1/identity-providers/idp_one/exemptions", "configuration:read"
    schema, since = ExemptionSchema(), "exempt_since"

    def make_parent(self, id_: str) -> None:
        builders.an_identity_provider(id=id_)

    def make(self) -> str:
        return builders.an_exemption(self.parent, builders.a_user().id).user_id


class TestTokensOfServiceAccount(ListBelowContract):
    path, scope, schema = "/v1/service-accounts/svc_one/tokens", "tokens:read", ApiTokenSchema()

    def make_parent(self, id_: str) -> None:
        builders.a_service_account(id=id_, user_id=builders.a_user(id=id_.replace("svc", "usr"), type="service").id)

    def make(self) -> str:
        owner = self.parent.replace("svc", "usr")
        return builders.an_api_token(owner_id=owner, service_account_id=self.parent).id


class TestSharesOfFile(ListBelowContract):
    path, scope, schema = "/v1/files/fil_one/shares", "files:read", ShareSchema()

    def make_parent(self, id_: str) -> None:
        builders.a_file(id=id_)

    def make(self) -> str:
        return builders.a_share(self.parent).id


class TestHistoryOfSetting(ListBelowContract):
    path, scope = "/v1/configuration/data.public_links.enabled/history", "configuration:read"
    schema = SettingChangeSchema()

    def make_parent(self, id_: str) -> None:
        """The catalog has it."""

    def make(self) -> str:
        by = {"type": "system", "id": None, "email": None, "name": "Harbor"}
        with transaction() as session:
            change = SettingChange(key=self.parent, old=True, new=False, changed_by=by, event_id="evt_one")
            session.add(change)
        return change.id
