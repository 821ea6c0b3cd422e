"""Reading an OCSF attribute by its dotted path, compiled once for each path.

A path leads through arrays to every element's value (`resources.uid` is all the uids). What is absent is None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Event = Mapping[str, Any]
Path = tuple[str, ...]
Getter = Callable[[Event], Any]


def getter(path: Path) -> Getter:
    """Return the function that reads the path: a value, a list of values if there is an array on the way, or None."""
    if len(path) == 1:
        key = path[0]
        return lambda event: event.get(key)

    def get(event: Any) -> Any:
        for depth, step in enumerate(path):
            if type(event) is dict:
                event = event.get(step)
            elif type(event) is list:
                return _of_each(event, path[depth:])
            else:
                return None
        return event

    return get


def first_of(paths: tuple[Path, ...]) -> Getter:
    """Return the function that reads the first of the paths that an event has."""
    getters = tuple(getter(path) for path in paths)
    if len(getters) == 1:
        return getters[0]

    def get(event: Event) -> Any:
        for one in getters:
            if (value := one(event)) is not None:
                return value
        return None

    return get


def _of_each(elements: list[Any], rest: Path) -> list[Any] | None:
    read = getter(rest)
    values: list[Any] = []
    for element in elements:
        value = read(element) if isinstance(element, dict) else None
        values += value if isinstance(value, list) else [value] if value is not None else []
    return values or None
