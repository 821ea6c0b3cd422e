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
FILLED_IN = re.compile(r"\{fault\}\.$| \(\{rule\}\)\.$")
"""How a text may end otherwise: with a fault, or a rule, that the tests below find where it is written."""


def constants_of(path: Path) -> dict[str, object]:
    """What the names of a file stand for: the constants of its module, and texts that a function keeps in a variable."""
    module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    kept = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Assign))
    local = {ast.unparse(node.targets[0]): node.value.value for node in kept if isinstance(node.value, ast.Constant)}
    return {**local, **vars(module)}


def refusals_of(path: Path) -> Iterator[ast.Call]:
    """Every call in a file that makes a refusal, and every exception that is raised under a local name."""
    constants = constants_of(path)
    for node in ast.walk(ast.parse(path.read_text())):
        raised = isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args
        call = node.exc if raised else node  # type: ignore[union-attr]
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        made = constants.get(call.func.id)
        is_refusal = isinstance(made, type) and issubclass(made, REFUSALS) and not issubclass(made, MethodNotAllowed)
        is_local = made is None and call.func.id.islower() and not call.func.id.startswith("_")
        if is_refusal or (raised and is_local):
            yield call


def text_of(written: ast.expr, constants: dict[str, object]) -> str:
    """A text as far as it is written out; what is filled in later reads `{name}`."""
    parts = written.values if isinstance(written, ast.JoinedStr) else [written]
    return "".join(_part(part, constants) for part in parts)


def _part(part: ast.expr, constants: dict[str, object]) -> str:
    """What a part of a text says: itself, what a constant of its file holds, or the name of what is filled in."""
    value = part.value if isinstance(part, ast.FormattedValue | ast.Constant) else part
    if isinstance(value, ast.Name):
        constant = constants.get(value.id)
        return constant if isinstance(constant, str) else f"{{{value.id}}}"
    return value if isinstance(value, str) else "{}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_description_ends_with_the_rule_behind_it(path: Path) -> None:
    """A refusal that passes on the text of another exception is left to the refusal that wrote it."""
    constants = constants_of(path)
    calls = [call for call in refusals_of(path) if not (call.args and isinstance(call.args[0], ast.Call))]
    texts = [text_of(call.args[0], constants) for call in calls]
    assert [text for text in texts if not RULE.search(text) and not FILLED_IN.search(text)] == []
    assert all(text.isascii() for text in texts)


def test_fault_ends_with_the_rule_behind_it() -> None:
    """A fault is the rest of a sentence, and comes from a function of that name; the same goes for it, wherever it is."""
    told = [text for path in SOURCES for text in _faults(path)]
    assert len(told) > 5
    assert [
        text for text in told if not re.search(r"\(RFC \d{4} section [\d.]+(, RFC \d{4} section [\d.]+)*\)$", text)
    ] == []


def _faults(path: Path) -> Iterator[str]:
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef) and function.name.endswith("_fault"):
            for node in ast.walk(function):
                if isinstance(node, ast.Return) and node.value is not None:
                    yield from _texts(node.value, constants_of(path))


def _texts(value: ast.expr, constants: dict[str, object]) -> Iterator[str]:
    """The texts that an expression may come to, but None and the fault that another such function tells."""
    if isinstance(value, ast.IfExp):
        yield from (*_texts(value.body, constants), *_texts(value.orelse, constants))
    elif ast.unparse(value) not in {"None", "fault"} and not ast.unparse(value).partition("(")[0].endswith("_fault"):
        yield text_of(value, constants)


def test_rule_that_is_given_is_written_out() -> None:
    """Where a function is given the `rule` to name, each call of it names one."""
    rules = [rule for path in SOURCES for rule in _rules(ast.parse(path.read_text()))]
    assert len(rules) > 5
    assert [rule for rule in rules if not re.fullmatch(r"RFC \d{4} section [\d.]+", rule)] == []


def _rules(tree: ast.Module) -> Iterator[str]:
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    places = {
        one.name: [argument.arg for argument in one.args.args].index("rule")
        for one in functions
        if any(argument.arg == "rule" for argument in one.args.args)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (place := places.get(ast.unparse(node.func))) is not None:
            yield ast.literal_eval(node.args[place])


def test_descriptions_are_found() -> None:
    """So that the tests above cannot pass because they look at nothing."""
    assert sum(1 for path in SOURCES for _ in refusals_of(path)) > 40
