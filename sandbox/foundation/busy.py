"""Databases that cannot answer at the moment: what a later attempt may get past, told from what is broken.

Only what the database itself calls passing counts, by its codes, never by its words, which differ between languages. A
missing table or a value that is too long stays a mistake of ours.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError

RETRY_AFTER_SECONDS: Final = 1

_SQLITE: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_POSTGRESQL: Final = frozenset(
    {
        "25P03",  # The transaction was idle for too long.
        "40001",  # Two transactions cannot be put in an order.
        "40P01",  # Two wait for one another.
        "53300",  # Too many connections.
        "55P03",  # A lock was not to be had in time.
        "57P01",  # An administrator ended the connection.
        "57P02",  # The server crashed, and took the connection along.
        "57P03",  # The server is starting, or shutting down.
        "57P05",  # The connection was idle for too long.
    }
)
_CONNECTION: Final = "08"


def is_busy(error: BaseException) -> bool:
    """Tell whether a database was locked, refused the connection, or lost it: whether to try again makes sense."""
    if isinstance(error, TimeoutError):  # Every connection of the pool is in use.
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        # The lower eight bits are the primary code; the others say more closely why (SQLITE_BUSY_SNAPSHOT).
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _SQLITE
    state = getattr(error.orig, "sqlstate", "")
    if state is None:  # The driver speaks for itself: there was no server that could have given a code.
        return isinstance(error, OperationalError)
    return state in _POSTGRESQL or state.startswith(_CONNECTION)


def why_busy(error: BaseException) -> str:
    """Say for the log what was in the way; the statement, which may hold what nobody should read, is left out.

    PostgreSQL's driver quotes it too, below the first line.
    """
    if isinstance(error, DBAPIError):
        return str(error.orig).partition("\n")[0]
    return "every connection of the pool is in use"
