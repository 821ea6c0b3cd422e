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
        (key,) = path
        return lambda event: event.get(key)

    def get(event: Event) -> Any:
        # The most frequent work of a run; in the usual case, objects all the way, nothing needs to be asked.
        value: Any = event
        try:
            for step in path:
                value = value[step]
        except KeyError:
            return None
        except TypeError:
            return _anyhow(event, path)
        return value

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


def _anyhow(value: Any, path: Path) -> Any:
    """Read through arrays as well; None if a plain value is in the way."""
    for depth, step in enumerate(path):
        if isinstance(value, list):
            return _of_each(value, path[depth:])
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def _of_each(elements: list[Any], rest: Path) -> list[Any] | None:
    values: list[Any] = []
    for element in elements:
        value = _anyhow(element, rest)
        values += value if isinstance(value, list) else [value] if value is not None else []
    return values or None
