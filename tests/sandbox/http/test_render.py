"""Rendering gives what marshmallow itself would, for every schema of the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, fields

from sandbox.http.contract import contract_of
from sandbox.http.moments import MomentField
from sandbox.http.render import dump, dump_each

MOMENTS = [datetime(2026, 9, 1, 12, 30, 15, 123999, UTC), datetime(999, 1, 2, 3, tzinfo=timezone(timedelta(hours=5)))]
SAMPLES: dict[type[Any], list[Any]] = {
    fields.String: ["", "é"],
    fields.Integer: [0, 2**40],
    fields.Float: [13.405, -0.5],
    fields.Boolean: [True, False],
    fields.Date: [date(2022, 1, 10)],
    fields.Raw: [None, 1, ["a"], {"minimum": 1}],
    MomentField: MOMENTS,
    fields.Dict: [{}, {"a": [1, None]}],
}


class Everything(Schema):
    """A field of each kind, one of them under other names."""

    text = fields.String()
    as_ = fields.Integer(data_key="as", attribute="number")
    moments = fields.List(MomentField())
    more = fields.Dict()
    address = fields.Email()


def _example(schema: Schema, choose: Callable[[list[Any]], Any], make: Callable[..., Any]) -> Any:
    return make(**{field.attribute or name: _value(field, choose, make) for name, field in schema.dump_fields.items()})


def _value(field: Any, choose: Callable[[list[Any]], Any], make: Callable[..., Any]) -> Any:
    if isinstance(field, fields.Nested):
        return choose([None, _example(field.schema, choose, make)])
    if isinstance(field, fields.List):
        return choose([[], [_value(field.inner, choose, make)]])
    return choose([None, *SAMPLES[type(field)]])


@given(data=st.data())
@pytest.mark.parametrize("make", [SimpleNamespace, dict])
def test_every_schema_of_the_api_is_rendered_as_marshmallow_would(
    app_schemas: list[Schema], make: Any, data: Any
) -> None:
    schema = data.draw(st.sampled_from(app_schemas))
    thing = _example(schema, lambda values: data.draw(st.sampled_from(values)), make)
    assert orjson.loads(dump(schema, thing)) == schema.dump(thing)


def test_other_names_and_unknown_kinds_are_rendered_as_marshmallow_would() -> None:
    thing = {"text": "a", "number": 7, "moments": MOMENTS, "more": {"b": 1}, "address": "a@b.example"}
    assert orjson.loads(dump(Everything(), thing)) == Everything().dump(thing)
    assert "as" in Everything().dump(thing)


def test_what_is_missing_is_left_out() -> None:
    assert dump(Everything(), {"text": "a"}) == b'{"text":"a"}'
    assert dump(Everything(), SimpleNamespace(number=1)) == b'{"as":1}'


def test_several_are_joined_and_rendered_ones_pass_through() -> None:
    assert dump_each(Everything(), [{"text": "a"}, {"text": "b"}]) == b'{"text":"a"},{"text":"b"}'
    assert dump_each(Everything(), [b"{1}", b"{2}"]) == b"{1},{2}"
    assert dump_each(Everything(), []) == b""


@pytest.fixture(scope="module")
def app_schemas() -> list[Schema]:
    from sandbox.app import create_app
    from sandbox.settings import Settings

    app: Flask = create_app(Settings(database_url="sqlite://"))
    contracts = filter(None, map(contract_of, app.view_functions.values()))
    return [contract.result for contract in contracts if contract.result is not None and contract.result.dump_fields]
