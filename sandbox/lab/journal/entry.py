"""From what was captured of a request to what may be read of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from sandbox.foundation.clock import from_milliseconds, to_wire
from sandbox.lab.journal import redaction
from sandbox.lab.journal.rules import rule_of
from sandbox.lab.named_client import named_in

Record = Mapping[str, Any]

_PLAIN = {"HTTP_ACCEPT": "Accept", "CONTENT_TYPE": "Content-Type", "HTTP_USER_AGENT": "User-Agent"}
_SECRET = {"HTTP_COOKIE": "Cookie", "HTTP_DPOP": "DPoP"}
_ANSWERED = frozenset({"Cache-Control", "Content-Type", "Date", "DPoP-Nonce", "Retry-After", "WWW-Authenticate"})
_CHALLENGED = re.compile(r'error="(\w+)"')
_NOT_JSON = object()


def client_of(record: Record) -> str | None:
    """Tell which client asked, as far as that was proven, else which it claimed to be."""
    if record["client_id"] is not None:
        return str(record["client_id"])
    environ, query = record["environ"], dict(_query(record))
    return named_in(environ.get("HTTP_AUTHORIZATION", ""), dict(record["form"] or ()), query)


def entry_of(record: Record) -> dict[str, Any]:
    """Show a request and its answer without their secrets, and say which rule a refusal follows."""
    headers = dict(record["headers"])
    kind = headers.get("Content-Type", "").partition(";")[0]
    document = _document(kind, record["body"])
    error, description = _refusal(record, headers, document)
    return {
        "request_id": record["request_id"],
        "at": to_wire(from_milliseconds(record["at"])),
        "method": record["method"],
        "path": record["path"],
        "client_id": client_of(record),
        "status": record["status"],
        "duration_ms": round(record["seconds"] * 1000, 2) if record["seconds"] is not None else None,
        "error": error,
        "description": description,
        "rule": rule_of(record["status"], error, description),
        "faults": record["faults"],
        "request": _asked(record),
        "answer": {"headers": _answered(headers), "body": _shown(kind, document, record["length"])},
    }


def _refusal(record: Record, headers: Mapping[str, str], document: Any) -> tuple[str | None, str | None]:
    """Find error code and description: in a redirect to the client, in what was announced, or in the document."""
    if record["status"] < 400:
        sent = dict(parse_qsl(urlsplit(headers.get("Location", "")).query))
        return (sent.get("error"), sent.get("error_description")) if "error" in sent else (None, None)
    if record["refusal"] is not None and record["refusal"][0] == record["status"]:
        return record["refusal"][1], record["refusal"][2]
    if not isinstance(document, dict):
        return None, None
    challenged = _CHALLENGED.search(headers.get("WWW-Authenticate", ""))
    error = challenged[1] if challenged else document.get("code") or document.get("error")
    return error, document.get("detail") or document.get("error_description")


def _asked(record: Record) -> dict[str, Any]:
    environ = record["environ"]
    headers = {name: environ[key] for key, name in _PLAIN.items() if key in environ}
    headers |= {name: redaction.hidden(name.lower(), environ[key]) for key, name in _SECRET.items() if key in environ}
    if "HTTP_AUTHORIZATION" in environ:
        headers["Authorization"] = redaction.authorization(environ["HTTP_AUTHORIZATION"])
    asked: dict[str, Any] = {"headers": headers, "query": redaction.parameters(_query(record))}
    if record["form"] is not None:
        asked["form"] = redaction.parameters(record["form"])
    if record["sent"] is not None:
        kind = headers.get("Content-Type", "").partition(";")[0]
        asked["body"] = _shown(kind, _document(kind, record["sent"]), len(record["sent"]))
    return asked


def _query(record: Record) -> list[tuple[str, str]]:
    return parse_qsl(record["environ"].get("QUERY_STRING", ""), keep_blank_values=True)


def _answered(headers: Mapping[str, str]) -> dict[str, str]:
    shown = {name: value for name, value in headers.items() if name in _ANSWERED}
    if "Location" in headers:
        shown["Location"] = redaction.address(headers["Location"])
    if "Set-Cookie" in headers:
        shown["Set-Cookie"] = redaction.hidden("cookie", headers["Set-Cookie"])
    return shown


def _document(kind: str, body: str | None) -> Any:
    """Read a JSON document, if it is one and was kept."""
    if body is None or not kind.endswith("json"):
        return _NOT_JSON
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _NOT_JSON


def _shown(kind: str, document: Any, length: int) -> Any:
    """Show a JSON document without its secrets, of anything else what it is and how long."""
    if document is _NOT_JSON:
        return f"<{kind or 'unknown'}, {length} bytes>"
    # The `code` of a problem is its name, everywhere else it is an authorization code.
    return redaction.document(document, public="code" if kind == "application/problem+json" else "")
