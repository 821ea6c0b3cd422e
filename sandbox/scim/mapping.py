"""Between Harbor's people and groups and their SCIM resources: what is a column, and what is kept as a directory said it.

A column always wins over the record of the directory, so that what somebody changes in Harbor shows here too. Of somebody
whom no directory provisioned the columns tell everything.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from sandbox.foundation.clock import to_wire
from sandbox.http.tenant_routing import issuer
from sandbox.resources.groups.model import Group
from sandbox.resources.users.model import User
from sandbox.scim.attribute import Kind
from sandbox.scim.body import is_email
from sandbox.scim.schemas import ENTERPRISE_URI, GROUP, USER
from sandbox.scim.scim_errors import invalid_value

Resource = dict[str, Any]

_OWN_COLUMNS = frozenset(
    {"id", "schemas", "meta", "externalId", "displayName", "active", "title", "timezone", "groups", "roles"}
)
_LONGEST_NAME = 200


def location(kind: Kind, id_: str) -> str:
    """Tell where a resource lives."""
    return f"{issuer()}/scim/v2{kind.endpoint}/{id_}"


def resource_of_user(user: User, groups: list[tuple[str, str]], roles: list[str]) -> Resource:
    """Show a person; `groups` are ids and names of theirs, `roles` keys."""
    kept = user.directory or {}
    resource: Resource = {
        **kept,
        "id": user.id,
        "externalId": user.external_id,
        "userName": _overlaid(kept.get("userName"), user.user_name),
        "displayName": kept.get("displayName", user.name),
        "name": {**kept.get("name", {}), "familyName": user.family_name, "givenName": user.given_name},
        "title": user.title,
        "timezone": user.time_zone,
        "active": user.status == "active",
        "emails": _emails(kept.get("emails"), user.email),
        "groups": [
            {"value": id_, "$ref": location(GROUP, id_), "display": name, "type": "direct"} for id_, name in groups
        ],
        "roles": [{"value": key} for key in roles],
        ENTERPRISE_URI: {**kept.get(ENTERPRISE_URI, {}), "department": user.department, "manager": _manager(user)},
    }
    return finished(_pruned(resource), USER, user.created_at, user.updated_at)


def columns_of_user(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Read from a resource what `users.service` keeps of a person, all but the status; raises ScimError (invalidValue)."""
    name, enterprise = resource.get("name", {}), resource.get(ENTERPRISE_URI, {})
    return {
        "user_name": folded_user_name(resource["userName"]),
        "external_id": resource.get("externalId"),
        "email": _address(resource),
        "name": _shown_name(resource)[:_LONGEST_NAME],
        "given_name": name.get("givenName", ""),
        "family_name": name.get("familyName", ""),
        "title": resource.get("title"),
        "time_zone": resource.get("timezone"),
        "department": enterprise.get("department"),
        "manager_id": reference(enterprise.get("manager"), USER),
        "directory": _record(resource) or None,
    }


def folded_user_name(name: str) -> str:
    """Bring a user name into the form in which it is unique."""
    return unicodedata.normalize("NFC", name).lower()


def resource_of_group(group: Group, member_ids: list[str]) -> Resource:
    """Show a group."""
    resource = {
        "id": group.id,
        "externalId": group.external_id,
        "displayName": group.name,
        "members": [{"value": id_, "$ref": location(USER, id_), "type": "User"} for id_ in member_ids],
    }
    return finished(_pruned(resource), GROUP, group.created_at, group.updated_at)


