"""A fan's place by net spend: what a sort of everybody says, whatever happened to them."""

from contextlib import closing
from dataclasses import replace

from fan_file import T0, FanFile, on_both
from hypothesis import strategies as st
from sqlalchemy import select

from studio.model.loyalty import Rules
from studio.store import fan_archive, links, spend_rank, tables
from studio.store.erase import erase
from studio.store.links import Asked

AMOUNTS = st.one_of(
    st.integers(0, 600), st.integers(0, 1 << 20), st.integers(0, (1 << 62) - 1), st.sampled_from((1, 255, 256, 65_535, 65_536))
)
FANS = ("u1", "u2", "u3", "u4", "u5")


def by_sort(amounts, amount) -> int:
    ordered = sorted(amounts, reverse=True)
    return ordered.index(amount) + 1


def counts(file) -> list[tuple[int, ...]]:
    return [
        tuple(row)
        for row in file.connection.execute(select(tables.spend_count).order_by(tables.spend_count.c.shift, tables.spend_count.c.bucket))
    ]


@on_both(150, st.lists(st.lists(AMOUNTS, min_size=1, max_size=4), min_size=1, max_size=30), st.integers(1, 9))
def test_a_place_is_that_of_a_sort_however_the_amounts_came_about(lives, size):
    """Each list is what one fan had spent, one amount after another."""
    with closing(FanFile()) as file:
        now = [0] * len(lives)
        for step in range(max(map(len, lives))):
            changed = [(fan, life[step]) for fan, life in enumerate(lives) if step < len(life)]
            for start in range(0, len(changed), size):
                some = changed[start : start + size]
                spend_rank.move(file.connection, [(now[fan], amount) for fan, amount in some])
                for fan, amount in some:
                    now[fan] = amount
        assert [spend_rank.place_of(file.connection, amount) for amount in now] == [by_sort(now, amount) for amount in now]
        assert min(fans for *_, fans in counts(file)) > 0 if any(now) else not counts(file)


@st.composite
def months(draw):
    """Orders and refunds of five fans, staff among them, then a merge or an erasure."""
    orders = draw(st.lists(st.tuples(st.sampled_from(FANS), st.integers(0, 5).map(lambda n: n * 256_00)), min_size=1, max_size=12))
    refunds = draw(st.lists(st.tuples(st.integers(0, 11), st.integers(1, 1_500_00)), max_size=4))
    return (
        orders,
        refunds,
        draw(st.sampled_from((frozenset(), frozenset({("douyin", "u1")})))),
        draw(st.sampled_from(("", "merge", "undo", "erase"))),
    )


@on_both(60, months())
def test_ranks_follow_orders_refunds_staff_merges_and_erasure_and_a_rebuild_makes_the_same_rows(month):
    orders, refunds, staff, afterwards = month
    file = FanFile(Rules())
    file.take(*(file.event("enter", fan) for fan in FANS))
    for number, (fan, amount) in enumerate(orders):
        file.take(file.event("order", fan, number, order=f"o{number}", amount_minor=amount))
    for number, amount in refunds:
        file.take(file.event("refund", "", 30 + number, order=f"o{number}", amount_minor=amount))
    if staff:
        file.change_rules(replace(Rules(), staff=staff))
    if afterwards in {"merge", "undo"}:
        merged = links.merge(file.connection, file.store, ("douyin", "u2"), ("douyin", "u3"), Asked("host", T0))
        if afterwards == "undo":
            links.undo(file.connection, file.store, merged.seq, Asked("host", T0))
    elif afterwards == "erase":
        erase(file.connection, file.store, ("douyin", "u2"))
    assert_ranks(file)
    before = counts(file)
    fan_archive.rebuild(file.connection, file.store)
    assert counts(file) == before
    assert_ranks(file)
    file.close()


def assert_ranks(file) -> None:
    details = {fan: file.detail(fan) for fan in FANS}
    spent = {one.person.person_id: one.person.spent_minor for one in details.values() if one and not one.person.is_staff}
    for one in filter(None, details.values()):
        assert one.rank == (None if one.person.is_staff else by_sort(spent.values(), one.person.spent_minor))
