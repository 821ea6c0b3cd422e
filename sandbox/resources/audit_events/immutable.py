"""The database itself refuses to change an event, or to remove one that the log still holds.

A statement that tries is aborted, whoever sent it: a bug, a migration, a person at a prompt. The log lets go of live events
in two ways only: retention has moved the floor above them, or the log was opened anew, for which its head goes first.
Whoever drops the triggers can do both, and is found by the hash chain.
"""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.engine import Connection

from sandbox.foundation.database import Model
from sandbox.foundation.tenancy import across_tenants

REFUSED = "the audit log is immutable"
_HELD = (
    "EXISTS (SELECT 1 FROM audit_heads WHERE audit_heads.tenant_id = OLD.tenant_id "
    "AND audit_heads.floor < OLD.sequence AND OLD.sequence <= audit_heads.sequence)"
)
_ALWAYS = "1 = 1"

# Table, what is refused, and which rows of it.
_RULES = (
    ("audit_events", "UPDATE", _ALWAYS),
    ("audit_events", "DELETE", _HELD),
    ("sealed_events", "UPDATE", _ALWAYS),
    ("sealed_events", "DELETE", _ALWAYS),
    ("sealed_blocks", "UPDATE", _ALWAYS),
    ("sealed_blocks", "DELETE", _ALWAYS),
)


def install() -> None:
    """Write the triggers whenever the tables are made; doing it twice is doing it once."""
    if not event.contains(Model.metadata, "after_create", _refuse):
        event.listen(Model.metadata, "after_create", _refuse)


def _refuse(_: object, connection: Connection, **__: object) -> None:
    write = _for_postgresql if connection.dialect.name == "postgresql" else _for_sqlite
    with across_tenants("a trigger asks for the head of whichever tenant the row belongs to"):
        for table, change, rows in _RULES:
            for statement in write(table, change, rows):
                connection.exec_driver_sql(statement)


def _for_sqlite(table: str, change: str, rows: str) -> list[str]:
    name = f"{table}_no_{change.lower()}"
    return [
        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {change} ON {table} "
        f"WHEN {rows} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    ]


def _for_postgresql(table: str, change: str, rows: str) -> list[str]:
    """A subquery may stand in the function only, not in the trigger's own WHEN."""
    name = f"{table}_no_{change.lower()}"
    given_up = "NEW" if change == "UPDATE" else "OLD"
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {rows} THEN RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        f"RETURN {given_up}; END $$",
        f'CREATE OR REPLACE TRIGGER {name} BEFORE {change} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}()',
    ]
