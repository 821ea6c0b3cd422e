"""The contract above each view: what it accepts, what it returns. `openapi.py` reads the same objects.

    @roles.get("/roles/<id>")
    @requires("roles:read")
    @returns(RoleSchema)
    def read_role(id: str) -> Role: ...

A view gets validated arguments and returns plain objects; it never touches `request` or builds a response.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import orjson
from flask import Response, request
from marshmallow import RAISE, Schema, ValidationError, fields

from sandbox.foundation.problems import FieldError, InvalidJson, InvalidRequest, Problem, UnsupportedMediaType
from sandbox.http.conditional import answer_conditionally
from sandbox.http.pagination.style import PaginationStyle
from sandbox.http.render import dump, dump_each
from sandbox.http.text import refuse_nul

View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Contract:
    """What one view promises; collected by the decorators, read by the OpenAPI document."""

    scope: str | None = None
    query: Schema | None = None
    body: Schema | None = None
    result: Schema | None = None
    status: int = 200
    paging: PaginationStyle | None = None
    streams: bool = False
    conditional: bool = False
    attachment: bool = False
    request_headers: tuple[str, ...] = ()
    problems: tuple[type[Problem], ...] = ()


def contract_of(view: View) -> Contract | None:
    """Find the contract of a view; None when it has none and so is no part of the documented API."""
    return getattr(view, "__contract__", None)


def promise(view: View, wrapper: View, **terms: Any) -> View:
    """Carry the contract of `view` over to the function that wraps it, with more terms."""
    wrapper.__contract__ = replace(contract_of(view) or Contract(), **terms)  # type: ignore[attr-defined]
    return wrapper


def accepts(body: Schema | None = None, *, query: Schema | None = None) -> Callable[[View], View]:
    """Validate the JSON body, the query string, or both, and hand their fields to the view as keyword arguments.

    Raises InvalidRequest naming each bad or unknown field, InvalidJson, and UnsupportedMediaType.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if query is not None:
                kwargs.update(read_query(query, single_values()))
            if body is not None:
                kwargs.update(_load(body, read_json(), pointer="/"))
            return view(*args, **kwargs)

        terms = {name: value for name, value in (("body", body), ("query", query)) if value is not None}
        return promise(view, checked, **terms)

    return decorate


