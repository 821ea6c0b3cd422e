"""The grammar of filters and paths: the examples of the specification, and nonsense."""

from __future__ import annotations

import pytest

from sandbox.scim.filter import Malformed, parse, parse_path
from sandbox.scim.filter_tree import Comparison, Every, Having, Not, PatchPath, Path, Present, Some

A, B, C = (Present(Path(None, name)) for name in "abc")
RFC_7644_FIGURE_2 = [
    'userName eq "bjensen"',
    'name.familyName co "O\'Malley"',
    'userName sw "J"',
    'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"',
    "title pr",
    'meta.lastModified gt "2011-05-13T04:42:34Z"',
    'meta.lastModified ge "2011-05-13T04:42:34Z"',
    'meta.lastModified lt "2011-05-13T04:42:34Z"',
    'meta.lastModified le "2011-05-13T04:42:34Z"',
    'title pr and userType eq "Employee"',
    'title pr or userType eq "Intern"',
    'schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"',
    'userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")',
    'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
    'userType eq "Employee" and (emails.type eq "work")',
    'userType eq "Employee" and emails[type eq "work" and value co "@example.com"]',
    'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
]
NONSENSE = [
    "",
    " ",
    "userName",
    "userName eq",
    "userName eq bjensen",
    "userName eq 'bjensen'",
    'userName eq "bjensen',
    'userName is "bjensen"',
    'userName = "bjensen"',
    '"userName" eq "bjensen"',
    '1name eq "bjensen"',
    'name.familyName.first eq "x"',
    'name. eq "x"',
    "a pr and",
    "a pr or or b pr",
    "a pr b pr",
    "and",
    "(a pr",
    "a pr)",
    "()",
    "not",
    "not a pr",
    "emails[",
    "emails[]",
    "emails[type pr",
    "emails[type pr]]",
    "emails[ims[type pr]]",
    "emails.value[type pr]",
    "a eq 01",
    "a eq 1.",
    "a eq nan",
    'a eq "\\x"',
    'a eq "\ud800"',
    'a eq "\n"',
    "a eq {}",
    "a pr; b pr",
    "a pr\x00",
    "(" * 33 + "a pr" + ")" * 33,
    "not (" * 40 + "a pr" + ")" * 40,
    'a eq "' + "x" * 9000 + '"',
]


@pytest.mark.parametrize("text", RFC_7644_FIGURE_2)
def test_every_example_of_the_specification_is_read(text: str) -> None:
    """RFC 7644 §3.4.2.2, figure 2."""
    assert parse(text) is not None


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a pr and b pr or c pr", Some((Every((A, B)), C))),
        ("a pr or b pr and c pr", Some((A, Every((B, C))))),
        ("(a pr or b pr) and c pr", Every((Some((A, B)), C))),
        ("not (a pr) and b pr", Every((Not(A), B))),
        ("not (a pr and b pr)", Not(Every((A, B)))),
        ("NOT(a PR) Or b pR", Some((Not(A), B))),
        ("a pr and not (b pr or not (c pr))", Every((A, Not(Some((B, Not(C))))))),
        ("not pr", Present(Path(None, "not"))),
        ("a EQ TRUE", Comparison(Path(None, "a"), "eq", True)),
        ("a eq null", Comparison(Path(None, "a"), "eq", None)),
        ("a ge -1.5e3", Comparison(Path(None, "a"), "ge", -1500.0)),
        (r'a eq "q\"\u00e9\n"', Comparison(Path(None, "a"), "eq", 'q"é\n')),
        ("a[b pr or c pr]", Having(Path(None, "a"), Some((B, C)))),
        ("a[b pr].c pr", Having(Path(None, "a"), Every((B, C)))),
        ("urn:x:1.0:Y:a.b pr", Present(Path("urn:x:1.0:Y", "a", "b"))),
        ("a.$ref pr", Present(Path(None, "a", "$ref"))),
    ],
)
def test_filter_becomes_the_tree_of_its_precedence(text: str, tree: object) -> None:
    """RFC 7644 §3.4.2.2: grouping, then not, then and, then or; names, keywords and operators in any case."""
    assert parse(text) == tree


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse(text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("members", PatchPath(Path(None, "members"))),
        ("name.familyName", PatchPath(Path(None, "name", "familyName"))),
        ("a[b pr]", PatchPath(Path(None, "a"), B)),
        ("a[b pr].c", PatchPath(Path(None, "a"), B, "c")),
        ("urn:x:1.0:Y:a[b pr].c", PatchPath(Path("urn:x:1.0:Y", "a"), B, "c")),
    ],
)
def test_path_of_an_operation_is_read(text: str, path: PatchPath) -> None:
    """RFC 7644 §3.5.2, figure 7."""
    assert parse_path(text) == path


@pytest.mark.parametrize(
    "text", ["", "a b", "a[b pr] c", "a[b pr].c.d", "a[b pr][c pr]", "a eq 1", "/a/b", "a.[b pr]", "[a pr]"]
)
def test_malformed_path_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_path(text)
