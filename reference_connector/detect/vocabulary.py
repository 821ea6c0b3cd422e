"""Are the attributes that a rule names attributes of OCSF? A rule with a slip of the pen matches nothing and says nothing.

An attribute has to exist in the rule's own class, or, if it names none, in any class that is known here. Below what OCSF
leaves open (`unmapped`, `data`) everything is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields

from reference_connector.errors import Problem
from reference_connector.manifest.detections import DetectionRule
from reference_connector.manifest.document import DocumentPath, Node
from reference_connector.manifest.fields import nearest
from reference_connector.manifest.model import Manifest
from reference_connector.normalize import ocsf

CODE = "ocsf-attribute"

Named = tuple[DocumentPath, tuple[str, ...]]


def rule_problems(manifest: Manifest) -> list[Problem]:
    """Return a problem for each class and attribute of the detection rules that OCSF does not have, with its place."""
    problems = []
    for rule in manifest.detections:
        file, tree = _written(manifest, rule)
        for at, message in _complaints(rule, tree):
            problems.append(manifest.places.problem(file, at, code=CODE, message=message))
    return problems


def _complaints(rule: DetectionRule, tree: Node) -> Iterator[tuple[DocumentPath, str]]:
    if rule.ocsf_class is not None and ocsf.event_class(rule.ocsf_class) is None:
        yield ("logsource", "category"), f"unknown OCSF class{nearest(rule.ocsf_class, ocsf.class_names())}"
        return
    names = (rule.ocsf_class,) if rule.ocsf_class else ocsf.class_names()
    shapes = [found.shape for name in names if (found := ocsf.event_class(name)) is not None]
    for at, path in (*_matched(tree), *_columns(rule)):
        slips = [slip for shape in shapes if (slip := _slip(shape, path)) is not None]
        if len(slips) == len(shapes):
            yield at, f"{'.'.join(path)}: {slips[0]}"


def _slip(shape: ocsf.ObjectType, path: Sequence[str]) -> str | None:
    """Return what is wrong with a path into an object, None if nothing is."""
    for depth, step in enumerate(path):
        attribute = shape.attributes.get(step)
        if attribute is None:
            return f"{shape.name} has no attribute {step!r}{nearest(step, shape.attributes)}"
        if attribute.type in ("json", "object") or depth == len(path) - 1:
            return None
        if not attribute.is_object:
            return f"{step!r} is a plain value: nothing is below it"
        shape = ocsf.object_type(attribute.type)
    return None


def _matched(tree: Node) -> Iterator[Named]:
    """Yield the attributes of the detection section, read from the file as written, since that knows the places."""
    section = tree.at(("detection",))
    if section is None or not isinstance(section.value, dict):
        return
    for name, selection in section.value.items():
        choices = selection.value if isinstance(selection.value, list) else [selection]
        for index, choice in enumerate(choices):
            at = ("detection", name, index) if isinstance(selection.value, list) else ("detection", name)
            for key, value in choice.value.items() if isinstance(choice.value, dict) else ():
                attribute, *modifiers = key.split("|")
                yield (*at, key), tuple(attribute.split("."))
                if "fieldref" in modifiers:
                    yield (*at, key), tuple(str(value.plain()).split("."))


def _columns(rule: DetectionRule) -> Iterator[Named]:
    """Yield the attributes that correlations, detectors and the merging of alerts read."""
    if rule.correlation is not None:
        for index, path in enumerate(rule.correlation.group_by):
            yield ("correlation", "group-by", index), path
    if rule.detector is not None:
        for field in fields(rule.detector.fields):
            for path in getattr(rule.detector.fields, field.name):
                yield ("detector", "fields", field.name), path
    for index, choices in enumerate(rule.dedupe.by):
        # The default merges by whoever acted, which every class knows in its own way.
        if not any(_is_known_somewhere(path) for path in choices):
            yield ("dedupe", "by", index), choices[0]


def _is_known_somewhere(path: Sequence[str]) -> bool:
    shapes = (found.shape for name in ocsf.class_names() if (found := ocsf.event_class(name)) is not None)
    return any(_slip(shape, path) is None for shape in shapes)


def _written(manifest: Manifest, rule: DetectionRule) -> tuple[str, Node]:
    """Return the file of a rule; connector.yaml for one that was made otherwise."""
    for file, tree in manifest.places.trees.items():
        named = tree.at(("name",))
        if named is not None and named.value == rule.name and tree.at(("taxonomy",)) is not None:
            return file, tree
    return next(iter(manifest.places.trees.items()))
