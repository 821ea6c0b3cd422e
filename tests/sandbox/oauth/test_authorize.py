"""What the authorization endpoint accepts, and where its refusals go (RFC 6749 §4.1.1, §4.1.2.1; RFC 9207; RFC 9700 §4)."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests import builders
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import CALLBACK, CHALLENGE, NATIVE, USER, Journey, arrived, asking

EVIL = "https://evil.example/callback"


def is_page(answer: TestResponse) -> bool:
    """An error for the person, which leads nowhere."""
    return (answer.status_code, "Location" in answer.headers, answer.mimetype) == (400, False, "text/html")


@pytest.mark.attack(1)
@pytest.mark.attack(2)
@pytest.mark.attack(3)
@pytest.mark.requirement("RFC 9700 §4.1", "MUST")
@pytest.mark.parametrize(
    "redirect_uri",
    [
        EVIL,
        f"{CALLBACK}/",
        f"{CALLBACK}/../evil",
        f"{CALLBACK}/%2e%2e/evil",
        f"{CALLBACK}/..;/evil",
        f"{CALLBACK}?added=1",
        f"{CALLBACK}#fragment",
        f"{CALLBACK}x",
        CALLBACK.replace("callback", "Callback"),
        CALLBACK.replace("http:", "HTTP:"),
        CALLBACK.replace("127.0.0.1", "localhost"),
        CALLBACK.replace("127.0.0.1", "127.0.0.1.evil.example"),
        CALLBACK.replace("127.0.0.1", "127.0.0.2"),
        "http://127.0.0.1:8765@evil.example/callback",
        "http://user@127.0.0.1:8765/callback",
        "http://evil.example@127.0.0.1@127.0.0.1:8765/callback",
        "http://127.0.0.1:8765\\@evil.example/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:8765/callback\r\nX-Evil: 1",
        "http://127.0.0.1:8765/callback\x00",
        'http://127.0.0.1:8765/callback"><script>alert(1)</script>',
        "javascript:alert(1)",
        "//127.0.0.1:8765/callback",
        "callback",
    ],
)
def test_redirect_uri_is_compared_exactly(visitor: Journey, redirect_uri: str) -> None:
    """RFC 9700 §4.1 (CVE-2023-6291, CVE-2024-8883, CVE-2026-3872, CVE-2026-7504): a page, never a redirect, never 500."""
    answer = visitor.authorize(redirect_uri=redirect_uri)
    assert is_page(answer)
    assert redirect_uri not in answer.get_data(as_text=True)


@pytest.mark.attack(4)
@pytest.mark.requirement("RFC 8252 §7.3", "MUST")
@pytest.mark.parametrize(
    ("redirect_uri", "allowed"),
    [
        ("http://127.0.0.1:1/callback", True),
        ("http://127.0.0.1/callback", True),
        ("http://[::1]:61023/callback", True),
        ("http://127.0.0.1:61023/other", False),
        ("http://127.0.0.1:61023/callback?x", False),
        ("http://localhost:61023/callback", False),
        ("https://127.0.0.1:61023/callback", False),
        ("http://[::2]:61023/callback", False),
    ],
)
def test_port_of_a_loopback_redirect_uri_is_free(visitor: Journey, redirect_uri: str, allowed: bool) -> None:
    """RFC 8252 §7.3 (CVE-2020-15233): any port, for IP literals, with everything else the same."""
    visitor.sign_in()
    answer = visitor.authorize(client_id="demo-native", redirect_uri=redirect_uri)
    assert (answer.status_code == 303) == allowed


@pytest.mark.attack(5)
@pytest.mark.attack(6)
@pytest.mark.parametrize("response_type", ["nonsense", "token", "id_token", "code id_token", None])
def test_wrong_response_type_redirects_to_nobody_unchecked(visitor: Journey, response_type: str | None) -> None:
    """Authlib 1.6.10, CVE-2026-44681: neither an unknown response type nor a missing `openid` opens the redirector."""
    for scope in ("users:read", "openid"):
        assert is_page(visitor.authorize(response_type=response_type, redirect_uri=EVIL, scope=scope))


@pytest.mark.requirement("RFC 6749 §4.1.2.1", "MUST")
@pytest.mark.parametrize("client_id", [None, "", "nobody", "demo-web\x00", "x" * 5000])
def test_unknown_client_gets_a_page(visitor: Journey, client_id: str | None) -> None:
    """RFC 6749 §4.1.2.1."""
    for response_type in ("code", "token"):
        assert is_page(visitor.authorize(client_id=client_id, response_type=response_type))


@pytest.mark.requirement("RFC 6749 §3.1.2.3", "MUST")
def test_redirect_uri_is_needed_where_there_are_several(visitor: Journey) -> None:
    """RFC 6749 §3.1.2.3."""
    assert is_page(visitor.authorize(client_id="demo-native", redirect_uri=None))


@pytest.mark.attack(7)
@pytest.mark.attack(8)
@pytest.mark.attack(10)
@pytest.mark.attack(11)
@pytest.mark.requirement("RFC 6749 §4.1.2.1", "MUST")
@pytest.mark.requirement("RFC 7636 §4.4.1", "MUST")
@pytest.mark.requirement("RFC 9207 §2", "MUST")
@pytest.mark.requirement("OpenID Connect Core §3.1.2.6", "MUST")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": 'a"b\\'}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post.jwt"}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:42]}, "invalid_request"),
        ({"code_challenge": CHALLENGE * 3}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:-1] + "ü"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "openid nonsense"}, "invalid_scope"),
        ({"resource": "https://elsewhere.example"}, "invalid_target"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "invalid_request_object"),
        ({"request_uri": "https://evil.example/request"}, "request_uri_not_supported"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "nonsense"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "²"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
@pytest.mark.parametrize("who", [{}, NATIVE], ids=["confidential", "public"])
def test_refusal_goes_to_the_checked_client_with_state_and_issuer(
    visitor: Journey, changes: dict[str, str | None], error: str, who: dict[str, str]
) -> None:
    """RFC 6749 §4.1.2.1, RFC 7636 §4.4.1, RFC 9207 §2, OpenID Connect Core §3.1.2.6: on errors, too."""
    answer = visitor.authorize(**{**who, **changes})
    assert answer.headers["Location"].startswith(f"{who.get('redirect_uri', CALLBACK)}?")
    told = arrived(answer)
    assert told.pop("error_description").isascii()
    assert told == {"error": error, "state": "xyz", "iss": "http://localhost"}


@pytest.mark.requirement("RFC 6749 §3.3", "MAY")
def test_scope_beyond_registration_is_refused(go: Journey, acme: Acme) -> None:
    """RFC 6749 §3.3."""
    with acme():
        code = {"grant_types": ["authorization_code"], "redirect_uris": [CALLBACK]}
        builders.a_client("modest", scope="openid", **code)
    assert arrived(go.authorize(client_id="modest"))["error"] == "invalid_scope"


@pytest.mark.requirement("RFC 6749 §4.1.2.1", "MUST")
def test_client_without_the_grant_is_unauthorized(go: Journey, acme: Acme) -> None:
    """RFC 6749 §4.1.2.1."""
    with acme():
        builders.a_client("other", grant_types=["client_credentials"], redirect_uris=[CALLBACK])
    assert arrived(go.authorize(client_id="other"))["error"] == "unauthorized_client"


@pytest.mark.attack(9)
@pytest.mark.requirement("RFC 6749 §3.1", "MUST")
@pytest.mark.parametrize(
    "name", ["client_id", "redirect_uri", "scope", "state", "code_challenge", "response_type", "x"]
)
def test_repeated_parameter_is_refused(visitor: Journey, name: str) -> None:
    """RFC 6749 §3.1 (CVE-2026-9689)."""
    query = [*asking().items(), (name, asking().get(name, "1")), (name, "again")]
    assert is_page(visitor.http.get("/oauth/authorize", query_string=query))


@pytest.mark.requirement("RFC 6749 §3.1", "MUST")
def test_unknown_parameters_are_ignored(visitor: Journey) -> None:
    """RFC 6749 §3.1; `claims` is one that is known elsewhere."""
    visitor.sign_in()
    assert "/consent?" in visitor.authorize(unknown="1", claims="{}", prompt="consent").headers["Location"]


@pytest.mark.requirement("OpenID Connect Core §3.1.2.1", "MUST")
def test_request_may_be_posted(visitor: Journey) -> None:
    """OpenID Connect Core §3.1.2.1; the parameters are the form's then, not the query's."""
    visitor.sign_in()
    answer = visitor.http.post("/oauth/authorize", data=asking(prompt="consent"), query_string={"client_id": "nobody"})
    assert visitor.submit(visitor.follow(answer), decision="allow").headers["Location"].startswith(f"{CALLBACK}?code=")
    assert is_page(visitor.http.post("/oauth/authorize", query_string=asking()))


@pytest.mark.attack(47)
@pytest.mark.requirement("RFC 6749 §4.1.2", "MUST")
@pytest.mark.requirement("RFC 9207 §2", "MUST")
def test_answer_carries_code_state_and_issuer(visitor: Journey) -> None:
    """RFC 6749 §4.1.2, RFC 9207 §2: and it is not kept anywhere."""
    visitor.sign_in()
    answer = visitor.consent(state="ä&=#%")
    told = arrived(answer)
    assert (told["state"], told["iss"], told.keys()) == ("ä&=#%", "http://localhost", {"code", "state", "iss"})
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.requirement("RFC 9207 §2", "MUST")
def test_issuer_of_another_tenant_is_its_own(standing_elsewhere: Journey) -> None:
    """RFC 9207 §2: what tells two servers of one host apart."""
    standing_elsewhere.sign_in()
    assert arrived(standing_elsewhere.consent())["iss"] == "http://localhost/t/other"


def test_nothing_allowed_is_told_to_the_client(visitor: Journey) -> None:
    """Rather than a consent page that offers nothing."""
    visitor.sign_in(USER)
    assert arrived(visitor.authorize(scope="configuration:write"))["error"] == "invalid_scope"


def test_head_and_other_methods_are_refused_as_a_page(visitor: Journey) -> None:
    answer = visitor.http.delete("/oauth/authorize", query_string=asking())
    assert (answer.status_code, answer.mimetype, "GET" in answer.headers["Allow"]) == (405, "text/html", True)
