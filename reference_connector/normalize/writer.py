"""The mapper of one kind of event, written out as Python: straight-line code, no interpretation a record.

What the code looks like, for one attribute:

    v = o2.get('ip')
    if type(v) is str and v in addresses: o9['ip'] = v
    elif v is not None: addresses.check(v, 'src_endpoint.ip'); o9['ip'] = v
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from reference_connector.manifest.normalization import Source
from reference_connector.manifest.record_path import Path
from reference_connector.normalize import convert, ocsf
from reference_connector.normalize.code import Code, literal
from reference_connector.normalize.glance import Blank, Glance
from reference_connector.normalize.heads import Heads
from reference_connector.normalize.lookup import RECORD, Lookup
from reference_connector.normalize.memory import NOTHING, Made, Memories
from reference_connector.normalize.tree import (
    Branch,
    Fixed,
    ForEach,
    Kind,
    ListOf,
    Node,
    Read,
    content,
    is_certain,
    is_fixed,
    only_container,
)

# (record, selected value) → the event as one line of JSON.
EventFunction = Callable[[Any, Any], bytes]

_NAMESPACE = {
    name: getattr(convert, name)
    for name in (
        "EMPTY", "SCALARS", "at", "missing", "no_list", "no_object", "picked", "strings", "text",
        "words", "wrong",
    )
}  # fmt: skip
# A type as it is tested, and how it is called when a value is not of it.
_TESTS = {
    "string": ("type(v) is str", "text"),
    "integer": ("type(v) is int", "an integer"),
    "timestamp": ("type(v) is int", "milliseconds"),
    "number": ("type(v) is float or type(v) is int", "a number"),
    "boolean": ("type(v) is bool", "true or false"),
}


def write(kind: Kind, metadata: Mapping[str, Any], memories: Memories, glance: Glance | None = None) -> EventFunction:
    """Return the function of a kind of event.

    `metadata` is what every event's metadata starts with: product and version. `memories` are shared by all kinds that
    make the same object in the same way. With a `glance` the function takes records that were only glanced at.
    """
    members = {**kind.root.members, "metadata": _with(metadata, kind.root.members.get("metadata"))}
    fixed = {name: node for name, node in members.items() if is_fixed(node)}
    dynamic = {name: node for name, node in members.items() if name not in fixed}
    heads = Heads(kind.event_class, kind.activities, content(fixed))
    code = Code(
        {
            "heads": heads,
            "dumps": orjson.dumps,
            "addresses": memories.addresses,
            "decoded": memories.decoded,
            "milliseconds": memories.minutes.milliseconds,
            "NOTHING": NOTHING,
            "BLANK": Blank(),
            **_NAMESPACE,
        }
    )
    _Writer(code, Lookup(code, glance), memories).event(kind, dynamic)
    return code.function("event(record, value)")


class _Writer:
    def __init__(self, code: Code, lookup: Lookup, memories: Memories) -> None:
        self._code = code
        self._line = code.line
        self._lookup = lookup
        self._memories = memories
        self._is_remembering = False

    def event(self, kind: Kind, members: Mapping[str, Node]) -> None:
        """Write the body of a kind's function, for those members that depend on the record."""
        self._line("e = {}")
        if kind.activity_source is not None:
            self._lookup.value(kind.activity_source, RECORD)
            self._line("if v is not None and type(v) is not str: wrong(v, 'activity_id', 'text')")
            self._line("value = v")
        for name, node in members.items():
            self._member("e", name, node, name, RECORD)
        for name in kind.event_class.shape.required:
            if name in members and not is_certain(members[name]):
                self._line(f"if {name!r} not in e: missing({name!r})")
        self._one_of("e", Branch(kind.event_class.shape, dict(kind.root.members)), kind.event_class.name)
        self._line("return heads[value] + dumps(e)[1:]")

    def _member(self, parent: str, name: str, node: Node, path: str, root: str) -> None:
        """Write what puts one attribute into its parent."""
        if isinstance(node, Fixed):
            for key, value in content({name: node}).items():
                self._line(f"{parent}[{key!r}] = {literal(value)}")
        elif isinstance(node, Read):
            with self._lookup.block(self._lookup.condition(node.source.when, root)):
                self._read(node, path, root, lambda value: f"{parent}[{name!r}] = {value}", parent)
        elif isinstance(node, Branch):
            if not self._is_remembering and (container := only_container(node)):
                self._remember(f"{parent}[{name!r}]", node, path, (root, container))
                return
            with self._lookup.block(self._lookup.condition(node.when, root)):
                variable = self._branch(node, path, root)
                self._keep(variable, node, f"{parent}[{name!r}] = {variable}", path)
        else:
            variable = self._list(node, path, root)
            self._line(f"if {variable}: {parent}[{name!r}] = {variable}")

    def _remember(self, place: str, node: Branch, path: str, container: tuple[str, Path]) -> None:
        """Write an object that is made from one object of the record: the same text always makes the same text.

        People and networks come again and again in a log, and finding what was made is cheaper than making it.
        """
        memory = self._code.put(self._memories.made.setdefault(f"{container} {path} {node}", Made()))
        root, inner = container
        key = self._lookup.text(inner, root)
        kept, made = self._code.new("f"), self._code.new("o")
        self._line(f"{kept} = {memory}.get({key})")
        self._is_remembering = True
        with self._lookup.block(f"if {kept} is None:"):
            self._line(f"{made} = None")
            with self._lookup.block(self._lookup.condition(node.when, root)):
                variable = self._branch(node, path, root)
                self._keep(variable, node, f"{made} = {variable}", path)
            self._line(f"{kept} = {memory}.keep({key}, {made})")
        self._is_remembering = False
        self._line(f"if {kept} is not NOTHING: {place} = {kept}")

    def _branch(self, branch: Branch, path: str, root: str) -> str:
        """Write an object into a variable of its own."""
        fixed = {name: node for name, node in branch.members.items() if is_fixed(node)}
        variable = self._code.new("o")
        self._line(f"{variable} = {self._object_literal(content(fixed))}")
        for name, node in branch.members.items():
            if name not in fixed:
                self._member(variable, name, node, f"{path}.{name}", root)
        return variable

    def _keep(self, variable: str, branch: Branch, statement: str, path: str) -> None:
        """Write the statement that keeps an object, if there is more in it than the mapping itself put there."""
        fixed = sum(len(content({name: node})) for name, node in branch.members.items() if is_fixed(node))
        if branch.is_always or any(is_certain(node) and not is_fixed(node) for node in branch.members.values()):
            self._complete(variable, branch, path)
            self._line(statement)
            return
        with self._code.block(f"if len({variable}) > {fixed}:" if fixed else f"if {variable}:"):
            self._complete(variable, branch, path)
            self._line(statement)

    def _complete(self, variable: str, branch: Branch, path: str) -> None:
        """Write the refusal of an object that lacks what OCSF requires of it."""
        for name in branch.shape.required if branch.shape else ():
            if name in branch.members and not is_certain(branch.members[name]):
                where = f"{path}.{name}"
                self._line(f"if {name!r} not in {variable}: missing({where!r})")
        self._one_of(variable, branch, path)

    def _one_of(self, variable: str, branch: Branch, path: str) -> None:
        choices = [name for name in (branch.shape.at_least_one if branch.shape else ()) if name in branch.members]
        if not choices or any(is_certain(branch.members[name]) for name in choices):
            return
        if set(choices) == set(branch.members):
            return  # it would be empty, and an empty object is not kept
        none_there = " and ".join(f"{name!r} not in {variable}" for name in choices)
        self._line(f"if {none_there}: missing({path + '.' + choices[0]!r})")

    def _list(self, node: ListOf | ForEach, path: str, root: str) -> str:
        variable = self._code.new("l")
        self._line(f"{variable} = []")
        if isinstance(node, ForEach):
            self._for_each(node, path, root, variable)
            return variable
        for element in node.elements:
            self._element(element, f"{path}[]", root, variable)
        return variable

    def _element(self, node: Node, path: str, root: str, variable: str) -> None:
        if isinstance(node, Fixed):
            self._line(f"{variable}.append({literal(node.value)})")
        elif isinstance(node, Read):
            with self._lookup.block(self._lookup.condition(node.source.when, root)):
                self._read(node, path, root, lambda value: f"{variable}.append({value})", variable)
        elif isinstance(node, Branch):
            with self._lookup.block(self._lookup.condition(node.when, root)):
                inner = self._branch(node, path, root)
                self._keep(inner, node, f"{variable}.append({inner})", path)

    def _for_each(self, node: ForEach, path: str, root: str, variable: str) -> None:
        values = self._lookup.container(node.path, root, "list")
        element = self._code.new("r")
        with self._lookup.block(f"for {element} in {values}:"):
            where = f"{path}[]"
            self._line(f"if type({element}) is not dict: {element} = no_object({element}, {where!r})")
            self._element(node.element, where, element, variable)

    def _read(self, node: Read, path: str, root: str, put: Callable[[str], str], parent: str) -> None:
        """Write the reading of a value, its check and where it goes."""
        source, attribute = node.source, node.attribute
        self._lookup.value(source, root)
        if node.table is not None:
            self._translated(node, path, put, parent)
        elif source.convert is not None:
            self._line(f"if v is not None: {put(f'{source.convert}(v, {path!r})')}")
        elif attribute.type == "json":
            self._free(source, put)
        elif attribute.type == "ip" and not attribute.is_list:
            self._line(f"if type(v) is str and v in addresses: {put('v')}")
            self._line(f"elif v is not None: addresses.check(v, {path!r}); {put('v')}")
        elif attribute.is_list:
            self._line(f"if v is not None: {put(f'strings(v, {path!r})')}")
        else:
            test, called = _TESTS[attribute.type]
            self._line(f"if {test}: {put('v')}")
            self._line(f"elif v is not None: wrong(v, {path!r}, {called!r})")
        if node.default is not None and node.table is None:
            self._line(f"else: {put(literal(node.default.value))}")

    def _free(self, source: Source, put: Callable[[str], str]) -> None:
        """Write a value that may be anything; what is empty is as good as absent."""
        if source.without:
            left_out = self._code.put(frozenset(source.without))
            self._line(f"if type(v) is dict and v: v = {{k: w for k, w in v.items() if k not in {left_out}}}")
        self._line(f"if v or type(v) in SCALARS: {put('v')}")

    def _translated(self, node: Read, path: str, put: Callable[[str], str], parent: str) -> None:
        """Write a value that a table gives; what the table lacks is the default, or Other for an enumeration."""
        assert node.table is not None
        if node.attribute.words is None:
            table = self._code.put({key: fixed.value for key, fixed in node.table.items()})
            default = None if node.default is None else node.default.value
            self._line(f"if v is not None and type(v) is not str: wrong(v, {path!r}, 'text')")
            self._line(f"v = {table}.get(v, {literal(default)})")
            self._line(f"if v is not None: {put('v')}")
            return
        table = self._code.put({key: (fixed.value, fixed.word) for key, fixed in node.table.items()})
        name = ocsf.sibling(path.rpartition(".")[2])
        unlisted = f"({ocsf.OTHER}, v)"
        if node.default is not None:
            unlisted = f"({node.default.value!r}, {node.default.word!r})"
            self._line(f"if v is None: v = {node.default.word!r}")
        with self._lookup.block("if v is not None:"):
            self._line(f"if type(v) is not str: wrong(v, {path!r}, 'text')")
            self._line(f"n, w = {table}.get(v) or {unlisted}")
            self._line(f"{put('n')}; {parent}[{name!r}] = w")

    def _object_literal(self, values: Mapping[str, Any]) -> str:
        """Return the Python for the start of an object; objects inside are JSON already."""
        parts = {
            key: self._code.put(orjson.Fragment(orjson.dumps(value))) if isinstance(value, Mapping) else literal(value)
            for key, value in values.items()
        }
        return "{" + ", ".join(f"{key!r}: {part}" for key, part in parts.items()) + "}"


def _with(metadata: Mapping[str, Any], mapped: Node | None) -> Branch:
    """Return the metadata of an event: what the mapping says of it, and version and product."""
    given = _fixed_branch(ocsf.object_type("metadata"), metadata)
    members = mapped.members if isinstance(mapped, Branch) else {}
    return Branch(given.shape, {**members, **given.members}, is_always=True)


def _fixed_branch(shape: ocsf.ObjectType, given: Mapping[str, Any]) -> Branch:
    members: dict[str, Node] = {}
    for name, value in given.items():
        is_object = isinstance(value, Mapping)
        members[name] = _fixed_branch(ocsf.object_type(name), value) if is_object else Fixed(value)
    return Branch(shape, members)
