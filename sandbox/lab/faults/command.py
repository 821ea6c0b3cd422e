"""What `sandbox fault` needs: options as people type them, and faults as they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import ValidationError

from sandbox.foundation.problems import Problem
from sandbox.lab.faults import service
from sandbox.lab.faults.schema import FaultRequest, FaultSchema


class InvalidFault(ValueError):
    """The options do not make a fault; the message names which."""


def add(parameters: Iterable[str], options: Mapping[str, Any]) -> dict[str, Any]:
    """Set a fault from `name=value` parameters and the other options; raises InvalidFault."""
    try:
        given = FaultRequest().load({**options, "parameters": dict(map(_pair, parameters))})
        fault = service.put(given.pop("kind"), given.pop("parameters"), **given)
    except ValidationError as error:
        raise InvalidFault(_sentence(error.messages_dict)) from None
    except Problem as problem:
        told = [f"{one['pointer'].strip('/')}: {one['detail']}" for one in problem.errors]
        raise InvalidFault("; ".join(told) or problem.detail) from None
    return _written(fault)


def listed() -> list[dict[str, Any]]:
    """List the faults that are set."""
    return [_written(fault) for fault in service.listed()]


def line(fault: Mapping[str, Any]) -> str:
    """Write a fault in one line."""
    whose = f" for {fault['client_id']}" if fault["client_id"] else ""
    times = "any number of times" if fault["count"] is None else f"{fault['count']} times"
    return f"{fault['id']}  {fault['kind']}{whose}, {times}: matched {fault['seen']}, fired {fault['fired']}"


def _pair(text: str) -> tuple[str, str]:
    """Split `name=value`; the schema of the kind reads numbers from text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise InvalidFault(f"--param {text} is not of the form name=value.")
    return name, value


def _written(fault: object) -> dict[str, Any]:
    written: dict[str, Any] = FaultSchema().dump(fault)
    return written


def _sentence(messages: Mapping[Any, Any]) -> str:
    return "; ".join(f"{name}: {' '.join(map(str, texts))}" for name, texts in messages.items())
