"""The manifest: one folder of YAML that says who the vendor is, how to read it, and what to make of what was read.

Reading order: `document` (YAML with positions) → `references` (`$ref`) → `schema` (to the dataclasses of `model`) →
`lint` (what a schema cannot see) → `loader`, which puts them together. `secrets` binds the values that a manifest
must not contain. The read half (`streams`, `check`, `spec`, `definitions`, `api_budget`) is a strict subset of
Airbyte's declarative vocabulary, with its names, nesting and `type` discriminators; our blocks stand beside it.
"""
