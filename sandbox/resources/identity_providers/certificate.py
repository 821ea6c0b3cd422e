"""What a signing certificate says of itself: its fingerprint and until when it is good. Beside the five files.

The library behind it is loaded with the first certificate.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sandbox.foundation.problems import FieldError, InvalidRequest


class Certificate(NamedTuple):
    """SHA-256 of the DER form in hexadecimal, and the end of the validity (RFC 5280 §4.1.2.5)."""

    fingerprint: str
    expires_at: datetime


def read_certificate(pem: str) -> Certificate:
    """Read an X.509 certificate in PEM (RFC 7468 §5); raises InvalidRequest. Whether it has expired is for its reader."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import load_pem_x509_certificate

    try:
        certificate = load_pem_x509_certificate(pem.encode("utf-8", "surrogatepass"))
        return Certificate(certificate.fingerprint(SHA256()).hex(), certificate.not_valid_after_utc)
    except ValueError:
        error = FieldError(pointer="/certificate", detail="an X.509 certificate in PEM is expected")
        raise InvalidRequest("Correct /certificate and send the request again.", errors=[error]) from None
