"""Small manifests and records for the mapper: only what a test is about."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson

from reference_connector.manifest.document import Places, read_document
from reference_connector.manifest.model import Manifest
from reference_connector.manifest.normalization import Normalization, NormalizationFileSchema
from reference_connector.normalize.mapper import Mapper, compile_mapping

MINIMAL = """
stream: events
attributes:
  time: { from: at, as: milliseconds }
  severity_id: Informational
events:
  - class: user_inventory
    activity: Collect
    attributes:
      user.uid: { from: id }
"""


def a_manifest(folder: Path, mapping: str) -> Manifest:
    """Return a manifest with this mapping, as far as the mapper looks at one."""
    file = folder / "mapping.yaml"
    file.write_text(mapping)
    places = Places()
    places.trees[str(file)] = read_document(file)
    loaded = NormalizationFileSchema().load(places.trees[str(file)].plain())  # type: ignore[arg-type]
    metadata = SimpleNamespace(product="Vault", vendor="Acme", api_version="v7")
    normalization = Normalization("1.8.0", (loaded,))
    return cast(Manifest, SimpleNamespace(metadata=metadata, normalization=normalization, places=places))


def a_mapper(folder: Path, mapping: str) -> Mapper:
    mapper = compile_mapping(a_manifest(folder, mapping), "events")
    assert mapper is not None
    return mapper


def a_record(**values: Any) -> dict[str, Any]:
    return {"id": "u1", "at": "2026-08-03T09:00:00.250Z", **values}


def the_event(mapper: Mapper, record: dict[str, Any]) -> dict[str, Any]:
    mapped = mapper(record, orjson.dumps(record))
    assert mapped is not None
    event: dict[str, Any] = orjson.loads(mapped[1])
    return event


def with_user(*lines: str) -> str:
    """Return the minimal mapping with more attributes."""
    return MINIMAL + "".join(f"      {line}\n" for line in lines)
