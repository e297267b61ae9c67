"""The CDNOW orders, as everybody in the field checks them: data of the `lifetimes` package (MIT), whose code is never imported."""

import csv
import json
from datetime import date
from decimal import Decimal, localcontext
from importlib.metadata import files

import numpy as np
import pytest

from studio.analysis import answers, fit
from studio.analysis.forecast import Buyers
from studio.errors import Conflict
from studio.model import bgnbd
from studio.model.bgnbd import Habits, expected_purchases
from studio.model.repurchase import buying_of

pytest.importorskip("scipy")
END = date(1997, 9, 30).toordinal()
PUBLISHED = Habits(0.243, 4.414, 0.793, 2.426)


def data(name: str) -> str:
    [found] = [path for path in files("lifetimes") or () if path.name == name]
    return found.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def summary():
    """{customer: (frequency, recency, age)} in weeks, as shipped."""
    rows = csv.DictReader(data("cdnow_customers_summary.csv").splitlines())
    return {int(row["ID"]): (int(row["frequency"]), float(row["recency"]), float(row["T"])) for row in rows}


@pytest.fixture(scope="module")
def buyings():
    """{customer: Buying} from the raw orders of the first 39 weeks."""
    days = {}
    for line in data("CDNOW_sample.txt").splitlines():
        _, customer, day, _, _ = line.split()
        ordinal = date(int(day[:4]), int(day[4:6]), int(day[6:])).toordinal()
        if ordinal <= END:
            days.setdefault(int(customer), set()).add(ordinal)
    return {customer: buying_of(sorted(some), END) for customer, some in days.items()}


@pytest.fixture(scope="module")
def columns(buyings):
    rows = np.array([(one.frequency, one.recency / 7, one.age / 7) for one in buyings.values()], np.float64)
    return rows.T


def test_frequency_recency_and_age_of_all_customers_are_the_published_ones(buyings, summary):
    assert len(buyings) == 2_357
    ours = {customer: (one.frequency, round(one.recency / 7, 2), round(one.age / 7, 2)) for customer, one in buyings.items()}
    assert ours == summary


def test_the_parameters_are_the_published_ones_to_three_digits(columns):
    habits, likelihood = fit.fit(*columns)
    assert [round(value, 3) for value in (habits.r, habits.alpha, habits.a, habits.b)] == [0.243, 4.414, 0.793, 2.426]
    assert likelihood == pytest.approx(-9582.4, abs=0.1)


def test_what_is_expected_of_a_customer_is_the_published_figure(columns):
    """Customer 1 of the sample, 39 weeks on: 1.226 in Fader and Hardie's own spreadsheet."""
    one = [np.array([value]) for value in (2.0, 30.43, 38.86)]
    assert expected_purchases(PUBLISHED, *one, 39.0)[0] == pytest.approx(1.226, abs=0.001)


@pytest.mark.parametrize("habits", [PUBLISHED, Habits(0.5, 10.0, 1.0, 3.0), Habits(3.0, 2.0, 4.0, 0.7), Habits(0.1, 0.5, 0.2, 9.0)])
@pytest.mark.parametrize("within", [1.0, 13.0, 500.0])
def test_the_series_agrees_with_scipy_over_the_whole_sample(columns, habits, within):
    from scipy.special import hyp2f1

    x, recency, age = columns
    r, alpha, b = habits.r, habits.alpha, habits.b
    a = habits.a if habits.a != 1 else 1 + 1e-6
    z = within / (alpha + age + within)
    series = hyp2f1(r + x, b + x, a + b + x - 1, z)
    gone = np.where(x > 0, a / np.where(x > 0, b + x - 1, 1) * ((alpha + age) / (alpha + recency)) ** (r + x), 0)
    theirs = (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / (alpha + age + within)) ** (r + x) * series) / (1 + gone)
    ours = expected_purchases(habits, x, recency, age, within)
    assert np.allclose(ours, theirs, rtol=1e-6, atol=1e-7)
    assert (ours >= 0).all()


def test_the_unit_of_time_changes_nothing_but_alpha(columns):
    x, recency, age = columns
    weeks, likelihood = fit.fit(x, recency, age)
    days, other = fit.fit(x, recency * 7, age * 7)
    assert days.alpha == pytest.approx(7 * weeks.alpha, rel=1e-3)
    assert (days.r, days.a, days.b) == pytest.approx((weeks.r, weeks.a, weeks.b), rel=1e-3)
    assert other == pytest.approx(likelihood - x.sum() * np.log(7), abs=0.01)


def test_too_few_buyers_are_refused(columns):
    x, recency, age = columns
    with pytest.raises(Conflict) as refused:
        fit.fit(x[:40], recency[:40], age[:40])
    assert refused.value.code == "analysis.few_buyers"
    with pytest.raises(Conflict):
        fit.fit(np.zeros(500), np.zeros(500), np.ones(500))


def test_without_scipy_it_is_said(monkeypatch, columns):
    monkeypatch.setattr(fit, "is_installed", lambda: False)
    with pytest.raises(Conflict) as refused:
        fit.fit(*columns)
    assert refused.value.code == "analysis.no_scipy"


NEARLY_ONE_CHANCE = Habits(0.0067, 8.18, 1069.0, 8103.0)
"""As fitted to three thousand members of a shop's list of whom a few came back: a and b run to their bounds."""


def _by_hand(habits: Habits, x: int, recency: int, age: int, within: int) -> float:
    """Equation (10) term by term in sixty digits."""
    with localcontext() as context:
        context.prec = 60
        r, alpha, a, b = (Decimal(value) for value in (habits.r, habits.alpha, habits.a, habits.b))
        z = within / (alpha + age + within)
        term = total = Decimal(1)
        for n in range(4_000):
            term = term * (r + x + n) * (b + x + n) / ((a + b + x - 1 + n) * (n + 1)) * z
            total += term
        bought = (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / (alpha + age + within)) ** (r + x) * total)
        gone = a / (b + x - 1) * ((alpha + age) / (alpha + recency)) ** (r + x) if x else 0
        return float(bought / (1 + gone))


@pytest.mark.parametrize("habits", [NEARLY_ONE_CHANCE, Habits(5.0, 10.0, 25.0, 3.0), Habits(50.0, 100.0, 2.0, 3.0), PUBLISHED])
@pytest.mark.parametrize(("x", "recency", "age"), [(0, 0, 0), (0, 0, 100), (1, 5, 100), (5, 90, 100), (60, 300, 365)])
@pytest.mark.parametrize("within", [1, 90])
def test_habits_of_nearly_one_chance_are_no_trouble(habits, x, recency, age, within):
    one = [np.array([float(value)]) for value in (x, recency, age)]
    ours = expected_purchases(habits, *one, float(within))[0]
    assert ours == pytest.approx(_by_hand(habits, x, recency, age, within), rel=1e-6)


def test_what_no_series_tells_is_no_forecast_rather_than_no_number(monkeypatch):
    buyers = Buyers()
    for person in range(200):
        buyers.add(person, [0, 30][: 1 + person % 2], 100)
    monkeypatch.setattr(bgnbd, "_MAX_TERMS", 1)
    found = buyers.forecast()
    assert (found.habits, found.code) == (None, "analysis.no_fit")
    told = json.dumps(answers.forecast(found, "en"), allow_nan=False)
    assert "NaN" not in told
