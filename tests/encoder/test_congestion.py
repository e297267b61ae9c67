"""Which packets go when the network can't take them, when to try again, and who goes first."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from encoder.congestion import QUEUE_LIMIT_MS, SendQueue
from encoder.interleave import Interleaver
from encoder.retry import RetryWaits
from studio.model.frames import EncodedPacket

MS = Fraction(1, 1000)


def _packet(kind, at_ms, *, is_keyframe=False, stamp_ms=None):
    return EncodedPacket(
        kind, b"x", at_ms, at_ms, 1, MS, is_keyframe or kind == "audio", round((at_ms if stamp_ms is None else stamp_ms) * 1e6)
    )


def _show(begin_ms, end_ms, keyframe_ms=1000):
    """33 ms pictures with keyframes, 21 ms sounds, in order."""
    pictures = [_packet("video", at, is_keyframe=at // 33 * 33 == at and at % keyframe_ms < 33) for at in range(begin_ms, end_ms, 33)]
    sounds = [_packet("audio", at) for at in range(begin_ms, end_ms, 21)]
    return sorted(pictures + sounds, key=lambda packet: packet.dts)


def _taken(queue):
    packets = []
    while (packet := queue.take()) is not None:
        packets.append(packet)
    return packets


def test_a_network_that_takes_all_loses_nothing():
    queue = SendQueue()
    queue.connect()
    show = _show(0, 3000)
    sent = []
    for packet in show:
        queue.add(packet)
        sent += _taken(queue)
    assert sent == show
    assert (queue.dropped, queue.missed) == (0, 0)


def test_over_700_ms_pictures_go_up_to_the_next_keyframe_never_sound_never_a_keyframe():
    queue = SendQueue()
    queue.connect()
    show = _show(0, 1980)
    for packet in show:
        queue.add(packet)
    left = _taken(queue)
    assert [p for p in left if p.kind == "audio"] == [p for p in show if p.kind == "audio"]
    keyframes = [p for p in show if p.kind == "video" and p.is_keyframe]
    assert len(keyframes) == 2
    assert [p for p in left if p.kind == "video" and p.is_keyframe] == keyframes
    pictures = sum(p.kind == "video" for p in show)
    assert queue.dropped == pictures - sum(p.kind == "video" for p in left)
    assert queue.dropped > 0


def test_after_a_drop_the_next_picture_that_goes_is_a_keyframe():
    queue = SendQueue()
    queue.connect()
    show = _show(0, 2500)
    sent = []
    for packet in show:
        queue.add(packet)
        if packet.dts > 900:
            sent += _taken(queue)
    pictures = [p for p in sent if p.kind == "video"]
    numbers = [p.dts // 33 for p in pictures]
    for place in range(1, len(numbers)):
        assert numbers[place] == numbers[place - 1] + 1 or pictures[place].is_keyframe
    assert queue.dropped + len(pictures) == sum(p.kind == "video" for p in show)


def test_what_waits_in_the_socket_counts_too():
    queue = SendQueue()
    queue.connect()
    for packet in _show(0, 400):
        queue.add(packet, unsent_ms=200)
    assert queue.dropped == 0
    queue.add(_packet("video", 429), unsent_ms=QUEUE_LIMIT_MS)
    assert queue.dropped > 0


def test_sound_and_keyframes_alone_over_two_seconds_are_hopeless():
    queue = SendQueue()
    queue.connect()
    for packet in _show(0, 1990):
        queue.add(packet)
    assert not queue.is_hopeless
    for packet in _show(2013, 2100):
        queue.add(packet)
    assert queue.is_hopeless


def test_not_connected_only_the_newest_keyframe_and_700_ms_after_it_are_held():
    queue = SendQueue()
    show = _show(0, 1500)
    for packet in show:
        queue.add(packet)
    held = sum(p.kind == "video" for p in show) - queue.missed
    queue.connect()
    left = _taken(queue)
    assert left[0].is_keyframe
    assert left[0].dts == 1023
    assert sum(p.kind == "video" for p in left) == held
    assert queue.dropped == 0


def test_not_connected_for_long_nothing_is_held_and_all_is_missed():
    queue = SendQueue()
    show = _show(0, 3000, keyframe_ms=10_000)
    for packet in show:
        queue.add(packet)
    assert len(queue) == 0
    assert queue.missed == sum(p.kind == "video" for p in show)
    queue.connect()
    queue.add(_packet("video", 3003))
    queue.add(_packet("audio", 3004))
    assert len(queue) == 0, "a session begins with a keyframe"
    queue.add(_packet("video", 3036, is_keyframe=True))
    assert len(queue) == 1


def test_what_waited_when_a_connection_broke_is_missed_not_sent_later():
    queue = SendQueue()
    queue.connect()
    for packet in _show(0, 300):
        queue.add(packet)
    queue.disconnect()
    assert len(queue) == 0
    assert queue.missed == 10
    assert queue.dropped == 0


@given(st.lists(st.tuples(st.sampled_from(["audio", "video", "key", "take", "connect", "disconnect"]), st.integers(1, 400)), max_size=120))
def test_whatever_happens_each_picture_is_sent_dropped_missed_or_waiting(steps):
    queue, at, put, sent, is_connected = SendQueue(), 0, 0, 0, False
    for step, forward in steps:
        if step == "take":
            packet = queue.take() if is_connected else None
            sent += packet is not None and packet.kind == "video"
        elif step in {"connect", "disconnect"}:
            if is_connected != (step == "connect"):
                is_connected = not is_connected
                getattr(queue, step)()
        else:
            at += forward
            put += step != "audio"
            queue.add(_packet("audio" if step == "audio" else "video", at, is_keyframe=step == "key"))
    queue.disconnect()
    assert put == sent + queue.dropped + queue.missed


def test_waits_are_half_a_second_then_a_second_for_half_a_minute_then_two_and_four():
    waits = RetryWaits()
    assert waits.after_loss() == 0.5
    rest = [waits.after_loss() for _ in range(60)]
    soon = [wait for wait in rest if wait < 1.3]
    assert all(0.8 <= wait <= 1.2 for wait in soon)
    assert 29 <= sum(soon) <= 32
    assert 1.6 <= rest[len(soon)] <= 2.4
    assert all(3.2 <= wait <= 4.0 for wait in rest[len(soon) + 1 :])
    waits.reset()
    assert waits.after_loss() == 0.5


def test_an_attempt_that_took_its_time_is_part_of_the_turn():
    waits = RetryWaits()
    waits.after_loss()
    assert all(0.2 <= waits.after_loss(tried_s=0.8) <= 0.41 for _ in range(25))
    assert waits.after_loss(tried_s=5.0) == 0.2


def test_a_name_that_is_still_held_is_asked_for_every_second_however_long_ago_the_loss_was():
    waits = RetryWaits()
    for _ in range(60):
        waits.after_loss()
    assert all(0.8 <= waits.after_ghost() <= 1.2 for _ in range(20))


def test_refusals_are_tried_again_ever_more_slowly():
    waits = RetryWaits()
    assert [waits.after_refusal() for _ in range(6)] == [2, 5, 10, 15, 15, 15]


def _merged(packets, steps, skew_ms=0.0):
    """Packets put at their stamps, taken each `steps` ms."""
    merger, out, at = Interleaver(skew_ms), [], 0
    waiting = sorted(packets, key=lambda packet: packet.stamp_ns)
    while waiting or at < 8000:
        while waiting and waiting[0].stamp_ns <= at * 1e6:
            merger.put(waiting.pop(0))
        out += [(packet, at) for packet in merger.take(round(at * 1e6))]
        at += steps
    return out


def test_two_streams_become_one_in_order_without_waiting_longer_than_needed():
    show = _show(0, 2000)
    out = _merged(show, 5)
    assert [packet for packet, _ in out][:-2] == sorted(show, key=lambda p: (p.dts, p.kind == "audio"))[:-2]
    assert max(at - packet.stamp_ns / 1e6 for packet, at in out[:-5]) <= 40


def test_pictures_that_lag_behind_by_lookahead_are_waited_for():
    late = [_packet(p.kind, p.dts, is_keyframe=p.is_keyframe, stamp_ms=p.dts + (900 if p.kind == "video" else 0)) for p in _show(0, 3000)]
    order = [packet.dts for packet, _ in _merged(late, 5)]
    assert order == sorted(order)


def test_a_stream_that_stays_away_is_waited_for_half_a_second():
    pictures = [packet for packet in _show(0, 1500) if packet.kind == "video"]
    waits = [at - packet.stamp_ns / 1e6 for packet, at in _merged(pictures, 5)]
    assert all(490 <= wait <= 510 for wait in waits)
    sounds = [packet for packet in _show(0, 3000) if packet.kind == "audio" or packet.dts < 1000]
    out = _merged(sounds, 5)
    assert max(at - packet.stamp_ns / 1e6 for packet, at in out) <= 540


def _with_sound_late(lag_ms, end_ms=3000):
    return [
        _packet(p.kind, p.dts, is_keyframe=p.is_keyframe, stamp_ms=p.dts + (lag_ms if p.kind == "audio" else 0)) for p in _show(0, end_ms)
    ]


def test_what_is_live_does_not_wait_for_sound_that_is_a_little_behind():
    out = _merged(_with_sound_late(120), 5, skew_ms=250)
    begun = [(packet, at) for packet, at in out if packet.dts > 600]
    assert max(at - packet.stamp_ns / 1e6 for packet, at in begun) <= 5


def test_picture_and_sound_are_never_further_apart_than_the_skew_and_each_rises():
    for lag_ms in (120, 240, 400):
        newest = {"video": 0, "audio": 0}
        for packet, _ in _merged(_with_sound_late(lag_ms), 5, skew_ms=250)[:-20]:
            assert packet.dts >= newest[packet.kind]
            newest[packet.kind] = packet.dts
            assert packet.dts < 100 or abs(newest["video"] - newest["audio"]) <= 250 + 34


def test_sound_waits_for_the_first_picture():
    packets = [_packet("audio", at) for at in range(0, 1500, 21)] + [_packet("video", 0, is_keyframe=True, stamp_ms=1300)]
    out = [packet for packet, _ in _merged(packets, 5)]
    assert out[0].kind == "video"


def test_the_rest_comes_out_in_order():
    merger = Interleaver()
    for packet in (_packet("video", 5), _packet("audio", 3), _packet("video", 9)):
        merger.put(packet)
    assert [packet.dts for packet in merger.drain()] == [3, 5, 9]
    assert merger.drain() == []
