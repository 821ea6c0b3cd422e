"""Two spellings of one address, as RFC 3986 §6.2 tells them apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from sandbox.http.address import is_same_address

ADDRESS = "https://api.example/v1/users/a.b~c"


@pytest.mark.requirement("RFC 9449 §4.3", "SHOULD")
@pytest.mark.parametrize(
    "spelling",
    [
        ADDRESS,
        "HTTPS://api.example/v1/users/a.b~c",
        "https://API.Example/v1/users/a.b~c",
        "https://api.example:443/v1/users/a.b~c",
        "https://api.example:/v1/users/a.b~c",
        "https://api.example/v1/users/a%2Eb%7ec",
        "https://api.example/v1/./users/x/../a.b~c",
        "https://api.example/../v1/users/a.b~c",
        f"{ADDRESS}?limit=2",
        f"{ADDRESS}#top",
        f"{ADDRESS}?a=1#b?c",
    ],
)
def test_spelling_does_not_matter(spelling: str) -> None:
    """Both kinds of normalization, and query and fragment left out."""
    assert is_same_address(spelling, ADDRESS)


@pytest.mark.requirement("RFC 9449 §4.3", "MUST")
@pytest.mark.parametrize(
    "other",
    [
        "http://api.example/v1/users/a.b~c",
        "https://api.example:8443/v1/users/a.b~c",
        "https://api.example:0/v1/users/a.b~c",
        "https://api.example.evil/v1/users/a.b~c",
        "https://api.example@evil/v1/users/a.b~c",
        "https://evil@api.example/v1/users/a.b~c",
        "https://api.example/v1/users/a.b~c/",
        "https://api.example/v1/users//a.b~c",
        "https://api.example/V1/users/a.b~c",
        "https://api.example/v1/users%2Fa.b~c",
        "https://api.example/v1/users/a.b~c\n",
        " https://api.example/v1/users/a.b~c",
        "https://api.example/v1/users\t/a.b~c",
        "/v1/users/a.b~c",
        "https:///v1/users/a.b~c",
        "https://[api.example/v1/users/a.b~c",
        "https://api.example:port/v1/users/a.b~c",
        "https://äpi.example/v1/users/a.b~c",
        "",
    ],
)
def test_other_address_is_another_one(other: str) -> None:
    """And what is no address is not even like itself."""
    assert not is_same_address(other, ADDRESS)


def test_empty_path_is_the_root() -> None:
    """RFC 3986 §6.2.3."""
    assert is_same_address("https://api.example", "https://api.example/")


@pytest.mark.parametrize("malformed", ["", "/v1", "https://[", "https://u:p@api.example/", "\ud800"])
def test_malformed_address_is_like_nothing(malformed: str) -> None:
    assert not is_same_address(malformed, malformed)


@given(st.text(), st.text())
def test_anything_can_be_compared(one: str, other: str) -> None:
    assert is_same_address(one, other) == is_same_address(other, one)


@pytest.mark.requirement("RFC 9449 §4.3", "SHOULD")
@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ("g", "/b/c/g"),
        ("./g", "/b/c/g"),
        ("g/", "/b/c/g/"),
        (";x", "/b/c/;x"),
        ("g;x", "/b/c/g;x"),
        (".", "/b/c/"),
        ("./", "/b/c/"),
        ("..", "/b/"),
        ("../", "/b/"),
        ("../g", "/b/g"),
        ("../..", "/"),
        ("../../", "/"),
        ("../../g", "/g"),
        ("../../../g", "/g"),
        ("../../../../g", "/g"),
        ("g.", "/b/c/g."),
        (".g", "/b/c/.g"),
        ("g..", "/b/c/g.."),
        ("..g", "/b/c/..g"),
        ("./../g", "/b/g"),
        ("./g/.", "/b/c/g/"),
        ("g/./h", "/b/c/g/h"),
        ("g/../h", "/b/c/h"),
        ("g;x=1/./y", "/b/c/g;x=1/y"),
        ("g;x=1/../y", "/b/c/y"),
        ("g?y/../x", "/b/c/g"),
        ("g#s/../x", "/b/c/g"),
    ],
)
def test_dots_are_resolved_as_in_the_examples(reference: str, path: str) -> None:
    """Those of RFC 3986 §5.4.1 and §5.4.2 that are relative paths, merged with their base as §5.2.3 says."""
    assert is_same_address(f"http://a/b/c/{reference}", f"http://a{path}")
    assert not is_same_address(f"http://a/b/c/{reference}", f"http://a{path}other")


@given(st.lists(st.sampled_from(["a", "", "b.c", "..", ".", "~d", "%41", "%2f"]), min_size=1, max_size=6))
def test_dots_are_resolved_as_another_implementation_does(segments: list[str]) -> None:
    """Judged by urllib3, deep enough that it never has to go above the root, where it and the RFC part."""
    address = "https://api.example/1/2/3/4/5/6/" + "/".join(segments)
    assert is_same_address(address, parse_url(address).url)


@pytest.mark.parametrize(
    ("path", "resolved"), [("/..//a", "//a"), ("/a//..", "/a/"), ("//..", "/"), ("/a/..//", "//"), ("/../..//", "//")]
)
def test_empty_segment_is_a_segment(path: str, resolved: str) -> None:
    """RFC 3986 §3.3: so `..` takes it away, and nothing else does (§5.2.4)."""
    assert is_same_address(f"https://api.example{path}", f"https://api.example{resolved}")
