"""The manifest's actions: what a file may say, and how it is told that it is wrong."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from marshmallow import ValidationError

from reference_connector.expressions import Template
from reference_connector.manifest.actions import Action, ActionsFileSchema, render
from tests.reference_connector.conftest import SANDBOX_MANIFEST


@pytest.fixture
def document() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((SANDBOX_MANIFEST / "actions.yaml").read_text())
    return copy.deepcopy(content)


def complaints(document: dict[str, Any]) -> dict[str, Any]:
    with pytest.raises(ValidationError) as refused:
        ActionsFileSchema().load(document)
    messages = refused.value.messages
    assert isinstance(messages, dict)
    return messages


def test_every_action_of_the_sandbox_can_be_undone_and_proven() -> None:
    actions: tuple[Action, ...] = ActionsFileSchema().load(
        yaml.safe_load((SANDBOX_MANIFEST / "actions.yaml").read_text())
    )
    by_name = {action.name: action for action in actions}
    assert {action.undo for action in actions} == set(by_name) == {"suspend_user", "reactivate_user"}
    assert by_name["suspend_user"].verify.expected == "suspended"


def test_unknown_key_is_refused_with_the_nearest(document: dict[str, Any]) -> None:
    document["actions"][0]["protectd"] = []
    assert "did you mean 'protected'?" in str(complaints(document)["actions"][0]["protectd"])


def test_extension_keys_are_left_alone(document: dict[str, Any]) -> None:
    document["actions"][0]["x-owner"] = "security operations"
    assert len(ActionsFileSchema().load(document)) == 2


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("undo", "revive_user", "there is no action 'revive_user'"),
        ("undo", "suspend_user", "does not undo"),
        ("name", "reactivate_user", "defined twice"),
        ("applies_when", "response.status == 'active'", "must be one expression"),
        ("blast_radius", {"max_targets": 0, "within": "PT1H"}, "greater than or equal to 1"),
        ("blast_radius", {"max_targets": True, "within": "PT1H"}, "Not a valid integer"),
    ],
)
def test_faulty_action_is_refused_at_its_place(document: dict[str, Any], key: str, value: object, message: str) -> None:
    document["actions"][0][key] = value
    assert message in str(complaints(document)["actions"])


def test_template_may_not_read_what_is_not_there(document: dict[str, Any]) -> None:
    """A secret cannot get into a body: bodies see the target and the reason only."""
    document["actions"][0]["request"]["json"]["reason"] = "{{ config['client_secret'] }}"
    message = complaints(document)["actions"][0]["request"]["json"]["reason"]
    assert "unknown name 'config'" in str(message)


def test_pattern_that_does_not_compile_is_refused(document: dict[str, Any]) -> None:
    document["actions"][0]["target"]["id_pattern"] = "usr_["
    assert "is no regular expression" in str(complaints(document))


def test_render_keeps_the_types_of_json(document: dict[str, Any]) -> None:
    document["actions"][0]["request"]["json"] = {"a": [1, True, None, "{{ reason }}"], "b": {"c": "x {{ target.id }}"}}
    action = ActionsFileSchema().load(document)[0]
    assert isinstance(action.request.json["a"][3], Template)
    rendered = render(action.request.json, {"reason": "why", "target": {"id": "t1"}})
    assert rendered == {"a": [1, True, None, "why"], "b": {"c": "x t1"}}
