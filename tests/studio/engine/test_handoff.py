import threading

from studio.engine.handoff import Fifo, Latest


def test_the_newest_item_replaces_the_old_one_and_is_counted():
    handoff = Latest()
    handoff.put("old")
    handoff.put("new")
    assert handoff.take() == "new"
    assert handoff.take() is None
    assert (handoff.overwritten, handoff.total) == (1, 2)


def test_a_waiting_taker_gets_what_another_thread_puts():
    handoff = Latest()
    taken = []
    taker = threading.Thread(target=lambda: taken.append(handoff.take(30)))
    taker.start()
    handoff.put("frame")
    taker.join(30)
    assert taken == ["frame"]


def test_closing_wakes_a_waiting_taker_at_once():
    handoff = Latest()
    taker = threading.Thread(target=lambda: handoff.take(120))
    taker.start()
    handoff.close()
    taker.join(30)
    assert not taker.is_alive()


def test_a_full_queue_refuses_the_newest():
    queue = Fifo(2)
    assert [queue.put(number) for number in range(3)] == [True, True, False]
    assert [queue.take(), queue.take(), queue.take()] == [0, 1, None]
    assert queue.lost == 1


def test_a_queue_that_drops_the_oldest_keeps_the_newest():
    queue = Fifo(2, drops_oldest=True)
    assert all(queue.put(number) for number in range(5))
    assert [queue.take(), queue.take()] == [3, 4]
    assert queue.lost == 3


def test_what_was_queued_before_the_close_still_comes():
    queue = Fifo(4)
    queue.put("last")
    queue.close()
    assert not queue.put("too late")
    assert not queue.is_drained
    assert queue.take(1) == "last"
    assert queue.is_drained
    assert queue.take(10) is None
