"""Every refusal that is written in the authorization server and the resource server names the rule it follows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from authlib.oauth2.rfc6749 import OAuth2Error
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from sandbox.access.bearer import InvalidToken
from sandbox.foundation.problems import Problem

ROOT = Path(__file__).parents[3]
SOURCES = sorted(path for part in ("access", "oauth") for path in (ROOT / "sandbox" / part).rglob("*.py"))
REFUSALS = (OAuth2Error, Problem, HTTPException, InvalidToken)
RULE = re.compile(
    r" \((RFC \d{4,5}|OpenID [A-Z][A-Za-z0-9. -]+|OAuth 2\.[01] [A-Z][A-Za-z ]+) (section [\d.]*\d|appendix [A-Z])\)\.?$"
)


def refusals_of(path: Path) -> Iterator[ast.Call]:
    """Every call in a file that makes a refusal, and every exception that is raised under a local name."""
    module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    for node in ast.walk(ast.parse(path.read_text())):
        raised = isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args
        call = node.exc if raised else node  # type: ignore[union-attr]
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        made = vars(module).get(call.func.id)
        is_refusal = isinstance(made, type) and issubclass(made, REFUSALS) and not issubclass(made, MethodNotAllowed)
        is_local = made is None and call.func.id.islower() and not call.func.id.startswith("_")
        if is_refusal or (raised and is_local):
            yield call


def text_of(call: ast.Call, constants: dict[str, object]) -> str:
    """The description as far as it is written out; what is filled in later reads X."""
    parts = call.args[0].values if isinstance(call.args[0], ast.JoinedStr) else [call.args[0]]
    return "".join(_written(part, constants) for part in parts)


def _written(part: ast.expr, constants: dict[str, object]) -> str:
    """What a part of a text says: itself, what a constant of its module holds, or X."""
    value = part.value if isinstance(part, ast.FormattedValue | ast.Constant) else part
    if isinstance(value, ast.Name) and isinstance(constants.get(value.id), str):
        return str(constants[value.id])
    return value if isinstance(value, str) else "X"


WRITTEN_ELSEWHERE = {
    "sandbox/access/protect.py",  # The reason is an exception's own text, or one written a line above.
    "sandbox/oauth/client_auth/private_key_jwt.py",  # `_refusal` is given the rule.
    "sandbox/oauth/registration_rules.py",  # `registration_addresses` writes what is wrong, rule and all.
}
"""Files in which some texts end with what is filled in; the two tests below hold what is filled in against the rule."""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_description_ends_with_the_rule_behind_it(path: Path) -> None:
    name = path.relative_to(ROOT)
    constants = vars(import_module(".".join(name.with_suffix("").parts)))
    calls = [call for call in refusals_of(path) if not (call.args and isinstance(call.args[0], ast.Call))]
    texts = [text_of(call, constants) for call in calls]
    if name.as_posix() in WRITTEN_ELSEWHERE:
        texts = [text for text in texts if not text.rstrip(".)").endswith("X")]
    assert [text for text in texts if not RULE.search(text)] == []
    assert all(text.isascii() for text in texts)


def test_what_is_filled_in_names_its_rule() -> None:
    """What is wrong with an address ends with its rule; a refused assertion is given one, written out, each time."""
    faults = ast.walk(ast.parse((ROOT / "sandbox/oauth/registration_addresses.py").read_text()))
    texts = [
        node.value.value for node in faults if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant)
    ]
    told = [text for text in texts if isinstance(text, str)]
    assert len(told) > 5
    assert [
        text for text in told if not re.search(r"\(RFC \d{4} section [\d.]+(, RFC \d{4} section [\d.]+)*\)$", text)
    ] == []


def test_refused_assertion_is_given_its_rule() -> None:
    tree = ast.walk(ast.parse((ROOT / "sandbox/oauth/client_auth/private_key_jwt.py").read_text()))
    calls = [node for node in tree if isinstance(node, ast.Call) and ast.unparse(node.func) == "_refusal"]
    rules = [ast.literal_eval(call.args[1]) for call in calls]
    assert len(rules) > 5
    assert [rule for rule in rules if not re.fullmatch(r"RFC \d{4} section [\d.]+", rule)] == []


def test_descriptions_are_found() -> None:
    """So that the test above cannot pass because it looks at nothing."""
    assert sum(1 for path in SOURCES for _ in refusals_of(path)) > 40
