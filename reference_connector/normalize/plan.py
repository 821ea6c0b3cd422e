"""A mapping resolved against OCSF: for each kind of event a tree of what is written where, of which type.

Everything that can be wrong with a mapping is found here, before a record is read: paths, words and types that OCSF does
not have, and attributes that it requires and nothing provides. Each is a Problem with its place in the mapping file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from reference_connector.manifest.document import DocumentPath
from reference_connector.manifest.fields import nearest
from reference_connector.manifest.normalization import (
    Condition,
    Constant,
    Dropped,
    Each,
    EventMapping,
    Items,
    Object,
    Source,
    Spec,
    StreamMapping,
)
from reference_connector.manifest.record_path import Pick
from reference_connector.normalize import ocsf
from reference_connector.normalize.ocsf import Attribute, EventClass, ObjectType
from reference_connector.normalize.tree import Branch, Fixed, ForEach, Kind, ListOf, Node, Plan, Read

Complain = Callable[[DocumentPath, str], None]

# What the mapper fills in by itself, from the class, the activity and the manifest.
PROVIDED = frozenset({"class_uid", "class_name", "category_uid", "category_name", "activity_id", "activity_name"}) | {
    "type_uid",
    "type_name",
}
_PROVIDED_METADATA = frozenset({"version", "product"})
_FREE = Attribute("json")


def plan(mapping: StreamMapping, complain: Complain) -> Plan | None:
    """Return the mapping resolved against OCSF, or None after `complain(document path, message)` for each problem."""
    resolving = _Resolving(mapping, complain)
    kinds = [kind for index, event in enumerate(mapping.events) for kind in resolving.kinds(event, ("events", index))]
    if any(isinstance(step, Pick) for step in mapping.select or ()):
        resolving.complain(("select",), "must lead to one value, without [ ]")
    rest = [] if mapping.otherwise is None else list(resolving.kinds(mapping.otherwise, ("otherwise",)))
    if resolving.count:
        return None
    return Plan(mapping.select, tuple(kinds), rest[0] if rest else None)


class _Resolving:
    def __init__(self, mapping: StreamMapping, complain: Complain) -> None:
        self._mapping = mapping
        self._complain_to = complain
        self._said: set[tuple[DocumentPath, str]] = set()

    @property
    def count(self) -> int:
        return len(self._said)

    def complain(self, at: DocumentPath, message: str) -> None:
        # What is wrong with an attribute of every event is wrong once, not once for each kind.
        if (at, message) not in self._said:
            self._said.add((at, message))
            self._complain_to(at, message)

    def kinds(self, event: EventMapping, at: DocumentPath) -> Iterator[Kind]:
        """Yield the event mapping as a kind; one with a source for its activity is a kind for itself."""
        event_class = ocsf.event_class(event.ocsf_class)
        if event_class is None:
            message = f"{event.ocsf_class!r} is no class that is known here"
            self.complain((*at, "class"), message + nearest(event.ocsf_class, ocsf.class_names()))
            return
        root = self._root(event_class, event, at)
        words: dict[str, int] = {}
        for value, activity in self._activities(event):
            place = (*at, "activity", value) if isinstance(event.activity, Mapping) else (*at, "activity")
            if isinstance(activity, Source):
                table = self._activity_table(event_class, activity, place)
                yield Kind(event_class, table, activity, (value,), root)
            else:
                words[value] = self._number(activity, event_class.activities, place)
        if words:
            values = tuple(words) if isinstance(event.activity, Mapping) else ()
            yield Kind(event_class, words, None, values, root)

    @staticmethod
    def _activities(event: EventMapping) -> Iterator[tuple[str, str | Source]]:
        if isinstance(event.activity, Mapping):
            yield from event.activity.items()
        else:
            yield "", event.activity

    def _activity_table(self, event_class: EventClass, source: Source, at: DocumentPath) -> dict[str, int]:
        table = self._table(source, at)
        place = ("tables", str(source.table))
        return {key: self._number(word, event_class.activities, (*place, key)) for key, word in table.items()}

    def _root(self, event_class: EventClass, event: EventMapping, at: DocumentPath) -> Branch:
        """Return the tree of an event: what every event has, as far as this kind does not say otherwise."""
        root = Branch(event_class.shape)
        shared = {name: spec for name, spec in self._mapping.attributes.items() if name not in event.attributes}
        known = set(event_class.shape.attributes)
        for name, spec in shared.items():
            # A class without this attribute simply does not carry it; a name that no class has is a mistake.
            if name.split(".")[0] in known or not self._is_of_some_class(name):
                self._place(root, name, spec, ("attributes", name))
        for name, spec in event.attributes.items():
            self._place(root, name, spec, (*at, "attributes", name))
        self._require(root, event_class.name, (*at, "class"))
        return root

    @staticmethod
    def _is_of_some_class(name: str) -> bool:
        first = name.split(".")[0]
        classes = (ocsf.event_class(each) for each in ocsf.class_names())
        return any(each is not None and first in each.shape.attributes for each in classes)

    def _place(self, branch: Branch, name: str, spec: Spec, at: DocumentPath) -> None:
        """Put what a spec says at a dotted path below a branch."""
        if isinstance(spec, Dropped):
            return
        *outer, last = name.split(".")
        for step in outer:
            attribute = self._attribute(branch, step, at)
            if attribute is None:
                return
            is_possible = not attribute.is_list and _may_hold_attributes(attribute)
            inner = branch.members.setdefault(step, Branch(_shape_of(attribute))) if is_possible else None
            if not isinstance(inner, Branch):
                self.complain(at, f"{step} cannot have attributes of its own here")
                return
            branch = inner
        attribute = self._attribute(branch, last, at)
        if attribute is None:
            return
        if branch.shape is not None and branch.shape.name in ocsf.class_names() and last in PROVIDED:
            self.complain(at, f"{last} is filled in by class and activity")
            return
        node = self._node(spec, attribute, at)
        if node is not None:
            self._join(branch, last, node, at)

    def _join(self, branch: Branch, name: str, node: Node, at: DocumentPath) -> None:
        there = branch.members.get(name)
        if there is None:
            branch.members[name] = node
        elif isinstance(there, Branch) and isinstance(node, Branch) and _are_joinable(there, node):
            there.members.update(node.members)
        else:
            self.complain(at, f"{name} is mapped in two ways")

    def _attribute(self, branch: Branch, name: str, at: DocumentPath) -> Attribute | None:
        if branch.shape is None:
            return _FREE
        attribute = branch.shape.attributes.get(name)
        if attribute is None:
            hint = nearest(name, branch.shape.attributes)
            self.complain(at, f"{name!r} is no attribute of {branch.shape.name} in OCSF {ocsf.VERSION}{hint}")
        return attribute

    def _node(self, spec: Spec, attribute: Attribute, at: DocumentPath) -> Node | None:
        if isinstance(spec, Constant):
            return self._fixed(spec, attribute, at)
        if isinstance(spec, Source):
            return self._read(spec, attribute, at)
        if isinstance(spec, Object):
            return self._object(spec, attribute, at)
        return self._list(spec, attribute, at)

    def _fixed(self, spec: Constant, attribute: Attribute, at: DocumentPath) -> Fixed:
        if attribute.words is not None:
            number = self._number(spec.value, attribute.words, at)
            return Fixed(number, attribute.words.get(number))
        value = list(spec.value) if isinstance(spec.value, tuple) else spec.value
        if not _fits(value, attribute):
            self.complain(at, f"must be {_described(attribute)}, not {value!r}")
        return Fixed(value)

    def _read(self, spec: Source, attribute: Attribute, at: DocumentPath) -> Read | None:
        if attribute.is_object:
            self.complain(at, f"is {_described(attribute)}: say where its attributes come from")
            return None
        if spec.convert is not None and not _converts(spec.convert, attribute):
            self.complain((*at, "as"), f"{spec.convert} does not make {_described(attribute)}")
        if attribute.type == "timestamp" and spec.convert is None and not attribute.is_list:
            self.complain(at, "is milliseconds since 1970: add as: milliseconds")
        is_defaulted = spec.otherwise is not None
        default = self._fixed(Constant(spec.otherwise), attribute, (*at, "else")) if is_defaulted else None
        return Read(spec, attribute, self._translations(spec, attribute, at), default)

    def _translations(self, spec: Source, attribute: Attribute, at: DocumentPath) -> dict[str, Fixed] | None:
        """Return the table of a source in terms of OCSF."""
        if spec.table is None:
            if attribute.words is not None:
                self.complain(at, f"is the enumeration {attribute.type}: it needs a table")
            return None
        table = self._table(spec, at)
        return {key: self._fixed(Constant(table[key]), attribute, ("tables", spec.table, key)) for key in table}

    def _table(self, spec: Source, at: DocumentPath) -> Mapping[str, Any]:
        table = self._mapping.tables.get(str(spec.table))
        if table is None:
            hint = nearest(str(spec.table), self._mapping.tables)
            self.complain((*at, "table"), f"there is no table {spec.table!r}{hint}")
        return table or {}

    def _number(self, word: object, words: Mapping[int, str], at: DocumentPath) -> int:
        number = ocsf.number_of(word, words) if isinstance(word, str | int) else None
        if number is None:
            self.complain(at, f"{word!r} is none of its words{nearest(str(word), words.values())}")
        return number if number is not None else ocsf.OTHER

    def _object(self, spec: Object, attribute: Attribute, at: DocumentPath) -> Branch | None:
        if attribute.is_list or not _may_hold_attributes(attribute):
            self.complain(at, f"is {_described(attribute)}, not an object")
            return None
        return self._branch(spec.attributes, attribute, at, spec.when)

    def _branch(
        self,
        attributes: Mapping[str, Spec],
        attribute: Attribute,
        at: DocumentPath,
        when: tuple[Condition, ...] = (),
    ) -> Branch:
        branch = Branch(_shape_of(attribute), when=when)
        for name, inner in attributes.items():
            self._place(branch, name, inner, (*at, "attributes", name))
        return branch

    def _list(self, spec: Items | Each | Dropped, attribute: Attribute, at: DocumentPath) -> Node | None:
        if not attribute.is_list and attribute.type != "json":
            self.complain(at, f"is {_described(attribute)}, not a list")
            return None
        element = Attribute(attribute.type, words=attribute.words)
        if isinstance(spec, Each):
            return ForEach(spec.path, self._branch(spec.attributes, element, at))
        assert isinstance(spec, Items)
        nodes = [self._node(each, element, (*at, "items", index)) for index, each in enumerate(spec.items)]
        return ListOf(tuple(node for node in nodes if node is not None))

    def _require(self, branch: Branch, name: str, at: DocumentPath) -> None:
        """Complain about what OCSF requires of an object or event and the mapping does not provide."""
        shape = branch.shape
        if shape is None:
            return
        provided = PROVIDED | branch.members.keys()
        if shape.name == "metadata":
            provided |= _PROVIDED_METADATA
        if name in ocsf.class_names():
            provided |= {"metadata"}
        for required in shape.required:
            if required not in provided:
                self.complain(at, f"{required} is required by {name} and not mapped")
        if shape.at_least_one and not provided & set(shape.at_least_one):
            self.complain(at, f"{name} needs at least one of {', '.join(shape.at_least_one)}")
        for inner, node in branch.members.items():
            for below in _branches(node):
                self._require(below, f"{name}.{inner}", at)


def _are_joinable(there: Branch, node: Branch) -> bool:
    """Return whether two objects at one place are parts of one object."""
    return not (there.when or node.when or there.members.keys() & node.members.keys())


def _branches(node: Node) -> Iterator[Branch]:
    if isinstance(node, Branch):
        yield node
    elif isinstance(node, ForEach):
        yield node.element
    elif isinstance(node, ListOf):
        for element in node.elements:
            yield from _branches(element)


def _shape_of(attribute: Attribute) -> ObjectType | None:
    return ocsf.object_type(attribute.type) if attribute.is_object else None


def _may_hold_attributes(attribute: Attribute) -> bool:
    return attribute.is_object or attribute.type == "json"


def _fits(value: object, attribute: Attribute) -> bool:
    if attribute.type == "json":
        return True
    if attribute.is_object:
        return False
    values = value if attribute.is_list else [value]
    return isinstance(values, list) and all(type(each) in ocsf.PRIMITIVES[attribute.type] for each in values)


def _converts(conversion: str, attribute: Attribute) -> bool:
    made = {"milliseconds": ("timestamp", False), "words": ("string", True), "text": ("string", False)}[conversion]
    return attribute.type == "json" or made == (attribute.type, attribute.is_list)


def _described(attribute: Attribute) -> str:
    if attribute.is_list:
        return f"a list of {attribute.type}"
    if attribute.words is not None:
        return f"the enumeration {attribute.type}"
    return f"{'an' if attribute.type[0] in 'aeio' else 'a'} {attribute.type}"
