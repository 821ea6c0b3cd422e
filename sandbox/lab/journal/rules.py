"""The rule behind a refusal: read from its description, which ends with it in parentheses.

The table below is for refusals whose words are not ours: what Authlib raises by itself, what HTTP itself refuses.
"""

from __future__ import annotations

import re

_NAMED = re.compile(r"\(([^()]*(?:section [\d.]*\d|appendix [A-Z]))\)\.?\s*$")

AUTHLIB = {
    "invalid_request": "RFC 6749 section 5.2",
    "invalid_client": "RFC 6749 section 5.2",
    "invalid_grant": "RFC 6749 section 5.2",
    "unauthorized_client": "RFC 6749 section 5.2",
    "unsupported_grant_type": "RFC 6749 section 5.2",
    "invalid_scope": "RFC 6749 section 3.3",
    "unsupported_response_type": "RFC 6749 section 3.1.1",
    "access_denied": "RFC 6749 section 4.1.2.1",
    "insecure_transport": "RFC 6749 section 1.6",
}
HTTP = {
    401: "RFC 9110 section 15.5.2",
    403: "RFC 9110 section 15.5.4",
    404: "RFC 9110 section 15.5.5",
    405: "RFC 9110 section 15.5.6",
    409: "RFC 9110 section 15.5.10",
    410: "RFC 9110 section 15.5.11",
    412: "RFC 9110 section 15.5.13",
    413: "RFC 9110 section 15.5.14",
    415: "RFC 9110 section 15.5.16",
    421: "RFC 9110 section 15.5.20",
    422: "RFC 9110 section 15.5.21",
    428: "RFC 6585 section 3",
    429: "RFC 6585 section 4",
    500: "RFC 9110 section 15.6.1",
    502: "RFC 9110 section 15.6.3",
    503: "RFC 9110 section 15.6.4",
}


def rule_of(status: int, error: str | None, description: str | None) -> str | None:
    """Tell which rule a refusal follows; None for an answer that refuses nothing."""
    if match := _NAMED.search(description or ""):
        return match[1]
    if status < 400 and error is None:
        return None
    plain = HTTP.get(status) if status not in {400, 401, 403} else None
    return plain or AUTHLIB.get(error or "") or HTTP.get(status, "RFC 9110 section 15.5.1")
