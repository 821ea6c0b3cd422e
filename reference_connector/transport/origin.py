"""No request, and so no token, ever goes to another place than the manifest and the base URL allow.

The guard is a transport, the last thing before the network: it sees links from page tokens, redirects and token
requests alike. A base URL with a path (a tenant) also holds requests below that path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import httpx2

from reference_connector.errors import FixManifest
from reference_connector.manifest.hosts import is_loopback


@dataclass(frozen=True, slots=True)
class Origins:
    """Where requests may go: below `base`, or to one of `hosts` by https on its default port."""

    base: httpx2.URL
    hosts: tuple[str, ...]

    def allows(self, url: httpx2.URL) -> bool:
        if (url.scheme, url.host, url.port) == (self.base.scheme, self.base.host, self.base.port):
            below = self.base.path.rstrip("/") + "/"
            return f"{url.path.rstrip('/')}/".startswith(below) and "/../" not in f"{url.path}/"
        return url.scheme == "https" and url.port is None and _matches(url.host, self.hosts)


def origins(base_url: str, allowed_hosts: Sequence[str], *, is_http_allowed: bool = False) -> Origins:
    """Return the allowed origins of a run; FixManifest if the base URL itself is not acceptable.

    `allowed_hosts` are the manifest's, rendered: host names, `*.example.com`, or the base URL itself.
    """
    try:
        base = httpx2.URL(base_url)
    except httpx2.InvalidURL as error:
        raise _bad_base(base_url, "it is not a URL") from error
    if base.scheme not in ("http", "https") or not base.host:
        raise _bad_base(base_url, "it must start with https:// and name a host")
    if base.userinfo or base.query or base.fragment:
        raise _bad_base(base.copy_with(userinfo=b"", query=None, fragment=None), "it must be a plain address")
    if base.scheme == "http" and not (is_loopback(base.host) or is_http_allowed):
        raise _bad_base(base_url, "http would send the token in clear; it is for loopback only")
    hosts = tuple(host for host in allowed_hosts if host.rstrip("/") != base_url.rstrip("/"))
    if len(hosts) == len(allowed_hosts) and not _matches(base.host, hosts):
        raise _bad_base(base_url, f"{base.host} is not among the manifest's allowed_hosts")
    return Origins(base, hosts)


class OriginGuard(httpx2.BaseTransport):
    """Refuses foreign requests before they leave."""

    def __init__(self, inner: httpx2.BaseTransport, allowed: Origins) -> None:
        self._inner = inner
        self._allowed = allowed

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if not self._allowed.allows(request.url):
            where = request.url.copy_with(userinfo=b"", query=None, fragment=None)
            raise FixManifest(
                f"refused to send a request to {where}: it is outside the allowed addresses",
                code="foreign-origin",
                remedy="if that address belongs to the vendor, add its host to metadata.allowed_hosts",
            )
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def _matches(host: str, patterns: Sequence[str]) -> bool:
    return any(
        host.endswith(pattern.removeprefix("*")) if pattern.startswith("*.") else host == pattern
        for pattern in patterns
    )


def _bad_base(base_url: object, why: str) -> FixManifest:
    return FixManifest(f"the base URL {base_url} is refused: {why}", code="bad-base-url", remedy="correct --base-url")
