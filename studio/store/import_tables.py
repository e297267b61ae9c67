"""The tables of imports: how far each one is, and which rows it refused. No query and no rule stands here."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from studio.store.metadata import metadata

import_job = Table(
    "import_job",
    metadata,
    Column("id", Text, primary_key=True),
    Column("room", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("rows", BigInteger, nullable=False, default=0),
    Column("accepted", BigInteger, nullable=False, default=0),
    Column("duplicate", BigInteger, nullable=False, default=0),
    Column("rejected", BigInteger, nullable=False, default=0),
    Column("started_at", BigInteger, nullable=False),
    Column("started_by", Text, nullable=False, default=""),
    Column("ended_at", BigInteger, nullable=False, default=0),
    Index("ix_import_job_started_at", "started_at"),
)
"""One import. `id` is made of the file's bytes and the plan: the same file with the same plan is one import, which goes on at `rows`."""

import_rejection = Table(
    "import_rejection",
    metadata,
    Column("job_id", Text, primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("code", Text, nullable=False),
    Column("params", Text, nullable=False, default=""),
)
"""A row that was refused: its line in the file, and the reason as a code of the catalogue with its params as JSON."""
