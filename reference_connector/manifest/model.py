"""The manifest as frozen objects: what the rest of the connector knows about a vendor.

Class and field names are those of the declarative vocabulary (Airbyte) for the read half; `Consistency`, `Dedupe`,
`ResponseContract`, `Stall`, `ContinueCall`, `TimestampKeyset` and `ServerClock` are ours. Everything is validated and
parsed once, at load: durations are timedeltas, `{{ … }}` are compiled templates, so nothing below looks at YAML again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from reference_connector.expressions import Template
from reference_connector.manifest.datetimes import DatetimeFormat

if TYPE_CHECKING:
    from reference_connector.manifest.actions import Action
    from reference_connector.manifest.detections import DetectionRule
    from reference_connector.manifest.document import Places
    from reference_connector.manifest.normalization import Normalization
    from reference_connector.manifest.posture import PostureRule


@dataclass(frozen=True, slots=True)
class Metadata:
    """Who this connector is for. `allowed_hosts` are all the hosts it may ever talk to."""

    name: str
    vendor: str
    product: str
    version: str
    api_version: str
    support_level: Literal["experimental", "community", "certified"]
    allowed_hosts: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class ConfigProperty:
    """One value that the manifest reads as ``config['name']``; `environment` is the variable it comes from."""

    name: str
    type: str
    title: str
    is_secret: bool
    is_required: bool
    environment: str | None
    default: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class RequestOption:
    """Where a value goes in a request."""

    inject_into: Literal["request_parameter", "header", "body_json"]
    field_name: str


@dataclass(frozen=True, slots=True)
class RequestPath:
    """The value is the address of the next page itself."""


@dataclass(frozen=True, slots=True)
class CursorPagination:
    """The next page is asked for with a token that the last answer carries."""

    cursor_value: Template
    stop_condition: Template | None
    page_size: int | None


@dataclass(frozen=True, slots=True)
class OffsetIncrement:
    """The next page is asked for by the number of records so far."""

    page_size: int | None
    inject_on_first_request: bool


@dataclass(frozen=True, slots=True)
class PageIncrement:
    """The next page is asked for by its number."""

    page_size: int | None
    start_from_page: int
    inject_on_first_request: bool


@dataclass(frozen=True, slots=True)
class DefaultPaginator:
    pagination_strategy: CursorPagination | OffsetIncrement | PageIncrement
    page_token_option: RequestOption | RequestPath | None
    page_size_option: RequestOption | None


@dataclass(frozen=True, slots=True)
class NoAuth:
    """The API is open."""


@dataclass(frozen=True, slots=True)
class OAuthAuthenticator:
    """OAuth 2.0 client credentials (RFC 6749 §4.4)."""

    token_refresh_endpoint: Template
    client_id: Template
    client_secret: Template
    scopes: tuple[str, ...]
    refresh_request_headers: tuple[tuple[str, Template], ...]
    access_token_name: str
    expires_in_name: str


@dataclass(frozen=True, slots=True)
class HttpResponseFilter:
    """An answer matches if any of the conditions that are given does."""

    action: Literal["RETRY", "RATE_LIMITED", "FAIL", "RESET_PAGINATION"]
    http_codes: frozenset[int]
    predicate: Template | None
    error_message_contains: str | None
    error_message: str | None


@dataclass(frozen=True, slots=True)
class DefaultErrorHandler:
    """`factor` is the first back-off in seconds; each further try waits twice as long."""

    max_retries: int = 5
    factor: float = 1.0
    response_filters: tuple[HttpResponseFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class HttpRequester:
    url_base: Template
    path: Template
    http_method: Literal["GET", "POST"]
    authenticator: OAuthAuthenticator | NoAuth
    request_parameters: tuple[tuple[str, Template], ...]
    request_headers: tuple[tuple[str, Template], ...]
    request_body_json: tuple[tuple[str, Template | int | bool], ...]
    error_handler: DefaultErrorHandler
    connect_timeout_in_seconds: float
    read_timeout_in_seconds: float


@dataclass(frozen=True, slots=True)
class SimpleRetriever:
    """`field_path` leads from the body to the list of records."""

    requester: HttpRequester
    field_path: tuple[str, ...]
    paginator: DefaultPaginator | None


@dataclass(frozen=True, slots=True)
class DatetimeBasedCursor:
    """Read only what is new, by a datetime that every record carries."""

    cursor_field: str
    datetime_format: DatetimeFormat
    start_datetime: Template
    start_time_option: RequestOption | None
    end_time_option: RequestOption | None
    step: timedelta | None
    cursor_granularity: timedelta | None
    lookback_window: timedelta


@dataclass(frozen=True, slots=True)
class Consistency:
    """What the vendor promises about order and delay, and so how far the engine may trust a window.

    `settle_delay`: never ask for anything newer than the vendor's now minus this. `max_lateness`: how long after its
    own stamp a record may still appear; None if unknown. `snapshot` stable: the pages of one listing never overlap.
    """

    ordering: Literal["ascending", "descending", "unordered"] = "unordered"
    snapshot: Literal["stable", "moving"] = "moving"
    settle_delay: timedelta = timedelta(0)
    max_lateness: timedelta | None = None
    clock_skew_tolerance: timedelta = timedelta(0)
    is_start_inclusive: bool = True
    is_end_inclusive: bool = False


@dataclass(frozen=True, slots=True)
class Dedupe:
    """`horizon`: how far behind the watermark record keys are remembered."""

    horizon: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class ResponseContract:
    """What an answer must look like before one record of it is believed."""

    content_type: str = "application/json"
    required_paths: tuple[tuple[str, ...], ...] = ()
    error_predicate: Template | None = None


@dataclass(frozen=True, slots=True)
class Stall:
    """When a listing that never ends is given up."""

    max_pages: int = 100_000


@dataclass(frozen=True, slots=True)
class ContinueCall:
    """Every page but the first is asked for at another `path`, with the page token and nothing else."""

    path: Template


@dataclass(frozen=True, slots=True)
class TimestampKeyset:
    """The next page is asked for by the stamp in `record_field` of the last record, inclusive.

    `ties` whole: the vendor never splits the records of one stamp over two pages, so a page may be larger than asked.
    """

    record_field: str
    since_option: RequestOption
    ties: Literal["whole", "split"]
    page_size: int | None
    page_size_option: RequestOption | None


@dataclass(frozen=True, slots=True)
class Stream:
    """One list of the vendor's API, with what is promised about it."""

    name: str
    primary_key: str
    retriever: SimpleRetriever
    incremental_sync: DatetimeBasedCursor | None
    schema_fields: frozenset[str]
    consistency: Consistency = Consistency()
    dedupe: Dedupe = Dedupe()
    response_contract: ResponseContract = ResponseContract()
    stall: Stall = Stall()
    paging: ContinueCall | TimestampKeyset | None = None


