"""The only file that builds an HTTP client: one a run, kept alive, with time-outs, guarded and recorded.

`exchange` is the one loop of the connector around a request: pause if the budget is low, send, let the caller read the
answer, and ask again as long as the retry policy allows. Reading is part of the attempt, so an answer that turns out to
be truncated or no JSON is asked for again like one that never came.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from random import Random
from types import TracebackType
from typing import TypeVar

import httpx2

from reference_connector.auth.client_credentials import TokenUnavailable
from reference_connector.auth.strategy import strategy
from reference_connector.errors import ConnectorError, FixManifest
from reference_connector.manifest.model import Manifest
from reference_connector.manifest.secrets import Config, bind
from reference_connector.transport.answer import Answer, Ask
from reference_connector.transport.origin import OriginGuard, origins
from reference_connector.transport.recorder import Recorder, RecordingTransport
from reference_connector.transport.retry import Doubtful, RetryPolicy, give_up, judge
from reference_connector.transport.server_time import ServerTime
from reference_connector.transport.throttle import Throttle

T = TypeVar("T")


def open_client(
    manifest: Manifest,
    base_url: str,
    *,
    recorder: Recorder | None = None,
    network: httpx2.BaseTransport | None = None,
    environment: Mapping[str, str] | None = None,
    extra_scopes: Sequence[str] = (),
    is_http_allowed: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Client:
    """Return the client of a run, to be used in a `with` block.

    `network` and `environment` replace sockets and os.environ; `extra_scopes` are asked for besides the manifest's.
    FixAccess if credentials are missing, FixManifest if the base URL is not acceptable.
    """
    config = bind(manifest, base_url, environment)
    recorder = recorder or Recorder()
    recorder.redact = config.redact
    hosts = [host.render({"config": config.values}) for host in manifest.metadata.allowed_hosts]
    allowed = origins(base_url, hosts, is_http_allowed=is_http_allowed)
    guarded = OriginGuard(RecordingTransport(network or httpx2.HTTPTransport(), recorder), allowed)
    http = httpx2.Client(
        transport=guarded,
        auth=strategy(manifest, config, extra_scopes=extra_scopes),
        headers={"User-Agent": f"{manifest.metadata.name}-connector/{manifest.metadata.version}"},
        follow_redirects=False,
        trust_env=False,
    )
    return Client(http, manifest, config, recorder=recorder, sleep=sleep)


class Client:
    """Sends requests; knows the traffic so far and what time it is for the vendor.

    `on_wait` hears of every wait before it begins, with its seconds and its reason.
    """

    def __init__(
        self,
        http: httpx2.Client,
        manifest: Manifest,
        config: Config,
        *,
        recorder: Recorder,
        sleep: Callable[[float], None],
    ) -> None:
        self.config = config
        self.recorder = recorder
        self.retries = 0
        self.server_time = ServerTime(manifest.server_clock.header)
        self._http = http
        self._base = manifest.streams[0].retriever.requester.url_base.render({"config": config.values})
        self._throttle = Throttle(manifest.api_budget)
        self.on_wait: Callable[[float, str], None] | None = None
        self._sleep = sleep
        self._random = Random()  # only spreads waits; nothing that is written depends on it

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request below the API's base address, or to an absolute URL, and return the answer.

        Answers with a status below 500 come back as they are, except 401 and 403 (FixAccess) and 408, 425 and 429,
        which are tried again like errors of the server and the network, and end as TryLater.
        """
        url = path if "://" in path else f"{self._base.rstrip('/')}/{path.lstrip('/')}"
        ask = Ask(method, url, tuple((query or {}).items()), headers or {}, json)
        return self.exchange(ask, _as_it_is)

    def exchange(self, ask: Ask, read: Callable[[Answer], T], *, policy: RetryPolicy | None = None) -> T:
        """Send until `read` accepts an answer, and return what it makes of it.

        `read` raises Doubtful to have the request sent again. TryLater when the policy's patience ends.
        """
        policy = policy or RetryPolicy()
        wait, waited, reason = 0.0, 0.0, "to keep within the rate limit"
        for attempt in itertools.count(1):
            # Waiting for the budget and waiting to try again are one wait: the longer of the two.
            if (pause := max(wait, self._throttle.take_pause())) > 0:
                self._wait(pause, reason)
            try:
                return read(self._once(ask))
            except Doubtful as doubt:
                is_safe = ask.may_be_repeated or doubt.was_turned_away
                after = policy.wait_seconds(attempt, doubt, waited=waited, random=self._random) if is_safe else None
                if after is None:
                    raise give_up(doubt, attempts=attempt) from doubt
                wait, waited, reason = after, waited + after, doubt.message
            except ConnectorError as error:
                # A server may repeat in its words what it was sent.
                error.message = self.config.redact(error.message)
                raise
            self.retries += 1
        raise AssertionError("unreachable: the loop ends by returning or raising")

    def _wait(self, seconds: float, reason: str) -> None:
        if self.on_wait is not None:
            self.on_wait(seconds, reason)
        self._sleep(seconds)

    def _once(self, ask: Ask) -> Answer:
        connect, read = ask.timeouts
        try:
            response = self._http.request(
                ask.method,
                ask.url,
                params=httpx2.QueryParams(ask.query) if ask.query else None,
                headers=dict(ask.headers),
                json=ask.json,
                timeout=httpx2.Timeout(read, connect=connect),
            )
        except TokenUnavailable as error:
            raise Doubtful(error.message, code="token-unavailable", headers=error.headers) from error
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise _network_doubt(error) from error
        except httpx2.InvalidURL as error:
            raise FixManifest(f"{ask.url} is not a URL", code="bad-url", remedy="correct url_base or path") from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        self._throttle.observe(headers)
        self.server_time.observe(headers)
        return Answer(response.status_code, headers, response.content)


def _as_it_is(answer: Answer) -> Answer:
    judge(answer)
    return answer


def _network_doubt(error: httpx2.RequestError) -> Doubtful:
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return Doubtful("the server cannot be reached", code="unreachable", was_turned_away=True)
    if isinstance(error, httpx2.TimeoutException):
        return Doubtful("the server does not answer in time", code="timed-out")
    if isinstance(error, httpx2.DecodingError):
        return Doubtful("the body cannot be decompressed", code="truncated-body")
    if isinstance(error, httpx2.RemoteProtocolError):
        return Doubtful(f"the answer is broken off: {error}", code="truncated-body")
    return Doubtful(f"the connection broke: {type(error).__name__}", code="network")
