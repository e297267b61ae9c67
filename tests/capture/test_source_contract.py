"""One suite for each port of capture, run over every registered source that can run on this machine."""

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from capture import audio_sources, video_sources
from capture.camera import Camera
from studio.model.frames import AUDIO_RATE_HZ
from studio.model.settings import VideoSettings
from studio.ports import AudioSource, VideoSource
from tests.capture.capture_clips import Clip, make_clip
from tests.servers import PATIENCE_S, quickest_s

CANVAS = VideoSettings(width=192, height=108, fps=50)
FAR_NS = 60_000_000_000

VIDEO = ("testcard", "file", "still picture", "screen", "camera")
SOUND = ("tone", "file", "music")
NEEDS_A_DEVICE = {"device", "pulse", "system"}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", Clip(sound_s=0.4))


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "still.png", Clip(codec="png", pix_fmt="rgb24", matrix=None, frames=1))


@pytest.fixture(params=VIDEO)
def video(request: pytest.FixtureRequest, clip: Path, still: Path, display: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[VideoSource]:
    monkeypatch.setenv("DISPLAY", display)
    made: dict[str, Callable[[], VideoSource]] = {
        "testcard": lambda: video_sources["testcard"]("", CANVAS),
        "file": lambda: video_sources["file"](str(clip), CANVAS),
        "still picture": lambda: video_sources["file"](str(still), CANVAS),
        "screen": lambda: video_sources["screen"]("0", CANVAS),
        "camera": lambda: Camera(str(request.getfixturevalue("fake_camera").path), CANVAS),  # the rest is the same
    }
    source = made[request.param]()
    yield source
    source.close()


@pytest.fixture(params=SOUND)
def sound(request: pytest.FixtureRequest, clip: Path) -> Iterator[AudioSource]:
    source = audio_sources[request.param]("" if request.param == "tone" else str(clip))
    yield source
    source.close()


def test_every_registered_source_is_in_this_suite() -> None:
    assert set(video_sources) <= set(VIDEO)
    assert set(audio_sources) <= set(SOUND) | NEEDS_A_DEVICE


def test_frames_fill_the_canvas_and_their_stamps_grow(video: VideoSource) -> None:
    epoch_ns = time.monotonic_ns()
    assert video.open(epoch_ns).name
    frames = [frame for frame in (video.read(PATIENCE_S) for _ in range(5)) if frame is not None]
    now_ns = time.monotonic_ns()
    assert len(frames) == 5
    for frame in frames:
        assert frame.planes.shape == (162, 192)
        assert frame.planes.dtype == np.uint8
        assert frame.planes.flags.c_contiguous
        assert epoch_ns <= frame.time_ns <= now_ns
    assert all(later.time_ns > earlier.time_ns for earlier, later in itertools.pairwise(frames))
    assert all(later.seq > earlier.seq for earlier, later in itertools.pairwise(frames))


def test_a_frame_given_away_is_never_written_again(video: VideoSource) -> None:
    video.open(time.monotonic_ns())
    first = video.read(PATIENCE_S)
    assert first is not None
    kept = first.planes.copy()
    first.planes[:] = 7
    following = [video.read(PATIENCE_S) for _ in range(4)]
    assert (first.planes == 7).all()
    assert all(frame is not None and not (frame.planes == 7).all() for frame in following)
    assert not (kept == 7).all()


def test_reading_takes_no_longer_than_was_allowed(video: VideoSource) -> None:
    video.open(time.monotonic_ns() + FAR_NS)
    assert quickest_s(lambda: video.read(0.05)) < 0.3  # a camera has frames at any time; it must answer all the same


def test_video_is_closed_from_any_state_and_opens_again(video: VideoSource, no_leaks: None) -> None:
    video.close()
    video.close()
    for _ in range(2):
        video.open(time.monotonic_ns())
        assert video.read(PATIENCE_S) is not None
        video.close()
        video.close()
    assert video.read(0.01) is None


def test_blocks_follow_each_other_without_a_gap(sound: AudioSource) -> None:
    epoch_ns = time.monotonic_ns()
    assert sound.open(epoch_ns).name
    blocks = [block for block in (sound.read(PATIENCE_S) for _ in range(30)) if block is not None]
    assert len(blocks) == 30
    assert blocks[0].time_ns == epoch_ns
    place = 0
    for block in blocks:
        assert block.samples.dtype == np.float32
        assert block.samples.shape[1] == 2
        assert abs(block.samples).max() <= 1
        assert abs(block.time_ns - epoch_ns - place * 1e9 / AUDIO_RATE_HZ) < 1e9 / AUDIO_RATE_HZ
        place += len(block.samples)


def test_sound_is_at_most_100_ms_early(sound: AudioSource) -> None:
    sound.open(time.monotonic_ns())
    for _ in range(15):
        block = sound.read(PATIENCE_S)
        assert block is not None
        assert block.time_ns - time.monotonic_ns() <= 100_000_000


def test_waiting_for_sound_takes_no_longer_than_was_allowed(sound: AudioSource) -> None:
    sound.open(time.monotonic_ns() + FAR_NS)
    assert quickest_s(lambda: sound.read(0.05)) < 0.3


def test_sound_is_closed_from_any_state_and_opens_again(sound: AudioSource, no_leaks: None) -> None:
    sound.close()
    for _ in range(2):
        sound.open(time.monotonic_ns())
        assert sound.read(PATIENCE_S) is not None
        sound.close()
        sound.close()
    assert sound.read(0.01) is None


def test_sound_goes_on_at_the_present_after_a_long_sleep(sound: AudioSource) -> None:
    sound.open(time.monotonic_ns() - 3_600_000_000_000)
    block = sound.read(PATIENCE_S)
    assert block is not None
    assert abs(block.time_ns - time.monotonic_ns()) < PATIENCE_S * 1e9


def test_pictures_go_on_at_the_present_after_a_long_sleep(video: VideoSource) -> None:
    video.open(time.monotonic_ns() - 3_600_000_000_000)
    frame = video.read(PATIENCE_S)
    assert frame is not None
    assert abs(frame.time_ns - time.monotonic_ns()) < PATIENCE_S * 1e9
