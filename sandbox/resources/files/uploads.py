"""Which files may come in, as the tenant decided. Beside the five files; `app.py` plugs in the policy.

A name is what is judged, when a file comes in and when it gets another name: content is what the vendor's scanner looks at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.resources.users.standing import refuse


@dataclass(frozen=True, slots=True)
class UploadPolicy:
    """Whether files come in at all, and with which extensions, with or without their dot; none allows all."""

    enabled: bool = True
    types: tuple[str, ...] = ()


def use_policy(source: Callable[[], UploadPolicy]) -> None:
    """Ask `source` from now on; it is asked each time, so tenants may differ."""
    _policy[:] = [source]


def check_upload(name: str) -> None:
    """Make sure that a file of that name may come in; raises Forbidden, and the audit log keeps it."""
    if not _policy[0]().enabled:
        key = "data.upload.enabled"
        refuse(f"Nobody uploads files. The setting {key} says so.", reason="forbidden_by_setting", setting=key)
    check_name(name)


def check_name(name: str) -> None:
    """Make sure that files may be called that; raises Forbidden, and the audit log keeps it."""
    allowed = {kind.lower().lstrip(".") for kind in _policy[0]().types}
    _, dot, extension = name.rpartition(".")
    if allowed and (not dot or extension.lower() not in allowed):
        key = "data.upload.allowed_types"
        detail = f"Only files of the types {', '.join(sorted(allowed))} may be uploaded. The setting {key} says so."
        refuse(detail, reason="forbidden_by_setting", setting=key)


_policy: list[Callable[[], UploadPolicy]] = [UploadPolicy]
