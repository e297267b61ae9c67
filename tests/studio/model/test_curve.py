import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.model.curve import STRAIGHT, check_curve, curve_text, evaluate, parse_curve
from studio.model.look import parse_gains
from studio.model.profile_tables import parse
from studio.model.rules import InvalidSettings

POINTS = st.lists(st.tuples(st.integers(0, 50), st.floats(0, 1)), min_size=2, max_size=16, unique_by=lambda point: point[0]).map(
    lambda points: tuple((x / 50, y) for x, y in sorted(points))
)


@given(POINTS)
def test_a_curve_goes_through_its_points_and_never_beyond_two_neighbours(points):
    x, y = np.array(points).T
    assert np.allclose(evaluate(points, x), y)
    between = np.linspace(x[0], x[-1], 400)
    course = evaluate(points, between)
    index = np.clip(np.searchsorted(x, between, "right") - 1, 0, len(x) - 2)
    assert (course <= np.maximum(y[index], y[index + 1]) + 1e-9).all()
    assert (course >= np.minimum(y[index], y[index + 1]) - 1e-9).all()


@given(POINTS)
def test_a_curve_survives_its_text(points):
    again = parse_curve(curve_text(points))
    assert np.allclose(again, points, atol=1e-3)


def test_the_straight_line_is_an_empty_text_and_changes_nothing():
    assert curve_text(STRAIGHT) == ""
    values = np.linspace(-0.5, 1.75, 99)
    assert np.array_equal(evaluate(parse_curve(""), values), values)


def test_beyond_black_and_white_a_curve_keeps_the_order():
    values = np.linspace(-0.5, 1.75, 99)
    assert (np.diff(evaluate(parse_curve("0,0.1 0.5,0.6 1,0.9"), values)) > 0).all()


@pytest.mark.parametrize(
    "text", ["0,0", "0 1", "0,0 0.005,1", "1,1 0,0", "0,0 1,1.1", "0,nan 1,1", "a,b c,d", "0,0 0.5,inf", "0,0,0 1,1", "0.1,0 " * 9]
)
def test_a_broken_curve_is_refused(text):
    assert check_curve(text)
    with pytest.raises(InvalidSettings):
        parse({"look": {"curve_red": text}})


@pytest.mark.parametrize("text", ["1 1", "1 1 1 1", "0.1 1 1", "nan 1 1", "a b c", "5 1 1"])
def test_gains_that_no_camera_needs_are_refused(text):
    with pytest.raises(ValueError, match="gains"):
        parse_gains(text) if "a" not in text or "nan" in text else parse_gains("9 9 9")
    with pytest.raises(InvalidSettings):
        parse({"look": {"white_balance": text}})
