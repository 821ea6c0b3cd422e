"""Idempotency-Key: same key, same answer, nothing done twice (rulings 30)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Flask
from marshmallow import Schema, fields

from sandbox.access.protect import requires
from sandbox.app import create_app
from sandbox.foundation.database import transaction
from sandbox.foundation.problems import Conflict
from sandbox.foundation.tenancy import enter
from sandbox.http.contract import accepts, returns
from sandbox.http.idempotency import IdempotencyKey, idempotent
from sandbox.settings import Settings

Token = Callable[..., dict[str, str]]


class ThingSchema(Schema):
    name = fields.String(required=True)


@pytest.fixture
def work(settings: Settings) -> tuple[Flask, list[str]]:
    """An application with one view that counts how often it worked."""
    done: list[str] = []
    blueprint = Blueprint("things", __name__)

    @blueprint.post("/v1/things")
    @requires("users:write")
    @idempotent
    @returns(ThingSchema(), status=201)
    @accepts(ThingSchema())
    def make_thing(*, name: str) -> dict[str, str]:
        if name == "refused":
            raise Conflict("no")
        done.append(name)
        return {"name": f"{name}-{len(done)}"}

    app = create_app(settings)
    app.register_blueprint(blueprint)
    return app, done


@pytest.fixture
def post(work: tuple[Flask, list[str]], token: Token) -> Callable[..., Any]:
    client = work[0].test_client()

    def send(name: str, key: str | None = "k1", client_id: str = "demo") -> Any:
        headers = {**token("users:write", client_id=client_id), **({"Idempotency-Key": key} if key is not None else {})}
        return client.post("/v1/things", json={"name": name}, headers=headers)

    return send


def test_same_key_gets_the_first_answer(work: tuple[Flask, list[str]], post: Callable[..., Any]) -> None:
    first, second = post("a"), post("a")
    assert (first.status_code, first.json) == (second.status_code, second.json) == (201, {"name": "a-1"})
    assert (work[1], second.headers["Idempotency-Replayed"]) == (["a"], "true")


def test_same_key_with_another_body_is_refused(work: tuple[Flask, list[str]], post: Callable[..., Any]) -> None:
    post("a")
    refused = post("b")
    assert (refused.status_code, refused.json["code"], work[1]) == (422, "idempotency-mismatch", ["a"])


def test_key_of_another_client_is_another_key(work: tuple[Flask, list[str]], post: Callable[..., Any]) -> None:
    post("a")
    assert post("a", client_id="second").json == {"name": "a-2"}


def test_without_a_key_each_request_works(work: tuple[Flask, list[str]], post: Callable[..., Any]) -> None:
    post("a", None)
    post("a", None)
    assert work[1] == ["a", "a"]


def test_refused_request_may_be_corrected_under_its_key(
    work: tuple[Flask, list[str]], post: Callable[..., Any]
) -> None:
    assert post("refused").status_code == 409
    assert post("a").status_code == 201


def test_first_request_still_running_is_409(
    work: tuple[Flask, list[str]], post: Callable[..., Any], app: Flask
) -> None:
    post("a")
    with app.app_context(), enter("acme"), transaction() as session:
        session.query(IdempotencyKey).update({"status": 0})
    running = post("a")
    assert (running.status_code, running.json["code"]) == (409, "request-in-progress")


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_unusable_key_is_named(post: Callable[..., Any], key: str) -> None:
    refused = post("a", key)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (400, "Idempotency-Key")
