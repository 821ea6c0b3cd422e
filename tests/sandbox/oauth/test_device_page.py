"""The page at which somebody lets a device in, or turns it away (RFC 8628 §3.3, §5)."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from sandbox.app import create_app
from sandbox.foundation.database import transaction
from sandbox.oauth.models.device_code import DeviceCode
from sandbox.resources.apps import service as apps
from sandbox.settings import Settings
from tests.sandbox.oauth.conftest import Acme
from tests.sandbox.oauth.journey import ADMIN, USER, Journey, form_of

NOBODY_WAITS = "No device waits with this code"


def waiting(go: Journey, **changes: str | None) -> str:
    """The user code of a device that asked."""
    return str(go.ask_as_device(**changes).get_json()["user_code"])


@pytest.mark.requirement("RFC 8628 §3.3", "MUST")
def test_person_types_the_code_signs_in_and_decides(go: Journey) -> None:
    """The whole way, from page to page, in careless spelling."""
    code = waiting(go).lower().replace("-", " ")
    login = go.follow(go.follow(go.submit(go.http.get("/device"), user_code=code)))
    page = go.follow(go.submit(login, email=USER[0], password=USER[1]))
    done = go.follow(go.submit(page, decision="allow"))
    assert "Your device is connected" in done.get_data(as_text=True)


@pytest.mark.requirement("RFC 8628 §3.3.1", "SHOULD")
def test_link_with_the_code_still_asks_to_compare_it(go: Journey) -> None:
    """The code is shown, and nothing is given for opening a link."""
    answer = go.ask_as_device().get_json()
    go.sign_in()
    page = go.http.get(answer["verification_uri_complete"].removeprefix("http://localhost"))
    assert answer["user_code"] in page.get_data(as_text=True)
    assert go.poll(answer["device_code"]).get_json()["error"] == "authorization_pending"


@pytest.mark.requirement("RFC 8628 §5.4", "SHOULD")
def test_page_says_who_asks_for_what_and_from_where(go: Journey, acme: Acme) -> None:
    """Client, publisher, scopes within the roles, the device's address and program, and a warning against phishing."""
    with acme(), transaction():
        app = apps.for_client("demo-native")
        app.publisher_name = "Acme Robotics"
    ask = {"client_id": "demo-native", "scope": "openid users:read audit:read"}
    agent = {"User-Agent": "smart-tv/3 <b>"}
    code = go.http.post("/oauth/device_authorization", data=ask, headers=agent).get_json()["user_code"]
    go.sign_in()
    text = go.http.get("/device", query_string={"user_code": code}).get_data(as_text=True)
    offered, withheld = text.split("beyond your roles")
    assert "Demo-Native on a device asks for access" in text
    assert "Publisher not verified</span> Acme Robotics" in text
    assert ("See the people" in offered, "Read the audit log" in withheld) == (True, True)
    assert ("127.0.0.1" in text, "smart-tv/3 &lt;b&gt;" in text) == (True, True)
    assert "did you start this yourself" in text


def test_nothing_allowed_is_nothing_to_allow(go: Journey) -> None:
    """The page has no button for it, and a forged form gets nothing either."""
    code = waiting(go, scope="audit:read")
    go.sign_in()
    page = go.http.get("/device", query_string={"user_code": code})
    assert 'value="allow"' not in page.get_data(as_text=True)
    assert go.submit(page, decision="allow").status_code == 400


@pytest.mark.attack(41)
@pytest.mark.requirement("RFC 9700 §4.7", "MUST")
@pytest.mark.parametrize("token", [None, "", "0" * 64, "ü"])
@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_decision_without_its_form_token_is_none(go: Journey, token: str | None, decision: str) -> None:
    """Nobody lets a device in from another site."""
    codes = go.ask_as_device().get_json()
    go.sign_in()
    form = {"decision": decision, **({"form_token": token} if token is not None else {})}
    answer = go.http.post("/device", query_string={"user_code": codes["user_code"]}, data=form)
    assert answer.status_code == 403
    assert go.poll(codes["device_code"]).get_json()["error"] == "authorization_pending"


