"""The last stretch of a show, saved from memory: whole, in step, and never longer than asked for by more than a group of pictures."""

import threading

import pytest

from encoder import ReplayBuffer
from studio.errors import Conflict, OutputFailed
from tests import decode, servers
from tests.encoder.conftest import LOOP_S
from tests.encoder.show import AT_ONCE_S, FPS, HEIGHT, SETTINGS, WIDTH, Player, number_in


def _has(buffer, seconds):
    return lambda: buffer._keyframes and buffer._keyframes[-1].pts_ms > seconds * 1000


def test_the_last_seconds_are_saved_from_a_keyframe_on_without_a_gap_and_in_step(show, tmp_path):
    buffer = ReplayBuffer(3)
    with Player(show, [buffer], loop_s=LOOP_S) as player:
        servers.wait_until(_has(buffer, 6), what="six seconds")
        saved = buffer.save(tmp_path / "replay.mp4")
        again = buffer.save(tmp_path / "replay.mp4")
        assert player.slowest_put_s < AT_ONCE_S
    assert saved.path == str(tmp_path / "replay.mp4")
    assert again.path == str(tmp_path / "replay-2.mp4")
    assert 3 - 2 / FPS <= saved.seconds <= 3 + SETTINGS.keyframe_s + 0.2
    assert decode.decode_errors(saved.path) == []
    numbers = [number_in(luma) for luma in decode.luma_frames(saved.path, WIDTH, HEIGHT)]
    loop = round(LOOP_S * FPS)
    assert numbers == [(numbers[0] + step) % loop for step in range(len(numbers))]
    assert len(numbers) == round(saved.seconds * FPS) + 1
    offsets = decode.offsets_ms(saved.path, WIDTH, HEIGHT)
    assert len(offsets) >= 2
    assert all(abs(offset) <= 40 for offset in offsets)


def test_what_is_kept_does_not_grow(show):
    buffer = ReplayBuffer(2)
    with Player(show, [buffer], loop_s=LOOP_S, speed=20):
        servers.wait_until(_has(buffer, 8), what="eight seconds")
        early = buffer.stats().bytes
        servers.wait_until(_has(buffer, 60), what="a minute")
        assert buffer.stats().bytes < 2 * early


def test_nothing_to_save_and_nowhere_to_save_are_told_in_words(show, tmp_path):
    buffer = ReplayBuffer(5)
    with pytest.raises(Conflict, match=r"replay\.empty"):
        buffer.save(tmp_path / "replay.mp4")
    (tmp_path / "taken").write_bytes(b"a file")
    with Player(show, [buffer], loop_s=LOOP_S):
        servers.wait_until(lambda: buffer.stats().bytes > 10_000, what="pictures")
        with pytest.raises(OutputFailed):
            buffer.save(tmp_path / "taken" / "replay.mp4")
    assert (tmp_path / "taken").read_bytes() == b"a file"


def test_saving_from_several_threads_at_once_gives_several_whole_files(show, tmp_path):
    buffer = ReplayBuffer(2)
    saved = []
    with Player(show, [buffer], loop_s=LOOP_S):
        servers.wait_until(_has(buffer, 3), what="three seconds")
        threads = [threading.Thread(target=lambda: saved.append(buffer.save(tmp_path / "replay.mkv"))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(one.path for one in saved) == sorted(str(tmp_path / f"replay{part}.mkv") for part in ("", "-2", "-3"))
    assert [decode.decode_errors(one.path) for one in saved] == [[], [], []]
