"""Growth layers and segments: the contract's boundaries, and the numbers behind them."""

from hypothesis import given
from hypothesis import strategies as st

from studio.model import segments
from studio.model.day_set import DaySet
from studio.model.segments import DAY_MS, Activity, Reason

MINUTE_MS = 60_000


def test_growth_layers_look_back_over_their_windows():
    def layer(days, orders):
        return segments.layer_of(DaySet.of(days), orders, today=200)

    assert layer([200, 190], 9) == "new"
    assert layer([200, 190, 171], 0) == "active"
    assert layer([200, 190, 170], 0) == "new", "the 31st day is outside"
    assert layer(range(141, 149), 1) == "core"
    assert layer(range(141, 149), 0) == "new"
    assert layer(range(81, 101), 3) == "devoted"
    assert layer(range(80, 100), 3) == "new"
    assert layer(range(181, 201), 2) == "core"


def activity(**changes) -> Activity:
    values = {
        "first_seen_ms": 0, "last_active_ms": 99 * DAY_MS, "orders": 0, "spent_minor": 0, "promo_orders": 0,
        "last_order_ms": None, "watched_ms": 0, "chats": 0,
    }  # fmt: skip
    return Activity(**{**values, **changes})


def test_the_first_segment_that_holds_is_the_one():
    def segment(**changes):
        return segments.segment_of(activity(**changes), 100 * DAY_MS)[0]

    assert segment() == "other"
    assert segment(last_active_ms=70 * DAY_MS, orders=3, spent_minor=9_999_99, chats=50) == "silent"
    assert segment(last_active_ms=70 * DAY_MS + 1) == "other"
    assert segment(first_seen_ms=71 * DAY_MS, last_active_ms=71 * DAY_MS) == "other", "not known for 30 days yet"
    assert segment(orders=3, spent_minor=2000_00, chats=20, promo_orders=3) == "loyal"
    assert segment(orders=3, spent_minor=2000_00, watched_ms=60 * MINUTE_MS) == "loyal"
    assert segment(orders=3, spent_minor=2000_00, chats=19) == "other"
    assert segment(orders=5, spent_minor=1, promo_orders=4) == "price_sensitive"
    assert segment(orders=5, spent_minor=1, promo_orders=3) == "other"
    assert segment(orders=1, spent_minor=200_00, last_order_ms=40 * DAY_MS) == "first_purchase"
    assert segment(orders=1, spent_minor=200_00, last_order_ms=40 * DAY_MS - 1) == "other"
    assert segment(orders=1, spent_minor=199_99, last_order_ms=99 * DAY_MS) == "other"


@given(
    st.builds(
        activity, orders=st.integers(0, 6), spent_minor=st.integers(0, 300_000), promo_orders=st.integers(0, 6), chats=st.integers(0, 30)
    )
)
def test_everybody_has_exactly_one_segment_with_reasons(fan):
    segment, reasons = segments.segment_of(fan, 100 * DAY_MS)
    assert segment in segments.SEGMENT_NAMES
    assert reasons


def test_a_layer_says_how_often_somebody_came_within_its_window():
    visits = DaySet.of(range(181, 201))
    assert segments.layer_reasons(visits, 3, 200) == (Reason("layer.visits_120", 20), Reason("segment.orders", 3))
    assert segments.layer_reasons(visits, 0, 200) == (Reason("layer.visits_30", 20),)
    assert segments.layer_reasons(DaySet.of([100]), 0, 200) == (Reason("layer.visits_30", 0),)