@dataclass(frozen=True, slots=True)
class ApiBudget:
    """Names of the headers by which the vendor tells what is left of the budget."""

    ratelimit_remaining_header: str = "ratelimit-remaining"
    ratelimit_reset_header: str = "ratelimit-reset"
    status_codes_for_ratelimit_hit: frozenset[int] = frozenset({429})


@dataclass(frozen=True, slots=True)
class ServerClock:
    """The response header in which the vendor states its own now; `Date` is the fallback."""

    header: str = "date"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything the connector knows about one vendor. `sha256` covers every file of the manifest."""

    metadata: Metadata
    config: tuple[ConfigProperty, ...]
    check: tuple[str, ...]
    streams: tuple[Stream, ...]
    api_budget: ApiBudget
    server_clock: ServerClock
    normalization: Normalization | None
    posture: tuple[PostureRule, ...]
    detections: tuple[DetectionRule, ...]
    actions: tuple[Action, ...]
    sha256: str
    places: Places = field(compare=False, repr=False)

    def stream(self, name: str) -> Stream:
        """Return the stream of that name; KeyError if there is none."""
        for stream in self.streams:
            if stream.name == name:
                return stream
        raise KeyError(name)

    @property
    def authenticator(self) -> OAuthAuthenticator | NoAuth:
        """Return the one way of signing in (`lint` refuses manifests with two)."""
        return self.streams[0].retriever.requester.authenticator