@pytest.mark.attack(41)
def test_form_token_counts_for_its_device_and_browser_only(go: Journey, another: Journey) -> None:
    """What was shown is what is allowed, to whom it was shown."""
    first, second = waiting(go), waiting(go)
    go.sign_in()
    another.sign_in(ADMIN)
    fields = [
        form_of(go.http.get("/device", query_string={"user_code": first})).fields,
        form_of(another.http.get("/device", query_string={"user_code": second})).fields,
    ]
    answers = [
        go.http.post("/device", query_string={"user_code": second}, data={**each, "decision": "allow"})
        for each in fields
    ]
    assert [answer.status_code for answer in answers] == [403, 403]


def test_decision_of_nobody_leads_to_the_sign_in(go: Journey) -> None:
    code = waiting(go)
    answer = go.http.post("/device", query_string={"user_code": code}, data={"decision": "allow"})
    assert urlsplit(answer.headers["Location"]).path == "/login"


def test_device_is_decided_about_once(go: Journey) -> None:
    """Two tabs: the second one comes too late."""
    go.sign_in()
    code = waiting(go)
    pages = [go.http.get("/device", query_string={"user_code": code}) for _ in range(2)]
    assert go.submit(pages[0], decision="deny").status_code == 303
    assert NOBODY_WAITS in go.submit(pages[1], decision="allow").get_data(as_text=True)


@pytest.mark.parametrize("typed", ["WDJB-MJHT", "?", "", "\x00", "é" * 900, "<script>"])
def test_code_of_nobody_is_told_and_not_repeated(go: Journey, typed: str) -> None:
    go.sign_in()
    page = go.follow(go.submit(go.http.get("/device"), user_code=typed))
    assert (page.status_code, NOBODY_WAITS in page.get_data(as_text=True)) == (404, True)


def test_code_that_expired_is_nobodys(go: Journey, acme: Acme) -> None:
    code = waiting(go)
    with acme(), transaction() as session:
        session.execute(update(DeviceCode).values(expires_at=0))
    go.sign_in()
    assert NOBODY_WAITS in go.http.get("/device", query_string={"user_code": code}).get_data(as_text=True)


def test_code_of_another_tenant_is_nobodys(go: Journey) -> None:
    elsewhere = Journey(go.http, "/t/other")
    code = waiting(elsewhere)
    go.sign_in()
    assert NOBODY_WAITS in go.http.get("/device", query_string={"user_code": code}).get_data(as_text=True)


@pytest.mark.requirement("RFC 8628 §5.1", "SHOULD")
def test_wrong_codes_are_limited_and_right_ones_are_not(database_url: str, identities: None) -> None:
    """By address: a second account does not help; who types what a device shows is never held up."""
    app = create_app(Settings(database_url=database_url, user_code_rate_limit="2/minute"))
    go, accomplice = Journey(app.test_client()), Journey(app.test_client())
    go.sign_in()
    accomplice.sign_in(ADMIN)
    right = [go.http.get("/device", query_string={"user_code": waiting(go)}).status_code for _ in range(4)]
    wrong = [go.http.get("/device", query_string={"user_code": "WDJB-MJHT"}) for _ in range(3)]
    assert right == [200] * 4
    assert [page.status_code for page in wrong] == [404, 404, 429]
    assert "Retry-After" in wrong[-1].headers
    assert accomplice.http.get("/device", query_string={"user_code": waiting(go)}).status_code == 429


@pytest.mark.requirement("RFC 8628 §5.1", "SHOULD")
def test_wrong_codes_are_limited_by_session_too(database_url: str, identities: None) -> None:
    """Another address does not help."""
    app = create_app(Settings(database_url=database_url, user_code_rate_limit="2/minute"))
    go = Journey(app.test_client())
    go.sign_in()

    def guess(address: str) -> int:
        wrong = {"user_code": "WDJB-MJHT"}
        return go.http.get("/device", query_string=wrong, environ_base={"REMOTE_ADDR": address}).status_code

    assert [guess(f"192.0.2.{number}") for number in range(3)] == [404, 404, 429]


def test_strangers_learn_nothing_about_codes(go: Journey) -> None:
    """Whoever is not signed in is sent to the sign-in page, whether the code is somebody's or not."""
    paths = set()
    for code in (waiting(go), "WDJB-MJHT"):
        answer = go.http.get("/device", query_string={"user_code": code})
        paths.add(urlsplit(answer.headers["Location"]).path)
    assert paths == {"/login"}
