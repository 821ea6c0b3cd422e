"""No token ever leaves for another place."""

from __future__ import annotations

import httpx2
import pytest

from reference_connector.errors import FixManifest
from reference_connector.transport.origin import origins

BASE = "https://api.example:8443/t/acme"
HOSTS = [BASE, "login.example", "*.cdn.example"]


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example:8443/t/acme",
        "https://api.example:8443/t/acme/v1/users?cursor=x",
        "https://login.example/token",
        "https://eu.cdn.example/export",
    ],
)
def test_request_below_the_base_or_to_an_allowed_host_passes(url: str) -> None:
    assert origins(BASE, HOSTS).allows(httpx2.URL(url))


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example:8443/t/acme/v1",
        "https://api.example/t/acme/v1",
        "https://api.example:8443/t/other/v1",
        "https://api.example:8443/t/acme-evil",
        "https://api.example:8443/t/acme/../other",
        "https://api.example:8443/t/acme/%2e%2e/other",
        "https://api.example.evil.example:8443/t/acme",
        "https://login.example:444/token",
        "http://login.example/token",
        "https://evil.example/",
        "https://cdn.example.evil.example/",
        "https://login.example@evil.example/",
    ],
)
def test_request_to_any_other_place_is_refused(url: str) -> None:
    assert not origins(BASE, HOSTS).allows(httpx2.URL(url))


@pytest.mark.parametrize(
    "base_url",
    [
        "ftp://api.example",
        "api.example",
        "http://api.example",
        "https://u:p@api.example",
        "https://api.example?x=1",
        "//",
    ],
)
def test_unfit_base_url_is_refused(base_url: str) -> None:
    with pytest.raises(FixManifest):
        origins(base_url, [base_url])


def test_refusal_does_not_repeat_a_password_in_the_base_url() -> None:
    with pytest.raises(FixManifest) as refusal:
        origins("https://user:canary@api.example", [])
    assert "canary" not in refusal.value.message


def test_base_url_must_be_of_an_allowed_host() -> None:
    with pytest.raises(FixManifest, match="allowed_hosts"):
        origins("https://evil.example", ["api.example"])


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8000", "http://localhost:8000/t/a", "http://[::1]:8000"])
def test_loopback_may_be_plain_http(base_url: str) -> None:
    assert origins(base_url, [base_url]).allows(httpx2.URL(f"{base_url}/v1"))


def test_plain_http_elsewhere_needs_the_switch() -> None:
    allowed = origins("http://sandbox:8000", ["http://sandbox:8000"], is_http_allowed=True)
    assert allowed.allows(httpx2.URL("http://sandbox:8000/v1"))
