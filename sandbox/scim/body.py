"""Bodies: from JSON that a client sent to a resource in canonical form (RFC 7643 §2), or a refusal that names the part.

Names get the capitalization of the schema, what clients cannot write is left out, and null or an empty list is no value.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from flask import request
from marshmallow import ValidationError, validate

from sandbox.foundation.problems import InvalidJson, UnsupportedMediaType
from sandbox.http.text import NUL
from sandbox.resources.users.schema import TIME_ZONE
from sandbox.scim.attribute import Attribute, Kind
from sandbox.scim.scim_errors import MEDIA_TYPE, invalid_syntax, invalid_value

_FORMS: dict[str, validate.Validator] = {"email": validate.Email(), "time zone": TIME_ZONE}
MOST_VALUES = 100
_UNBOUNDED = frozenset({"members", "groups", "roles"})
_WORDS = {"true": True, "false": False}


def read_object() -> dict[str, Any]:
    """Read the request's body as one JSON object; raises UnsupportedMediaType and InvalidJson."""
    raw = request.get_data(cache=True)
    if request.mimetype not in {MEDIA_TYPE, "application/json"}:
        raise UnsupportedMediaType(f"Send the body as {MEDIA_TYPE}.", media_type=request.mimetype)
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidJson(f"The body cannot be read as JSON: {error}.") from None
    if not isinstance(body, dict):
        raise InvalidJson("The body must be a JSON object.")
    return body


def read_message(body: Mapping[str, Any], uri: str, *names: str) -> dict[str, Any]:
    """Read a message such as PatchOp: its schema must be named, and nothing but `names` may be in it."""
    known = {name.lower(): name for name in names}
    found: dict[str, Any] = {}
    for name, value in body.items():
        if name.lower() == "schemas":
            require_schema(value, uri)
            found["schemas"] = value
        elif (canonical := known.get(name.lower())) is None or canonical in found:
            raise invalid_syntax(f"{name[:80]} is not expected here; {', '.join(names)} are.")
        else:
            found[canonical] = value
    if "schemas" not in found:
        raise invalid_syntax(f"The body needs schemas: [{uri!r}].")
    return found


def require_schema(given: Any, uri: str, allowed: Iterable[str] = ()) -> None:
    """Make sure that `schemas` names this schema, and besides it none but those that are allowed."""
    known = {uri.lower(), *(one.lower() for one in allowed)}
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise invalid_syntax("schemas must be a list of URIs.")
    if unknown := [one for one in given if one.lower() not in known]:
        raise invalid_syntax(f"The schema {unknown[0][:200]} is not known here.")
    if uri.lower() not in {one.lower() for one in given}:
        raise invalid_syntax(f"schemas must name {uri}.")


