"""One reading of a URL, held against a second parser that nobody here wrote."""

from __future__ import annotations

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.http.plain_url import NotPlain, PlainUrl, read_url

TRICKS = [
    "",
    "https://",
    "https:///path",
    "//host/path",
    "host",
    "ftp://host/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://user@host/",
    "https://user:secret@host/",
    "https://good.example@evil.example/",
    "https://good.example\\@evil.example/",
    "https://good.example\\.evil.example/",
    "https://host/#fragment",
    "https://host /",
    "https://ho\tst/",
    "https://host/\r\nX: y",
    "https://h\u00f6st.example/",
    "https://host:port/",
    "https://host:99999/",
    "https://[::1/",
    "https://[fe80::1%25eth0]/",
    "https://[v1.fe80]/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://127.0.0.1./",
    "https://1.2.3.4.5/",
    "https://host..example/",
    "https://-host.example/",
    "https://%6cocalhost/",
    "https://a.b.09/",
]


@pytest.mark.parametrize("text", TRICKS)
def test_trick_is_refused(text: str) -> None:
    with pytest.raises(NotPlain):
        read_url(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://host.example", PlainUrl("https", "host.example", 443, "host.example", "/")),
        ("HTTPS://Host.Example:8443/a?b=c", PlainUrl("https", "host.example", 8443, "host.example:8443", "/a?b=c")),
        ("http://127.0.0.1:80/%2e", PlainUrl("http", "127.0.0.1", 80, "127.0.0.1:80", "/%2e")),
        ("https://[2001:DB8::1]:444/", PlainUrl("https", "2001:db8::1", 444, "[2001:db8::1]:444", "/")),
        ("https://xn--hst-sna.example/", PlainUrl("https", "xn--hst-sna.example", 443, "xn--hst-sna.example", "/")),
    ],
)
def test_plain_url_is_taken_apart(text: str, expected: PlainUrl) -> None:
    assert read_url(text) == expected


@given(
    st.text(alphabet="https:/?#[]@!$&'()*+,;=%\\ \t01278.-_axAB\u00e9", max_size=30).map(lambda tail: f"https://{tail}")
)
def test_what_passes_is_read_alike_by_another_parser(text: str) -> None:
    try:
        mine = read_url(text)
    except NotPlain:
        return
    other = httpx2.URL(text)
    assert (other.host, other.port or 443, other.userinfo, other.fragment) == (mine.host, mine.port, b"", "")
