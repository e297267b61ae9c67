"""Merges, splits and undos between any events: nothing is lost, nothing is counted twice, and a way back leads back."""

from fan_file import T0, FanFile, on_both
from hypothesis import strategies as st
from sqlalchemy import func, select
from test_any_order import FANS, histories

from studio.errors import KnownError
from studio.store import fan_archive, links, points_back, redeem, tables
from studio.store.links import Asked

ASKED = Asked("host", T0)
ACCOUNTS = [("douyin", fan) for fan in FANS]
STEPS = st.lists(
    st.tuples(
        st.integers(0, 25), st.sampled_from(("merge", "merge", "split", "undo", "redeem", "back")), st.integers(0, 2), st.integers(0, 2)
    ),
    max_size=8,
)


def step(file, kind, first, second, number) -> None:
    """One step as somebody might ask for it; what can't be is refused and changes nothing."""
    one, other = ACCOUNTS[first], ACCOUNTS[second]
    try:
        if kind == "merge":
            links.merge(file.connection, file.store, one, other, ASKED)
        elif kind == "split":
            links.split(file.connection, file.store, [one], ASKED)
        elif kind == "undo":
            links.undo(file.connection, file.store, second + 1, ASKED)
        elif kind == "back":
            by_hand = select(tables.points.c.seq).where(tables.points.c.kind == "redeem").order_by(tables.points.c.seq)
            for row in file.connection.execute(by_hand.offset(second).limit(1)).scalars().all():
                points_back.take_back(file.connection, points_back.Back(*one, row), file.moment())
        else:
            redeem.redeem(file.connection, redeem.Wish(*one, f"click{number}", "ticket", 1 + second), file.moment())
    except KnownError:
        return


def play(file, received, steps) -> None:
    """The events one by one, with the steps between them."""
    due = sorted(enumerate(steps), key=lambda one: one[1][0])
    for place, event in enumerate([*received, None]):
        while due and (due[0][1][0] <= place or event is None):
            number, (_, kind, first, second) = due.pop(0)
            step(file, kind, first, second, number)
        if event is not None:
            file.receive(event)


def part(file) -> None:
    """Split until everybody is alone."""
    for account in ACCOUNTS:
        try:
            links.split(file.connection, file.store, [account], ASKED)
        except KnownError:
            continue


def ledger(file) -> dict:
    """The sums that no merge may change."""
    counted = file.connection.execute(
        select(func.sum(tables.spend.c.counted_minor)).where(tables.spend.c.identity_id.is_not(None))
    ).scalar_one()
    query = select(func.sum(tables.person.c.spent_minor), func.sum(tables.person.c.gifts_minor), func.sum(tables.person.c.adjusted_points))
    spent, gifts, adjusted = file.connection.execute(query).one()
    stays = tables.points.c.kind.not_in(tables.REMADE_POINTS)
    by_hand = file.connection.execute(select(func.sum(tables.points.c.delta)).where(stays)).scalar()
    assert (spent or 0) == (counted or 0)
    assert (adjusted or 0) == (by_hand or 0)
    return {"spent": spent, "gifts": gifts, "adjusted": adjusted}


def booked(file) -> dict:
    query = (
        select(tables.identity.c.person_id, func.sum(tables.points.c.delta))
        .join(tables.identity, tables.identity.c.identity_id == tables.points.c.identity_id)
        .group_by(tables.identity.c.person_id)
    )
    return {row[0]: row[1] for row in file.connection.execute(query) if row[1]}


def shown(file) -> dict:
    return {row.person_id: row.points for row in file.connection.execute(select(tables.person)) if row.points}


@on_both(60, histories(), STEPS)
def test_when_accounts_are_merged_makes_no_difference(received, steps):
    """Merged before, between or after the events: the same file, which is also what a rebuild makes of the ledger."""
    file = FanFile()
    play(file, received, steps)
    told = file.export()
    ledger(file)
    assert booked(file) == shown(file)
    redeemed = by_hand(file)
    partition = {row.identity_id: row.person_id for row in file.connection.execute(select(tables.identity))}
    fan_archive.rebuild(file.connection, file.store)
    assert file.export() == told
    assert booked(file) == shown(file)
    file.close()
    file = FanFile()
    play(file, received, [])
    give(file, redeemed)
    accounts = {row.identity_id: (row.platform, row.fan_id) for row in file.connection.execute(select(tables.identity))}
    for number, person in partition.items():
        if number != person:
            links.merge(file.connection, file.store, accounts[number], accounts[person], ASKED)
    assert file.export() == told
    file.close()


@on_both(60, histories(), STEPS)
def test_split_again_everything_is_as_if_nothing_had_been_merged(received, steps):
    """Byte for byte, with the points that were redeemed on their own accounts; and no sum has moved on the way."""
    file = FanFile()
    play(file, received, steps)
    totals = ledger(file)
    part(file)
    assert ledger(file) == totals
    assert booked(file) == shown(file)
    told, redeemed = file.export(), by_hand(file)
    file.close()
    file = FanFile()
    play(file, received, [])
    give(file, redeemed)
    assert file.export() == told
    file.close()


def by_hand(file) -> list:
    return [tuple(row)[1:] for row in file.connection.execute(select(tables.points)) if row.kind not in tables.REMADE_POINTS]


def give(file, rows) -> None:
    """Redeemed by the accounts that redeemed, and the figures made to fit."""
    for row in rows:
        file.connection.execute(tables.points.insert().values(dict(zip(tables.points.c.keys()[1:], row, strict=True))))
    fan_archive.rebuild(file.connection, file.store)
