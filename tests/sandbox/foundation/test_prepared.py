"""A prepared statement is as safe as Core: types, errors, tenancy, and the transaction that it belongs to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import BigInteger, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from sandbox.access.token import AccessToken, TokenFamily
from sandbox.foundation.database import db, table_of, transaction
from sandbox.foundation.prepared import Prepared
from sandbox.foundation.tenancy import TenancyViolation, enter

FAMILIES, TOKENS = table_of(TokenFamily), table_of(AccessToken)
MINE = FAMILIES.c.tenant_id == bindparam("tenant")
ADD = Prepared(insert(FAMILIES))
FIND = Prepared(select(FAMILIES.c.id, FAMILIES.c.created_at).where(MINE).order_by(FAMILIES.c.id))
SOME = Prepared(FIND.statement.limit(bindparam("wanted", type_=BigInteger)))  # type: ignore[attr-defined]
RENAME = Prepared(update(FAMILIES).where(MINE).values(client_id=bindparam("new_client")))
A_MOMENT = datetime(2026, 9, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def a_family(number: int, *, tenant: str = "acme") -> dict[str, object]:
    row = dict.fromkeys(FAMILIES.c.keys())
    return row | {"tenant_id": tenant, "id": f"fam_{number}", "client_id": "demo", "created_at": A_MOMENT}


@pytest.mark.storage
def test_values_pass_through_the_types_of_their_columns(in_acme: None) -> None:
    with transaction():
        ADD.run(a_family(1))
    assert FIND.first(tenant="acme") == ("fam_1", A_MOMENT)
    assert db.session.get_one(TokenFamily, ("acme", "fam_1")).created_at == A_MOMENT


@pytest.mark.storage
def test_json_is_read_by_the_orm_as_it_was_written(in_acme: None) -> None:
    terms = {"resources": ["https://files.example/"], "jkt": None}
    row = {"tenant_id": "acme", "id": "tok_1", "family_id": "f", "scope": "", "terms": terms, "expires_at": 1}
    with transaction():
        Prepared(insert(TOKENS)).run(
            {**row, "revoked_at": None}, {**row, "id": "tok_2", "terms": None, "revoked_at": None}
        )
    assert [db.session.get_one(AccessToken, ("acme", id_)).terms for id_ in ("tok_1", "tok_2")] == [terms, None]


@pytest.mark.storage
def test_constants_of_a_statement_keep_their_values(in_acme: None) -> None:
    """SQLite writes every LIMIT with an OFFSET that nobody named."""
    with transaction():
        assert ADD.run(*(a_family(number) for number in range(5))) == 5
    assert [id_ for id_, _ in SOME.all(tenant="acme", wanted=2)] == ["fam_0", "fam_1"]


@pytest.mark.storage
def test_reader_sees_the_transaction_that_it_is_in(in_acme: None) -> None:
    with pytest.raises(LookupError, match="enough"), transaction():
        ADD.run(a_family(1))
        assert FIND.first(tenant="acme") is not None
        raise LookupError("enough")
    assert FIND.first(tenant="acme") is None


@pytest.mark.storage
def test_reader_without_a_transaction_opens_no_session(in_acme: None) -> None:
    db.session.remove()
    assert FIND.all(tenant="acme") == []
    assert not db.session.registry.has()


@pytest.mark.storage
def test_statement_for_another_tenant_is_refused(in_acme: None) -> None:
    with pytest.raises(TenancyViolation, match="another tenant"):
        FIND.first(tenant="other")
    with pytest.raises(TenancyViolation), transaction():
        ADD.run(a_family(1, tenant="other"))


@pytest.mark.storage
def test_each_tenant_reads_its_own_rows(app: Flask) -> None:
    with app.app_context():
        for tenant in ("acme", "other"):
            with enter(tenant), transaction():
                ADD.run(a_family(len(tenant), tenant=tenant))
        with enter("acme"):
            assert [id_ for id_, _ in FIND.all(tenant="acme")] == ["fam_4"]


@pytest.mark.parametrize("statement", [select(FAMILIES.c.id), update(FAMILIES).values(client_id="x")], ids=str)
def test_statement_without_the_tenant_is_refused(in_acme: None, statement: object) -> None:
    with pytest.raises(TenancyViolation, match="tenant_id"), transaction():
        Prepared(statement).run({})  # type: ignore[arg-type]


@pytest.mark.storage
def test_error_of_the_driver_is_sqlalchemys(in_acme: None) -> None:
    with transaction():
        ADD.run(a_family(1))
    with pytest.raises(IntegrityError), transaction():
        ADD.run(a_family(1))
    assert FIND.first(tenant="acme") is not None


def test_writing_outside_a_transaction_is_refused(in_acme: None) -> None:
    with pytest.raises(RuntimeError, match="inside transaction"):
        RENAME.run({"tenant": "acme", "new_client": "x"})


@pytest.mark.storage
def test_changed_rows_are_counted(in_acme: None) -> None:
    with transaction():
        ADD.run(a_family(1), a_family(2))
        assert RENAME.run({"tenant": "acme", "new_client": "renamed"}) == 2


def test_missing_parameter_is_named(in_acme: None) -> None:
    with pytest.raises(KeyError, match="wanted"):
        SOME.all(tenant="acme")


def test_missing_row_is_named(in_acme: None) -> None:
    with pytest.raises(LookupError, match="token_families"):
        FIND.one(tenant="acme")
