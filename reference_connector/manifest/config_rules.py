"""Lint rules about configuration, secrets and addresses: what may leave the machine, and where to."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from reference_connector.expressions import Template
from reference_connector.manifest import model
from reference_connector.manifest.document import DocumentPath
from reference_connector.manifest.hosts import is_loopback
from reference_connector.manifest.rule import Finding, View, rule

_SPEC: DocumentPath = ("spec", "connection_specification", "properties")


@rule("definition-unused", severity="warning")
def _definition_unused(view: View) -> Iterator[Finding]:
    """A definition that nothing refers to is a leftover, or a reference is misspelt."""
    definitions = view.root.at(("definitions",))
    for name in definitions.value if definitions and isinstance(definitions.value, dict) else ():
        pointer = f"#/definitions/{name}"
        if not any(used == pointer or used.startswith(f"{pointer}/") for used in view.used):
            yield ("definitions", name), "nothing refers to this definition"


@rule("config-undefined")
def _config_undefined(view: View) -> Iterator[Finding]:
    """Every config value that an expression reads is declared in spec."""
    known = {entry.name for entry in view.manifest.config}
    for path, template in _with_hosts(view):
        for read in template.reads:
            if read[0] == "config" and (len(read) < 2 or read[1] not in known):
                yield path, f"config[{read[1] if len(read) > 1 else ''!r}] is not declared in spec"


@rule("config-unused", severity="warning")
def _config_unused(view: View) -> Iterator[Finding]:
    """Every declared config value is read by some expression."""
    read = {path[1] for _, template in _with_hosts(view) for path in template.reads if path[:1] == ("config",)}
    for entry in view.manifest.config:
        if entry.name not in read:
            yield (*_SPEC, entry.name), "no expression reads this value"


@rule("secret-without-environment")
def _secret_without_environment(view: View) -> Iterator[Finding]:
    """A secret comes from an environment variable and has no default."""
    for entry in view.manifest.config:
        if entry.is_secret and (entry.environment is None or entry.default is not None):
            yield (*_SPEC, entry.name), "a secret needs x-env, the variable it comes from, and must not have a default"


@rule("literal-secret")
def _literal_secret(view: View) -> Iterator[Finding]:
    """Credentials are never written in a manifest."""
    secrets = {entry.name for entry in view.manifest.config if entry.is_secret}
    for path, stream in view.streams:
        authenticator = stream.retriever.requester.authenticator
        if isinstance(authenticator, model.OAuthAuthenticator):
            place = (*path, "retriever", "requester", "authenticator")
            if not any(read[0] == "config" and read[-1] in secrets for read in authenticator.client_secret.reads):
                yield (*place, "client_secret"), "a secret is read as {{ config['…'] }}, declared with airbyte_secret"
            for name, header in authenticator.refresh_request_headers:
                if name.lower() == "authorization" and header.is_literal:
                    yield (*place, "refresh_request_headers", name), "credentials must not be written here"
        for name, _ in stream.retriever.requester.request_headers:
            if name.lower() in ("authorization", "cookie", "x-api-key"):
                yield (*path, "retriever", "requester", "request_headers", name), "credentials belong in authenticator"


@rule("secret-in-url")
def _secret_in_url(view: View) -> Iterator[Finding]:
    """Secrets are not part of an address, where logs and proxies keep them."""
    secrets = {entry.name for entry in view.manifest.config if entry.is_secret}
    for path, template in view.templates:
        if {"url_base", "path", "request_parameters", "token_refresh_endpoint"} & set(path) and any(
            read[0] == "config" and read[-1] in secrets for read in template.reads
        ):
            yield path, "a secret in an address ends up in logs: send it in a header or a body"


@rule("plain-http")
def _plain_http(view: View) -> Iterator[Finding]:
    """Addresses are https, except on loopback."""
    for path, template in view.templates:
        url = urlsplit(template.source)
        if url.scheme == "http" and not is_loopback(url.hostname or ""):
            yield path, "http is for loopback only: use https"


@rule("host-not-allowed")
def _host_not_allowed(view: View) -> Iterator[Finding]:
    """Every fixed address is on one of the allowed hosts."""
    hosts = [host.source for host in view.manifest.metadata.allowed_hosts if host.is_literal]
    for path, template in view.templates:
        host = urlsplit(template.source).hostname if template.is_literal else None
        if host and not any(host == known or host.endswith(known.removeprefix("*")) for known in hosts):
            yield path, f"{host} is not among metadata.allowed_hosts"


@rule("two-authenticators")
def _two_authenticators(view: View) -> Iterator[Finding]:
    """All streams sign in the same way."""
    for path, stream in view.streams:
        if stream.retriever.requester.authenticator != view.manifest.authenticator:
            yield (*path, "retriever", "requester", "authenticator"), "one way of signing in for all streams, so far"


def _with_hosts(view: View) -> Iterator[tuple[DocumentPath, Template]]:
    for index, host in enumerate(view.manifest.metadata.allowed_hosts):
        yield ("metadata", "allowed_hosts", index), host
    yield from view.templates
