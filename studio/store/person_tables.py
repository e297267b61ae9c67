"""The tables that say who is who, and what may be kept of them: merges and splits, contacts, holds, how far retention has come.

`link` and `link_account` are ledger: nothing in them is ever changed but when a person is erased.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from studio.store.metadata import metadata

_Serial = BigInteger().with_variant(Integer, "sqlite")

link = Table(
    "link",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("asked_by", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("undoes", BigInteger),
)
"""Ledger: accounts were merged into one person, split, one of both undone, or two persons were said to be two (`apart`)."""

link_account = Table(
    "link_account",
    metadata,
    Column("identity_id", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("before", BigInteger, nullable=False),
    Column("after", BigInteger, nullable=False),
    Index("ix_link_account_seq", "seq"),
    sqlite_with_rowid=False,
)
"""Ledger: whose each account was before and after a `link`."""

contact = Table(
    "contact",
    metadata,
    Column("identity_id", BigInteger, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("lookup", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("source", Text, nullable=False, default=""),
    Index("ix_contact_lookup", "lookup", "kind"),
    sqlite_with_rowid=False,
)
"""A phone, an address or the name on orders: encrypted, and found by a keyed hash alone."""

hold = Table(
    "hold",
    metadata,
    Column("identity_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("asked_by", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
)
"""Accounts of which nothing may be deleted, because a dispute or a law says so."""

retention_mark = Table(
    "retention_mark",
    metadata,
    Column("field", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)
"""Up to which event of the ledger a field has been cleared."""