def read_resource(body: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """Read a whole resource, for POST and PUT; raises ScimError (invalidSyntax, invalidValue)."""
    schemas = next((value for name, value in body.items() if name.lower() == "schemas"), None)
    require_schema(schemas, kind.schema.id, (extension.id for extension in kind.extensions))
    resource: dict[str, Any] = {}
    for name, value in body.items():
        if (extension := kind.extension(name)) is not None:
            if part := _read_parts({} if value is None else value, extension.find, extension.id):
                resource[extension.id] = part
            continue
        if (attribute := kind.find(name)) is None:
            raise invalid_syntax(f"{name[:80]} is no attribute of {kind.name}.")
        _keep(resource, attribute, value, attribute.name)
    check_whole(resource, kind)
    return resource


def check_whole(resource: Mapping[str, Any], kind: Kind) -> None:
    """Refuse a resource that lacks a required attribute, or prefers two values of one (RFC 7643 §2.4), or has too many."""
    for attribute in kind.attributes():
        needed = attribute.required and attribute.mutability != "readOnly" and not attribute.assumed
        if needed and attribute.name not in resource:
            raise invalid_value(f"{attribute.name} needs a value.")
        found = resource.get(attribute.name)
        if isinstance(found, list) and sum(_prefers(value) for value in found) > 1:
            raise invalid_value(f"{attribute.name} has more than one primary value.")
        if isinstance(found, list) and len(found) > MOST_VALUES and attribute.name not in _UNBOUNDED:
            raise invalid_value(f"{attribute.name} has more than {MOST_VALUES} values.")


def read_value(attribute: Attribute, value: Any, where: str) -> Any:
    """Read the value of an attribute; None when there is none. Raises ScimError (invalidValue, invalidSyntax)."""
    if value is None or value == []:
        return None
    if not attribute.multi_valued:
        return read_single(attribute, value, where)
    if not isinstance(value, list):
        raise invalid_value(f"{where} holds several values; send a list.")
    items = [read_single(attribute, one, f"{where}[{place}]") for place, one in enumerate(value)]
    return [item for item in items if item is not None] or None


def read_single(attribute: Attribute, value: Any, where: str) -> Any:
    """Read one value of an attribute, itself or one of several; None when there is none."""
    if value is None:
        return None
    if attribute.type == "complex":
        part = _read_parts(value, attribute.sub, where)
        missing = [sub.name for sub in attribute.sub_attributes if sub.required and sub.name not in part]
        if part and missing and not (missing == ["value"] and "$ref" in part):
            raise invalid_value(f"{where} needs {missing[0]}.")
        return part or None
    return _READ[attribute.type](attribute, value, where)


def is_email(text: str) -> bool:
    """Tell whether a text is an e-mail address."""
    try:
        _FORMS["email"](text)
    except ValidationError:
        return False
    return True


def _read_parts(value: Any, find: Callable[[str], Attribute | None], where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid_value(f"{where} has parts; send an object.")
    parts: dict[str, Any] = {}
    for name, given in value.items():
        if (attribute := find(name)) is None:
            raise invalid_syntax(f"{where} has no part {name[:80]}.")
        _keep(parts, attribute, given, f"{where}.{attribute.name}")
    return parts


def _keep(holder: dict[str, Any], attribute: Attribute, value: Any, where: str) -> None:
    """Put a value where it belongs, unless clients cannot write it (RFC 7644 §3.3): then it is ignored."""
    if attribute.name in holder:
        raise invalid_syntax(f"{where} is given twice.")
    if attribute.mutability == "readOnly":
        return
    read = read_value(attribute, value, where)
    if read is not None:
        holder[attribute.name] = read


def _prefers(value: Any) -> bool:
    return isinstance(value, dict) and value.get("primary") is True


def _text(attribute: Attribute, value: Any, where: str) -> str | None:
    if not isinstance(value, str):
        raise invalid_value(f"{where} must be a string.")
    if len(value) > attribute.longest:
        raise invalid_value(f"{where} is longer than {attribute.longest} characters.")
    if NUL in value:
        raise invalid_value(f"U+0000 is not allowed in {where}.")
    return _checked(attribute, value, where) if value.strip() else None


def _checked(attribute: Attribute, value: str, where: str) -> str:
    if attribute.form is not None:
        try:
            _FORMS[attribute.form](value)
        except ValidationError as error:
            raise invalid_value(f"{where}: {' '.join(map(str, error.messages))}") from None
    return value


def _flag(_: Attribute, value: Any, where: str) -> bool:
    """Read a boolean; the words true and false count too, since Microsoft Entra sends them."""
    if isinstance(value, str) and value.lower() in _WORDS:
        return _WORDS[value.lower()]
    if not isinstance(value, bool):
        raise invalid_value(f"{where} must be true or false.")
    return value


def _binary(attribute: Attribute, value: Any, where: str) -> str | None:
    text = _text(attribute, value, where)
    try:
        b64decode(text or "", validate=True)
    except (binascii.Error, ValueError):
        raise invalid_value(f"{where} must be base64.") from None
    return text


_READ: dict[str, Callable[[Attribute, Any, str], Any]] = {
    "string": _text,
    "reference": _text,
    "boolean": _flag,
    "binary": _binary,
}
