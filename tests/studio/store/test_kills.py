"""kill -9 in the middle of ingest; `make faults` does it a hundred times."""

from tests.studio.store.kills import is_what_a_rebuild_says, kill_again_and_again


async def test_killed_during_ingest_nothing_acknowledged_is_lost_and_nothing_is_counted_twice(store_url):
    outcome = await kill_again_and_again(store_url, 3)
    assert (outcome.lost, outcome.wrong) == (0, 0)
    assert outcome.stored >= outcome.acknowledged > 0
    assert await is_what_a_rebuild_says(store_url)
