"""Evidence: one line for every request that left, so that a run can be explained afterwards.

A line holds method, address, status, sizes and time; never a header, never a body, and addresses without secrets.
The file is bounded: after `MAX_LINES` requests are only counted, and the last line says how many.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

import httpx2
import orjson

from reference_connector.clock import rfc3339, wall_now

MAX_LINES = 20_000
MAX_BODY_BYTES = 256 * 1024 * 1024

_SECRET_PARAMETER = re.compile(
    r"(?i)(?<=[?&])((?:[^=&]*(?:token|secret|password|signature|api_?key|assertion)|code)=)[^&#]+"
)
# A page token is named like a secret but opens nothing; without it a listing cannot be followed in the evidence.
_PAGE_TOKENS = ("page_token=", "next_token=", "nexttoken=", "pagetoken=")


class Recorder:
    """Writes evidence lines to a file and counts traffic; without a path it only counts."""

    def __init__(self, path: Path | None = None, *, redact: Callable[[str], str] | None = None) -> None:
        self.requests = 0
        self.bytes = 0
        self.redact = redact
        self._file: IO[bytes] | None = path.open("wb") if path else None

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def note(
        self, request: httpx2.Request, *, status: int | None, size: int, seconds: float, failure: str | None
    ) -> None:
        """Record one exchange; `status` is None and `failure` the reason if there was no answer."""
        self.requests += 1
        self.bytes += size
        if self._file is None or self.requests > MAX_LINES:
            return
        line = {
            "at": rfc3339(wall_now()),
            "number": self.requests,
            "method": request.method,
            "url": self._address(request.url),
            "status": status,
            "request_bytes": len(request.content),
            "response_bytes": size,
            "seconds": round(seconds, 6),
        }
        if failure is not None:
            line["failure"] = failure
        self._file.write(orjson.dumps(line) + b"\n")

    def close(self) -> None:
        if self._file is None:
            return
        if self.requests > MAX_LINES:
            self._file.write(orjson.dumps({"requests_not_listed": self.requests - MAX_LINES}) + b"\n")
        self._file.close()
        self._file = None

    def _address(self, url: httpx2.URL) -> str:
        text = _SECRET_PARAMETER.sub(_blank, str(url.copy_with(userinfo=b"")))
        return self.redact(text) if self.redact else text


class RecordingTransport(httpx2.BaseTransport):
    """Times each exchange, and checks that a body is as long as announced and not endless."""

    def __init__(self, inner: httpx2.BaseTransport, recorder: Recorder) -> None:
        self._inner = inner
        self._recorder = recorder

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        started = time.perf_counter()
        try:
            response = self._inner.handle_request(request)
        except httpx2.TransportError as error:
            seconds = time.perf_counter() - started
            self._recorder.note(request, status=None, size=0, seconds=seconds, failure=type(error).__name__)
            raise
        assert isinstance(response.stream, httpx2.SyncByteStream)
        body = _Body(response.stream, request, response, started, self._recorder)
        return httpx2.Response(
            response.status_code, headers=response.headers, stream=body, extensions=response.extensions
        )

    def close(self) -> None:
        self._inner.close()


class _Body(httpx2.SyncByteStream):
    """A body that is counted while it is read, and recorded when it is closed."""

    def __init__(
        self,
        inner: httpx2.SyncByteStream,
        request: httpx2.Request,
        response: httpx2.Response,
        started: float,
        recorder: Recorder,
    ) -> None:
        self._inner, self._request, self._response = inner, request, response
        self._started, self._recorder = started, recorder
        self._size = 0
        self._failure: str | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._inner:
                self._size += len(chunk)
                if self._size > MAX_BODY_BYTES:
                    raise httpx2.RemoteProtocolError(f"the body is larger than {MAX_BODY_BYTES:,} bytes")
                yield chunk
            self._check_length()
        except httpx2.TransportError as error:
            self._failure = type(error).__name__
            raise

    def close(self) -> None:
        self._inner.close()
        self._recorder.note(
            self._request,
            status=self._response.status_code,
            size=self._size,
            seconds=time.perf_counter() - self._started,
            failure=self._failure,
        )

    def _check_length(self) -> None:
        # RFC 9112 §6.3: a body shorter than Content-Length is incomplete. Parsers of HTTP/1.1 check it as well, other
        # transports do not. An answer to HEAD, 204 and 304 has a length but no body.
        announced = self._response.headers.get("content-length")
        has_body = self._request.method != "HEAD" and self._response.status_code not in (204, 304)
        if announced is not None and has_body and announced.isdigit() and int(announced) != self._size:
            raise httpx2.RemoteProtocolError(f"the body ended after {self._size} of {announced} bytes")


def _blank(found: re.Match[str]) -> str:
    name = found.group(1)
    return found.group(0) if name.lower().endswith(_PAGE_TOKENS) else f"{name}[secret]"
