"""Values from the environment: bound by name, converted, named when missing, redacted in every form."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reference_connector.errors import FixAccess, FixManifest
from reference_connector.manifest.model import ConfigProperty, Manifest
from reference_connector.manifest.secrets import bind

ENVIRONMENT = {"HARBOR_CLIENT_ID": "me", "HARBOR_CLIENT_SECRET": "hush-hush-canary"}


def a_property(kind: str = "integer") -> ConfigProperty:
    return ConfigProperty("size", kind, "", is_secret=False, is_required=False, environment="SIZE", default=5)


def with_property(manifest: Manifest, entry: ConfigProperty) -> Manifest:
    return replace(manifest, config=(*manifest.config, entry))


def test_values_come_from_their_variables_or_their_defaults(sandbox_manifest: Manifest) -> None:
    config = bind(sandbox_manifest, "https://h.example/t/a/", ENVIRONMENT)
    assert config.values == {
        "base_url": "https://h.example/t/a",
        "client_id": "me",
        "client_secret": "hush-hush-canary",
        "start_date": "2000-01-01T00:00:00Z",
    }


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "7", 7),
        ("number", "1.5", 1.5),
        ("boolean", "TRUE", True),
        ("boolean", "0", False),
        ("string", "7", "7"),
    ],
)
def test_value_is_converted_to_its_type(sandbox_manifest: Manifest, kind: str, text: str, value: object) -> None:
    manifest = with_property(sandbox_manifest, a_property(kind))
    assert bind(manifest, "https://h.example", {**ENVIRONMENT, "SIZE": text}).values["size"] == value


@pytest.mark.parametrize(("kind", "text"), [("integer", "x"), ("boolean", "maybe"), ("number", "1,5")])
def test_value_of_another_type_is_refused_without_repeating_it(
    sandbox_manifest: Manifest, kind: str, text: str
) -> None:
    manifest = with_property(sandbox_manifest, a_property(kind))
    with pytest.raises(FixManifest, match="SIZE is not of type") as refusal:
        bind(manifest, "https://h.example", {**ENVIRONMENT, "SIZE": f"canary{text}"})
    assert "canary" not in refusal.value.message


def test_missing_values_are_named_together(sandbox_manifest: Manifest) -> None:
    with pytest.raises(FixAccess, match="HARBOR_CLIENT_ID, HARBOR_CLIENT_SECRET"):
        bind(sandbox_manifest, "https://h.example", {"HARBOR_CLIENT_ID": ""})


def test_secret_is_redacted_plain_and_encoded(sandbox_manifest: Manifest) -> None:
    config = bind(sandbox_manifest, "https://h.example", ENVIRONMENT)
    assert config.redact("a hush-hush-canary b aHVzaC1odXNoLWNhbmFyeQ== c") == "a [secret] b [secret] c"
    assert "canary" not in repr(config)
