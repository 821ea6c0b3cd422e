"""U+0000 is refused wherever text comes in: PostgreSQL cannot hold it, and nobody means it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask, request

from sandbox.foundation.problems import FieldError, InvalidRequest, NotFound

NUL = "\x00"


def install(app: Flask) -> None:
    """Answer 404 for a path with it, since nothing can be called so."""

    @app.before_request
    def refuse_path() -> None:
        if NUL in request.path:
            raise NotFound("Nothing lives at this address: no id holds U+0000.")


def refuse_nul(data: Mapping[str, Any], *, pointer: str) -> None:
    """Raise InvalidRequest naming each place where a query or a body holds it; `pointer` is what names begin with."""
    if errors := [
        FieldError(pointer=place, detail="U+0000 is not allowed in text") for place in _places(data, pointer)
    ]:
        where = ", ".join(error["pointer"] for error in errors)
        raise InvalidRequest(f"Correct {where} and send the request again.", errors=errors)


def _places(value: Any, pointer: str) -> Iterator[str]:
    if isinstance(value, str):
        if NUL in value:
            yield pointer.removesuffix("/")
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _places(part, f"{pointer}{name}/")
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from _places(part, f"{pointer}{position}/")
