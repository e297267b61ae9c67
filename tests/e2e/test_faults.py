"""Each row of the fault table once, with thrice the time: `make faults` measures, and runs them as often as the table says."""

import pytest

from benchmarks.faults.rows import ROWS


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.timeout(400)
def test_a_fault_costs_only_itself_and_is_over_soon(name, tmp_path):
    if reason := ROWS[name].why_not():
        pytest.skip(reason)
    figures = ROWS[name].run(tmp_path, 1, 3.0)
    missed = [f"{figure.name}: {figure.value} {figure.unit}, {figure.bound}" for figure in figures if figure.is_met is False]
    assert figures
    assert missed == []
