"""The second lock of tenancy: statements that the ORM filter does not see.

Reads the SQL that is about to run. A statement that names an owned table must bind `tenant_id` of each such table (each
alias of it) to the tenant that is entered, else it raises before anything reaches the database. The reading of one SQL
text is kept, so that a repeated statement costs a look-up. The third lock is row-level security on PostgreSQL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, event
from sqlalchemy.engine import Connection, Engine

from sandbox.foundation.database import Model, current_scope
from sandbox.foundation.tenancy import TenancyViolation, TenantOwned

_NAMED = re.compile(
    r'(?:\bFROM|\bJOIN|\bINTO|\bUPDATE|,)\s+(?:ONLY\s+)?"?(\w+)"?(?![\w.(])(?:\s+(?:AS\s+)?"?(\w+)"?)?', re.I
)
_BOUND = re.compile(r'(?:"?(\w+)"?\.)?"?\btenant_id"?\s*=\s*(?::(\w+)|%\((\w+)\)s)', re.I)
_INSERT = re.compile(r'\bINSERT\s+INTO\s+"?(\w+)"?\s*\(([^)]*)\)\s*VALUES', re.I)
_INSERTED = re.compile(r"(?::|%\()(tenant_id(?:_m?\d+|__\d+)?)\b")
_NOT_ALIASES = frozenset(
    [
        "on",
        "where",
        "set",
        "values",
        "left",
        "join",
        "order",
        "group",
        "limit",
        "inner",
        "cross",
        "using",
        "as",
        "union",
        "for",
        "select",
        "default",
    ]
)


@lru_cache(maxsize=4096)
def tenant_parameters(sql: str, owned: frozenset[str]) -> tuple[str, ...]:
    """Name the parameters that must hold the tenant for `sql` to stay within it; empty if it names no owned table.

    Raises TenancyViolation when an owned table is named and its `tenant_id` is not bound.
    """
    needed = _owned_names(sql, owned)
    if not needed:
        return ()
    found: list[str] = []
    insert = _INSERT.search(sql)
    if insert and insert[1] in owned:
        if "tenant_id" not in re.split(r'[\s,"]+', insert[2]) or not (names := _INSERTED.findall(sql)):
            raise TenancyViolation(f"INSERT INTO {insert[1]} does not bind tenant_id: {_short(sql)}")
        found += names
        needed.pop(insert[1], None)
    conditions = sql[match.start() :] if (match := re.search(r"\b(?:WHERE|ON)\b", sql, re.I)) else ""
    bound = {alias.lower(): name or formatted for alias, name, formatted in _BOUND.findall(conditions)}
    for alias, table in needed.items():
        name = bound.get(alias) or (bound.get("") if len(needed) == 1 else None)
        if name is None:
            raise TenancyViolation(f"{table} is named without its bound tenant_id: {_short(sql)}")
        found.append(name)
    return tuple(found)


def _owned_names(sql: str, owned: frozenset[str]) -> dict[str, str]:
    """Map each alias (or name) under which an owned table occurs to the table."""
    names = {}
    for table, alias in _NAMED.findall(sql):
        if table in owned:
            plain = not alias or alias.lower() in _NOT_ALIASES
            names[(table if plain else alias).lower()] = table
    return names


def owned_tables() -> frozenset[str]:
    """List the tables whose rows belong to a tenant."""
    return frozenset(
        mapper.local_table.name
        for mapper in Model.registry.mappers
        if issubclass(mapper.class_, TenantOwned) and isinstance(mapper.local_table, Table)
    )


def install() -> None:
    """Put the guard before every statement of every engine; doing it twice is doing it once."""
    if not event.contains(Engine, "before_cursor_execute", _guard):
        event.listen(Engine, "before_cursor_execute", _guard)


def _guard(_: Connection, __: object, sql: str, parameters: Any, ___: object, ____: bool) -> None:
    scope = current_scope.get()
    if scope.unfiltered:
        return
    names = tenant_parameters(sql, _owned())
    if not names:
        return
    # A flush of several rows may be one statement with the parameters of all, in one mapping, although they are many.
    rows: Sequence[Mapping[str, Any]] = [parameters] if isinstance(parameters, Mapping) else parameters
    if scope.tenant_id is None or any(row.get(name) != scope.tenant_id for row in rows for name in names):
        raise TenancyViolation(f"A statement binds another tenant than {scope.tenant_id!r}: {_short(sql)}")


_known: tuple[int, frozenset[str]] = (0, frozenset())


def _owned() -> frozenset[str]:
    """Keep the set of owned tables until another model is defined."""
    global _known
    if _known[0] != (count := len(Model.metadata.tables)):
        _known = (count, owned_tables())
    return _known[1]


@event.listens_for(Model.metadata, "after_create")
def _row_level_security(_: object, connection: Connection, **__: object) -> None:
    """Let PostgreSQL itself hold rows back: only those of the transaction's tenant are seen or written."""
    if connection.dialect.name != "postgresql":
        return
    for table in sorted(owned_tables()):
        connection.exec_driver_sql(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        connection.exec_driver_sql(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        connection.exec_driver_sql(f'DROP POLICY IF EXISTS tenant_only ON "{table}"')
        connection.exec_driver_sql(
            f"CREATE POLICY tenant_only ON \"{table}\" USING (tenant_id = current_setting('harbor.tenant', true) "
            "OR current_setting('harbor.tenant', true) = '*')"
        )


def _short(sql: str) -> str:
    text = " ".join(sql.split())
    return text if len(text) <= 200 else text[:200] + "…"
