"""Idempotency-Key: a POST that is sent again with the same key gets the first answer, and does nothing twice.

The key is claimed in a transaction of its own before the work starts, so that two requests at once cannot both work.
Scope: tenant, client, method and path. Another body with the same key is 422, a first request still running is 409. A
secret in the answer is told once: what is kept for a repeated request has null in its place.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Any

import orjson
from flask import Response, g, request
from sqlalchemy import BigInteger, Integer, LargeBinary, String, Text, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.foundation.clock import wall_seconds
from sandbox.foundation.database import Model, db, transaction
from sandbox.foundation.problems import FieldError, IdempotencyMismatch, InvalidRequest, RequestInProgress
from sandbox.foundation.tenancy import TenantOwned
from sandbox.http.contract import View, contract_of, promise

KEPT_SECONDS = 24 * 3600
ABANDONED_SECONDS = 60


class IdempotencyKey(TenantOwned, Model):
    """A key that was used, and the answer it got; `status` is 0 while the first request is running."""

    __tablename__ = "idempotency_keys"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer, default=0)
    content_type: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    claimed_at: Mapped[int] = mapped_column(BigInteger)


def idempotent(view: View, *, secret: str | None = None) -> View:
    """Honor Idempotency-Key on this view; without the header it runs as it is. `secret` is a field that is never kept."""

    @functools.wraps(view)
    def once(*args: Any, **kwargs: Any) -> Response:
        if (given := request.headers.get("Idempotency-Key")) is None:
            return view(*args, **kwargs)  # type: ignore[no-any-return]
        _check(given)
        key, fingerprint = _digest(g.access.client_id, request.method, request.path, given), _digest(request.get_data())
        if answered := _claim(key, fingerprint):
            return answered
        try:
            response: Response = view(*args, **kwargs)
        except BaseException:
            _release(key)  # What was refused may be corrected and sent again under the same key.
            raise
        _keep(key, response, secret)
        return response

    below = contract_of(view)
    headers = (*(below.request_headers if below else ()), "Idempotency-Key")
    problems = (*(below.problems if below else ()), RequestInProgress, IdempotencyMismatch)
    return promise(view, once, request_headers=headers, problems=problems)


def idempotent_but_for(secret: str) -> Callable[[View], View]:
    """Honor Idempotency-Key on a view that tells a secret in this field: a repeated request gets null there."""
    return functools.partial(idempotent, secret=secret)


def _check(given: str) -> None:
    if not 1 <= len(given) <= 255:
        error = FieldError(pointer="Idempotency-Key", detail="1 to 255 characters are expected")
        raise InvalidRequest("Correct the Idempotency-Key header and send the request again.", errors=[error])


def _claim(key: str, fingerprint: str) -> Response | None:
    """Claim the key for this request, or answer what its first use answered."""
    try:
        with transaction() as session:
            now = wall_seconds()
            stale = (IdempotencyKey.claimed_at < now - KEPT_SECONDS) | (
                (IdempotencyKey.status == 0) & (IdempotencyKey.claimed_at < now - ABANDONED_SECONDS)
            )
            session.execute(delete(IdempotencyKey).where(IdempotencyKey.id == key, stale))
            session.add(IdempotencyKey(id=key, fingerprint=fingerprint, claimed_at=now))
        return None
    except IntegrityError:
        return _first_answer(key, fingerprint)


def _first_answer(key: str, fingerprint: str) -> Response:
    first = db.session.scalars(select(IdempotencyKey).where(IdempotencyKey.id == key)).one_or_none()
    if first is None or first.status == 0:
        raise RequestInProgress("The first request with this key is still running; ask again in a moment.")
    if first.fingerprint != fingerprint:
        raise IdempotencyMismatch("This key was used with another body. Use a new key for a new request.")
    response = Response(first.body, first.status, content_type=first.content_type)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _keep(key: str, response: Response, secret: str | None) -> None:
    body = response.get_data()
    if secret is not None:
        body = orjson.dumps({**orjson.loads(body), secret: None})
    with transaction() as session:
        session.execute(
            update(IdempotencyKey)
            .where(IdempotencyKey.id == key)
            .values(status=response.status_code, content_type=response.content_type, body=body)
        )


def _release(key: str) -> None:
    with transaction() as session:
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.id == key))


def _digest(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()