def columns_of_group(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Read from a resource what `groups.service` keeps of a group, all but the members."""
    return {"name": resource["displayName"], "external_id": resource.get("externalId")}


def member_ids(resource: Mapping[str, Any]) -> list[str]:
    """List whom a group resource names, each once; raises ScimError (invalidValue)."""
    for member in resource.get("members", ()):
        if member.get("type", "User").lower() != "user":
            raise invalid_value("members holds people; groups cannot be members here.")
    named = (reference(member, USER) for member in resource.get("members", ()))
    return list(dict.fromkeys(id_ for id_ in named if id_))


def reference(value: Mapping[str, Any] | None, kind: Kind) -> str | None:
    """Tell whom a value refers to, by its id or else by its address; raises ScimError (invalidValue)."""
    if not value:
        return None
    named, address = value.get("value"), value.get("$ref")
    if address is not None:
        tail: str = address.rsplit("/", 1)[-1]
        if not address.endswith(f"{kind.endpoint}/{tail}") or named not in {None, tail}:
            raise invalid_value(f"$ref must be the address of the {kind.name} that value names.")
        named = tail
    return named


def finished(resource: Resource, kind: Kind, created: datetime, changed: datetime) -> Resource:
    """Add what every resource has: schemas, and meta with a version that any change of the rest changes."""
    extensions = [extension.id for extension in kind.extensions if extension.id in resource]
    resource = {"schemas": [kind.schema.id, *extensions], **resource}
    digest = hashlib.sha256(orjson.dumps([resource, to_wire(changed)])).hexdigest()[:24]
    resource["meta"] = {
        "resourceType": kind.name,
        "created": to_wire(created),
        "lastModified": to_wire(changed),
        "location": location(kind, resource["id"]),
        "version": f'W/"{digest}"',
    }
    return resource


def _record(resource: Mapping[str, Any]) -> Resource:
    """Gather what no column holds; a name that is not to be shown is kept as null, since the column must have one."""
    record = {key: value for key, value in resource.items() if key not in _OWN_COLUMNS}
    record["name"] = _without(resource.get("name", {}), "familyName", "givenName")
    record[ENTERPRISE_URI] = _without(resource.get(ENTERPRISE_URI, {}), "department", "manager")
    if record["userName"] == folded_user_name(record["userName"]):
        del record["userName"]
    if record.get("emails") == [_only_email(_address(resource))]:
        del record["emails"]
    hidden = {} if "displayName" in resource else {"displayName": None}
    return {key: value for key, value in record.items() if value} | hidden


def _without(parts: Mapping[str, Any], *names: str) -> Resource:
    return {name: value for name, value in parts.items() if name not in names}


def _address(resource: Mapping[str, Any]) -> str:
    """Tell the person's address in Harbor; without any, the user name has to be one."""
    address: str = _principal(resource["emails"])["value"] if "emails" in resource else resource["userName"]
    if "emails" not in resource and not is_email(address):
        raise invalid_value("emails needs a value, since userName is no address.")
    return address.lower()


def _principal(emails: list[dict[str, Any]]) -> dict[str, Any]:
    """Choose the address that is the person's in Harbor."""
    return next((one for one in emails if one.get("primary")), emails[0])


def _only_email(email: str) -> dict[str, Any]:
    return {"value": email, "type": "work", "primary": True}


def _shown_name(resource: Mapping[str, Any]) -> str:
    """Choose the name that Harbor shows: as the directory says, or made of what it says."""
    name = resource.get("name", {})
    whole = " ".join(name[part] for part in ("givenName", "familyName") if part in name)
    return str(resource.get("displayName") or name.get("formatted") or whole or resource["userName"])


def _overlaid(kept: str | None, present: str) -> str:
    return kept if kept is not None and folded_user_name(kept) == folded_user_name(present) else present


def _emails(kept: list[dict[str, Any]] | None, email: str) -> list[dict[str, Any]]:
    if not kept:
        return [_only_email(email)]
    chosen = _principal(kept)
    return [{**one, "value": _overlaid(one["value"], email)} if one is chosen else one for one in kept]


def _manager(user: User) -> dict[str, Any] | None:
    return {"value": user.manager_id, "$ref": location(USER, user.manager_id)} if user.manager_id else None


def _pruned(resource: Resource) -> Resource:
    """Leave out what has no value; an absent attribute says the same (RFC 7643 §2.5)."""
    pruned = {}
    for name, value in resource.items():
        kept = _pruned(value) if isinstance(value, dict) else value
        if kept not in (None, "", [], {}):
            pruned[name] = kept
    return pruned
