"""A security connector driven by a manifest: it holds no vendor's name and no vendor's code.

A sync reads top to bottom like this: `cli` parses; `manifest` turns YAML into frozen objects; `auth` and `transport`
speak to the vendor; `pagination` asks for the next page; `sync` drives windows, pages, sinks and checkpoints;
`normalize` turns records into OCSF; `posture`, `detect`, `respond` and `report` are what a security team gets out of it.
"""

from __future__ import annotations

from importlib import import_module

__all__ = ["load_manifest", "open_client", "run_sync"]

_PUBLIC = {
    "load_manifest": ("reference_connector.manifest.loader", "load"),
    "open_client": ("reference_connector.transport.client", "open_client"),
    "run_sync": ("reference_connector.sync.engine", "sync"),
}


def __getattr__(name: str) -> object:
    # Resolved on first use (PEP 562), so that importing one small module does not load an HTTP client.
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PUBLIC[name]
    return getattr(import_module(module), attribute)
