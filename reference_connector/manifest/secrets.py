"""Binds the values a manifest must not contain: each comes from the environment variable that `spec` names for it.

A secret travels as part of the plain configuration, because templates render it into the token request; `redactions`
lists the texts that no log, error or evidence may show.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from reference_connector.errors import FixAccess, FixManifest
from reference_connector.manifest.model import ConfigProperty, Manifest

BASE_URL = "base_url"
ConfigValue = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Config:
    """The values behind ``config['…']``; its own text never shows one."""

    values: Mapping[str, ConfigValue] = field(repr=False)
    redactions: tuple[str, ...] = field(repr=False)

    def redact(self, text: str) -> str:
        """Return the text with every secret replaced."""
        for secret in self.redactions:
            text = text.replace(secret, "[secret]")
        return text


def bind(manifest: Manifest, base_url: str, environment: Mapping[str, str] | None = None) -> Config:
    """Collect the configuration of a run; FixAccess names every variable that is missing."""
    variables = os.environ if environment is None else environment  # noqa: TID251 - credentials come from here only
    values: dict[str, ConfigValue] = {BASE_URL: base_url.rstrip("/")}
    missing: list[ConfigProperty] = []
    for entry in manifest.config:
        if entry.name == BASE_URL:
            continue
        text = variables.get(entry.environment) if entry.environment else None
        value = _convert(entry, text) if text else entry.default
        if value is not None:
            values[entry.name] = value
        elif entry.is_required:
            missing.append(entry)
    if missing:
        raise _missing(missing)
    secrets = [str(values[entry.name]) for entry in manifest.config if entry.is_secret and entry.name in values]
    return Config(values, _forms(secrets))


def _convert(entry: ConfigProperty, text: str) -> ConfigValue:
    try:
        if entry.type == "boolean":
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        return int(text) if entry.type == "integer" else float(text) if entry.type == "number" else text
    except (KeyError, ValueError) as error:
        raise FixManifest(
            f"the environment variable {entry.environment} is not of type {entry.type}",
            code="bad-config-value",
            remedy=f"set {entry.environment} to a value of type {entry.type}",
        ) from error


def _missing(entries: list[ConfigProperty]) -> FixAccess:
    names = ", ".join(entry.environment or entry.name for entry in entries)
    return FixAccess(
        f"not set: {names}", code="credentials-missing", remedy=f"export {names} in the environment and run again"
    )


def _forms(secrets: list[str]) -> tuple[str, ...]:
    # A short value would blank out half of every text, and is no secret worth the name.
    long_enough = [secret for secret in secrets if len(secret) >= 6]
    encoded = [base64.b64encode(secret.encode()).decode("ascii") for secret in long_enough]
    return tuple(dict.fromkeys([*long_enough, *encoded]))
