"""A mapping that does not fit OCSF is refused before a record is read, with line, column and the nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_connector.errors import FixManifest
from reference_connector.normalize.mapper import compile_mapping, mapping_problems
from tests.reference_connector.normalize.builders import MINIMAL, a_manifest, with_user

TABLES = "tables: { kinds: { a: User, b: Robot }, flags: { a: yes } }\n"


@pytest.mark.parametrize(
    ("mapping", "place", "message"),
    [
        (MINIMAL.replace("user_inventory", "user_invetory"), (7, 5), "did you mean 'user_inventory'?"),
        (MINIMAL.replace("Collect", "Colect"), (8, 5), "did you mean 'Collect'?"),
        (with_user("user.ful_name: { from: x }"), (11, 7), "'ful_name' is no attribute of user in OCSF 1.8.0"),
        (with_user("usr.name: { from: x }"), (11, 7), "'usr' is no attribute of user_inventory"),
        (
            MINIMAL.replace("severity_id: Inf", "sverity_id: 1\n  severity_id: Inf"),
            (5, 3),
            "did you mean 'severity_id'?",
        ),
        (MINIMAL.replace("Informational", "Informal"), (5, 3), "did you mean 'Informational'?"),
        (MINIMAL.replace(", as: milliseconds", ""), (4, 3), "add as: milliseconds"),
        (with_user("user.has_mfa: 1"), (11, 7), "must be a boolean, not 1"),
        (with_user("user.name: { from: x, else: 7 }"), (11, 29), "must be a string, not 7"),
        (with_user("user.name: { from: x, as: milliseconds }"), (11, 29), "milliseconds does not make a string"),
        (with_user("user.type_id: { from: x }"), (11, 7), "needs a table"),
        (with_user("user.account: { from: x }"), (11, 7), "say where its attributes come from"),
        (with_user("user.name: { items: [{ from: x }] }"), (11, 7), "not a list"),
        (with_user("user.name: { attributes: { uid: { from: x } } }"), (11, 7), "not an object"),
        (with_user("user.name.first: { from: x }"), (11, 7), "cannot have attributes of its own"),
        (with_user("user.groups.name: { from: x }"), (11, 7), "cannot have attributes of its own"),
        (with_user("user: { attributes: { uid: { from: x } } }"), (11, 7), "mapped in two ways"),
        (with_user("class_uid: 5003"), (11, 7), "filled in by class and activity"),
        (with_user("user.groups: { each: x, attributes: { type: team } }"), (7, 5), "needs at least one of name, uid"),
        (with_user("api.version: v1"), (7, 5), "operation is required by user_inventory.api"),
        (MINIMAL.replace("user.uid", "unmapped.uid"), (7, 5), "user is required by user_inventory"),
        (TABLES + with_user("user.type_id: { from: x, table: kind }"), (12, 32), "did you mean 'kinds'?"),
        (TABLES + with_user("user.type_id: { from: x, table: kinds }"), (1, 29), "'Robot' is none of its words"),
        (TABLES + with_user("user.has_mfa: { from: x, table: flags }"), (1, 50), "must be a boolean, not 'yes'"),
    ],
)
def test_mistake_is_named_with_its_place(tmp_path: Path, mapping: str, place: tuple[int, int], message: str) -> None:
    problems = mapping_problems(a_manifest(tmp_path, mapping))
    assert [(each.line, each.column) for each in problems] == [place], [str(each) for each in problems]
    assert message in problems[0].message


def test_mistake_in_what_every_event_says_is_named_once(tmp_path: Path) -> None:
    twice = MINIMAL.replace("stream: events", "stream: events\nselect: kind").replace("Collect", "{ a: Collect }", 1)
    twice += "  - { class: user_inventory, activity: { b: Log }, attributes: { user.uid: x } }\n"
    problems = mapping_problems(a_manifest(tmp_path, twice.replace("Informational", "Informal")))
    assert len(problems) == 1


def test_compiling_a_wrong_mapping_is_the_manifests_fault(tmp_path: Path) -> None:
    manifest = a_manifest(tmp_path, with_user("user.nam: { from: x }", "user.mane: { from: x }"))
    with pytest.raises(FixManifest) as refused:
        compile_mapping(manifest, "events")
    assert [problem.code for problem in refused.value.problems] == ["ocsf", "ocsf"]


def test_stream_without_a_mapping_has_no_mapper(tmp_path: Path) -> None:
    assert compile_mapping(a_manifest(tmp_path, MINIMAL), "files") is None


def test_attribute_of_every_event_is_left_out_of_a_class_that_does_not_have_it(tmp_path: Path) -> None:
    """`src_endpoint` is said once for all events; an inventory has none."""
    mapping = MINIMAL.replace("severity_id: Inf", "src_endpoint.ip: { from: ip }\n  severity_id: Inf")
    assert mapping_problems(a_manifest(tmp_path, mapping)) == []
