import random
import tracemalloc

from studio.model.readings import Readings


def test_percentiles_are_of_the_readings():
    readings = Readings()
    for value in range(1, 101):
        readings.add(value)
    assert (readings.percentile(50), readings.percentile(95), readings.max) == (51, 96, 100)


def test_nothing_read_is_nothing_told():
    assert Readings().percentile(99) == 0


def test_a_percentile_is_within_a_percent_of_the_one_that_sorting_finds_whatever_the_readings_are():
    random.seed(4)
    for spread in (0.05, 0.5, 2.0):
        readings, all_of_them = Readings(), [random.lognormvariate(0, spread) for _ in range(5_000)]
        for value in all_of_them:
            readings.add(value)
        for percent in (0, 50, 95, 99, 100):
            told = sorted(all_of_them)[min(4_999, 5_000 * percent // 100)]
            assert abs(readings.percentile(percent) - told) <= 0.01 * told + 0.001


def test_the_oldest_give_way_but_the_greatest_and_the_count_stay():
    readings = Readings()
    readings.add(500.0)
    for _ in range(20_000):
        readings.add(2.0)
    assert (readings.percentile(100), readings.max, readings.count, readings.total_ms) == (2.0, 500.0, 20_001, 40_500.0)


def test_nought_and_what_is_beyond_all_measure_are_readings_too():
    readings = Readings()
    for value in (0.0, 0.0, 1e9):
        readings.add(value)
    assert (readings.percentile(50), readings.percentile(99)) == (0.0, 1e9)


def test_readings_that_come_take_no_memory_as_a_leak_would():
    random.seed(5)
    readings = Readings()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(20_000):
            readings.add(random.lognormvariate(0, 0.5))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 1_000
