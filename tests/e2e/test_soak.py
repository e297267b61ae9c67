"""A minute of a show: nothing is left behind by time passing. `make soak` does two hours of it."""

import pytest

from benchmarks.soak import soak


@pytest.mark.timeout(300)
def test_a_minute_on_air_leaves_no_thread_handle_or_process_behind(tmp_path):
    soaked = soak(tmp_path, 60, width=640, height=360)
    assert soaked.encoded > 0.8 * 30 * 29
    assert soaked.growth("threads") <= 0
    assert soaked.growth("handles") <= 0
    assert soaked.growth("processes") <= 0
    assert soaked.growth("memory_mb") <= 25, (
        "what an allocator and late libraries take in a first minute; one frame kept in a hundred would be 30"
    )
    assert soaked.connects == 1
