"""The ledger's index by account begins anew from time to time: whatever is told again from the ledger is found in every block of it."""

from contextlib import closing

from fan_file import T0, FanFile, make
from sqlalchemy import func, insert, select, text

from studio.store import fan_archive, tables
from studio.store.ledger import of_accounts

STORY = (
    make("e1", "chat", "u1", 1, name="小美"),
    make("e2", "gift", "u1", 2, gift="玫瑰", count=1, paid_minor=10, combo="c", combo_total=3),
    make("e3", "gift", "u1", 2, gift="玫瑰", count=1, paid_minor=10, combo="c", combo_total=1),
    make("e4", "enter", "u2", 1),
    make("e5", "leave", "u2", 90),
    make("e6", "chat", "u2", 40, name="阿柚", text="好看"),
    make("e7", "follow", "u1", 55),
    make("e8", "unfollow", "u1", 50),
    make("e9", "chat", "u1", 0, name="大美"),
    make("e10", "gift", "u1", 2, gift="玫瑰", count=1, paid_minor=10, combo="c", combo_total=2),
)
"""Nearly all of it comes late: gifts, watched time, a follow and a name are looked up in the ledger."""


def begin_a_block(file: FanFile) -> None:
    """As if so many events of others had come that the next one is in another block."""
    last = file.connection.execute(select(func.max(tables.event.c.seq))).scalar() or 0
    seq = ((last >> tables.EVENT_BLOCK_BITS) + 1) << tables.EVENT_BLOCK_BITS
    values = {"platform": "douyin", "event_id": f"other{seq}", "type": "shipped", "at": T0, "received_at": T0, "room": "r1"}
    file.connection.execute(insert(tables.event).values(seq=seq, payload='{"order":"other"}', **values))


def told(file: FanFile, *, in_blocks: bool) -> list[str]:
    for event in STORY:
        file.take(event)
        if in_blocks:
            begin_a_block(file)
    return file.export()


def test_what_comes_late_is_told_again_from_all_blocks(kind):
    with closing(FanFile()) as file:
        expected = told(file, in_blocks=False)
    with closing(FanFile()) as file:
        assert told(file, in_blocks=True) == expected
        assert file.person("u1").gifts_minor == 30
        mine = select(tables.event.c.event_id).where(of_accounts(file.connection, [1])).order_by(tables.event.c.seq)
        assert list(file.connection.execute(mine).scalars()) == ["e1", "e2", "e3", "e7", "e8", "e9", "e10"]


def test_an_account_s_events_are_found_by_the_index(file):
    if file.connection.dialect.name == "postgresql":
        file.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    told(file, in_blocks=True)
    query = select(tables.event.c.at).where(of_accounts(file.connection, [1, 2]), tables.event.c.at >= T0)
    words = query.compile(file.connection, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN" if file.connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    assert "ix_event_block" in str(file.connection.execute(text(f"{explain} {words}")).all())


def test_a_rebuild_says_the_same_of_a_ledger_in_blocks(file):
    told(file, in_blocks=True)
    before = file.export()
    fan_archive.rebuild(file.connection, file.store)
    # The orders that the others were shipped are nobody's: no line of a fan, and no figure.
    assert file.export() == before
