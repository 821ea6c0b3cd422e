"""The list of faults: `GET /_lab/faults/catalog`. A new kind is a file in `kinds/` and a line here."""

from __future__ import annotations

from sandbox.lab.faults.fault import Kind
from sandbox.lab.faults.kinds import (
    client_disabled,
    clock_skew,
    consent_withdrawn,
    dpop_nonce_churn,
    expires_in,
    extra_scope,
    html_instead,
    iss_missing,
    issuer_mismatch,
    jwks_broken,
    jwks_slow,
    key_rotated,
    key_unpublished,
    key_withdrawn,
    metadata_stale,
    refresh_grace,
    refresh_lost,
    refresh_token_missing,
    scope_removed,
    throttled,
    token_dies,
    token_type_case,
    truncated,
    unavailable,
    user_suspended,
    wrong_content_type,
)

_LISTED = (
    # The life of tokens.
    token_dies,
    refresh_lost,
    refresh_grace,
    refresh_token_missing,
    expires_in,
    clock_skew,
    dpop_nonce_churn,
    # What an answer looks like.
    throttled,
    unavailable,
    html_instead,
    truncated,
    wrong_content_type,
    token_type_case,
    extra_scope,
    # What people decide meanwhile.
    consent_withdrawn,
    scope_removed,
    client_disabled,
    user_suspended,
    # Keys and metadata.
    key_rotated,
    key_unpublished,
    key_withdrawn,
    jwks_slow,
    jwks_broken,
    issuer_mismatch,
    iss_missing,
    metadata_stale,
)

KINDS: dict[str, Kind] = {module.KIND.name: module.KIND for module in _LISTED}
