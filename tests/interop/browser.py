"""A person at a browser, for the clients in Python: signs in, allows, and comes back to the client."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import urljoin

import requests

from tests.sandbox.oauth.journey import USER, form_of

STEPS = 12


def visit(start: str, target: str | None = None, *, decision: str = "allow") -> str:
    """Go from `start` until the browser is sent to `target`, and give that address; without one, the last page."""
    with requests.Session() as browser:
        answer = browser.get(start, timeout=60, allow_redirects=False)
        for _ in range(STEPS):
            if (location := answer.headers.get("Location")) is not None:
                if target is not None and location.startswith(target):
                    return location
                answer = browser.get(urljoin(answer.url, location), timeout=60, allow_redirects=False)
                continue
            if target is None and "<form" not in answer.text:
                return answer.text
            form = form_of(SimpleNamespace(get_data=lambda *, as_text, answer=answer: answer.text))  # type: ignore[arg-type]
            fields = {**form.fields, "email": USER[0], "password": USER[1], "decision": decision}
            answer = browser.post(urljoin(answer.url, form.action), data=fields, timeout=60, allow_redirects=False)
    raise AssertionError(f"The browser did not arrive: {answer.text}")