class Written(Protocol):
    """A page that knows how it is written: `http.pagination.paginates.TurnedPage`."""

    @property
    def items(self) -> Sequence[Any]:
        """The rows: objects for the schema, or bytes that are rendered already."""

    def write(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Write the members beside `data`, and the headers."""


def returns(schema: Schema, *, status: int = 200, conditional: bool = False) -> Callable[[View], View]:
    """Render what the view returns: an object or a page of them through `schema`, bytes as they are.

    `conditional` adds a strong ETag and answers 304 to a matching If-None-Match (RFC 9110 §13).
    """

    def decorate(view: View) -> View:
        pages = bool((below := contract_of(view)) and below.paging)

        @functools.wraps(view)
        def rendered(*args: Any, **kwargs: Any) -> Response:
            result = view(*args, **kwargs)
            if isinstance(result, Response):
                return result
            if pages:
                return _write_page(schema, result)
            body = result if isinstance(result, bytes) else dump(schema, result)
            response = Response(body, status, content_type="application/json")
            return answer_conditionally(response) if conditional else response

        return promise(view, rendered, result=schema, status=status, conditional=conditional)

    return decorate


def no_content(view: View) -> View:
    """Answer 204: the view changes something and has nothing to show."""

    @functools.wraps(view)
    def emptied(*args: Any, **kwargs: Any) -> Response:
        view(*args, **kwargs)
        return Response(status=204)

    return promise(view, emptied, status=204)


def _write_page(schema: Schema, page: Written) -> Response:
    members, headers = page.write()
    behind = b"]%b%b" % (b"," if members else b"", orjson.dumps(members)[1:])
    body = dump_each(schema, page.items, before=b'{"data":[', behind=behind)
    return Response(body, headers=headers, content_type="application/json")


def refuse_undeclared_query(contract: Contract) -> None:
    """Refuse query parameters where the contract declares none, since an ignored one is a silent mistake."""
    if contract.query is None and request.query_string:
        read_query(_NO_PARAMETERS, single_values())


def single_values() -> dict[str, str]:
    """Read the query string, one value per parameter; raises InvalidRequest for a repeated one."""
    if repeated := sorted(name for name in request.args if len(request.args.getlist(name)) > 1):
        raise _invalid({name: ["given more than once"] for name in repeated}, pointer="?")
    return request.args.to_dict()


def read_query(schema: Schema, given: Mapping[str, str]) -> dict[str, Any]:
    """Validate query parameters; raises InvalidRequest naming what is unknown or wrong."""
    return _load(schema, given, pointer="?")


def read_body(schema: Schema, given: Mapping[str, Any]) -> dict[str, Any]:
    """Validate members of a body; raises InvalidRequest naming what is unknown or wrong."""
    return _load(schema, given, pointer="/")


def may_raise(*problems: type[Problem]) -> Callable[[View], View]:
    """Declare problems that the contract's other terms do not already imply, for the documentation."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def same(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs)

        return promise(view, same, problems=problems)

    return decorate


def read_json() -> dict[str, Any]:
    """Read the body as one JSON object; an absent body is an empty one."""
    raw = request.get_data(cache=True)
    if not raw:
        return {}
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send the body as application/json.", media_type=request.mimetype)
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidJson(f"The body cannot be read as JSON: {error}.") from None
    if not isinstance(body, dict):
        raise InvalidJson("The body must be a JSON object.")
    return {name: _whole(value) for name, value in body.items()}


def _whole(value: Any) -> Any:
    """Take 5.0 for the integer that it is (JSON Schema 2020-12, section 6.1.1), wherever it stands."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if isinstance(value, dict):
        return {name: _whole(part) for name, part in value.items()}
    return [_whole(part) for part in value] if isinstance(value, list) else value


def _refuse_numbers_for_booleans(schema: Schema, data: Mapping[str, Any]) -> None:
    """Refuse 0, 1 and words where JSON has `true` and `false`; marshmallow would take them."""
    wrong = [
        name
        for name, field in schema.load_fields.items()
        if isinstance(field, fields.Boolean) and not isinstance(data.get(name), bool | None)
    ]
    if wrong:
        raise _invalid({name: ["true or false is expected"] for name in wrong}, pointer="/")


def _load(schema: Schema, data: Mapping[str, Any], *, pointer: str) -> dict[str, Any]:
    if not data and (defaults := _defaults(schema)) is not None:
        return dict(defaults)
    refuse_nul(data, pointer=pointer)
    if pointer == "/":
        _refuse_numbers_for_booleans(schema, data)
    try:
        loaded: dict[str, Any] = schema.load(data, unknown=RAISE)
    except ValidationError as error:
        raise _invalid(error.messages_dict, pointer=pointer) from None
    return loaded


@functools.lru_cache(maxsize=512)
def _defaults(schema: Schema) -> dict[str, Any] | None:
    """Give what a schema makes of nothing, which is what most lists are asked with; None where that is not enough."""
    try:
        loaded: dict[str, Any] = schema.load({}, unknown=RAISE)
    except ValidationError:
        return None
    is_shared = any(not isinstance(value, str | int | float | bool | None) for value in loaded.values())
    return None if is_shared else loaded


def _invalid(messages: Mapping[Any, Any], *, pointer: str) -> InvalidRequest:
    errors = list(_flatten(messages, pointer))
    where = ", ".join(sorted({error["pointer"] for error in errors}))
    return InvalidRequest(f"Correct {where} and send the request again.", errors=errors)


def _flatten(messages: Mapping[Any, Any], pointer: str) -> list[FieldError]:
    """Turn marshmallow's nested messages into pointers: `/reason`, `/scopes/0`, `?limit`."""
    found: list[FieldError] = []
    for name, message in messages.items():
        here = pointer if name == "_schema" else f"{pointer}{name}"
        if isinstance(message, Mapping):
            found += _flatten(message, f"{here}/")
        else:
            found.append({"pointer": here, "detail": " ".join(map(str, message))})
    return found


class NoFilters(Schema):
    """A list that cannot be filtered."""


_EXACT = 2**53
_NO_PARAMETERS = NoFilters()
