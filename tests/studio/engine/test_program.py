"""The output clock on small pictures, with the product's own look and overlays."""

import threading
import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from capture.look import BeautyLook
from overlays import AirOverlays, ConvertTools
from studio.engine.preview import HEADER_BYTES, MAGIC, PreviewFile
from studio.engine.program import Program
from studio.model.frames import VideoFrame
from studio.model.scene import AirBoard, AirSlate, AirView, Scene
from studio.model.settings import LookSettings, VideoSettings
from studio.model.shot import ShotSettings
from tests.servers import PATIENCE_S

VIDEO = VideoSettings(width=640, height=360, fps=30)


class Sink:
    """Keeps what the program hands on."""

    def __init__(self):
        self.frames = []
        self.wanted, self.done = 0, threading.Event()

    def put_frame(self, frame):
        self.frames.append(frame)
        if self.wanted and len(self.frames) >= self.wanted:
            self.done.set()

    def wait(self, count):
        self.wanted = len(self.frames) + count
        self.done.clear()
        assert self.done.wait(PATIENCE_S)

    def until(self, holds):
        """Wait until the newest frame is so: overlays are drawn beside the ticks, and a busy machine draws them some ticks later."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds(self.frames[-1]):
            assert time.monotonic() < deadline, "it never came so"
            self.wait(1)


@pytest.fixture
def program(tmp_path, qapp):
    failures = []
    preview = PreviewFile(tmp_path / "preview.bin", VIDEO.width, VIDEO.height, ConvertTools())
    made = Program(
        VIDEO,
        BeautyLook(VIDEO),
        AirOverlays(VIDEO),
        ConvertTools(),
        Scene(LookSettings(enabled=False)),
        preview,
        lambda *fault: failures.append(fault),
    )
    made.preview_path = tmp_path / "preview.bin"
    made.start()
    yield made
    made.stop()
    preview.close()
    assert failures == []


def grey(seq):
    frame = VideoFrame.black(VIDEO.width, VIDEO.height, time.monotonic_ns(), seq)
    frame.planes[: VIDEO.height] = 100 + seq % 50
    return frame


def test_without_a_source_black_goes_out_at_the_profiles_rate(program):
    sink = program.sink = Sink()
    sink.wait(15)
    program.sink = None
    assert all(frame.repeated for frame in sink.frames)
    assert int(sink.frames[-1].frame.y.max()) == 16
    span_s = (sink.frames[-1].tick_ns - sink.frames[0].tick_ns) / 1e9
    assert span_s == pytest.approx((sink.frames[-1].index - sink.frames[0].index) / VIDEO.fps, abs=0.002)


def test_a_frame_is_shown_once_then_repeated_and_its_source_is_never_written(program):
    program.scene = replace(program.scene, air=AirView(board=AirBoard(version=7, present=3)))
    sink = program.sink = Sink()
    source = grey(1)
    before = source.planes.copy()
    program.source.put(source)
    sink.wait(20)
    sink.until(lambda sent: sent.board_version == 7)
    program.sink = None
    shown = [frame for frame in sink.frames if frame.frame.seq == 1]
    assert [frame.repeated for frame in shown] == [False] + [True] * (len(shown) - 1)
    assert np.array_equal(source.planes, before)
    assert not np.array_equal(sink.frames[-1].frame.planes, before)


def test_a_source_that_is_too_fast_is_counted_as_late(program):
    for seq in range(50):
        program.source.put(grey(seq))
    assert program.source.overwritten >= 40


def test_the_preview_follows_and_shows_the_original_when_asked(program):
    program.is_watched = True
    program.scene = replace(program.scene, look=LookSettings(), compare="original", air=AirView(board=AirBoard(version=1, present=1)))
    sink = program.sink = Sink()
    program.source.put(grey(20))
    sink.wait(20)
    program.sink = None
    raw = program.preview_path.read_bytes()
    assert raw.startswith(MAGIC)
    width, height = np.frombuffer(raw, "<u4", 2, 12)
    assert (width, height) == (640, 360)
    slots = np.frombuffer(raw, np.uint8, offset=HEADER_BYTES).reshape(3, 360, 640, 4)
    newest = int(np.frombuffer(raw, "<u4", 1, 20)[0])
    assert slots[newest, :, :, :3].std() < 1  # no board on the original


def test_stopping_is_prompt(program):
    started = time.monotonic()
    program.stop(deadline_s=60)
    assert time.monotonic() - started < PATIENCE_S


class Stuck(AirOverlays):
    """Draws once, then not until it may: a busy machine's, or one whose stage has ended."""

    def __init__(self, video):
        super().__init__(video)
        self.is_first, self.may_draw = True, threading.Event()

    def draw(self, air, now_ms):
        if not self.is_first:
            assert self.may_draw.wait(PATIENCE_S)
        self.is_first = False
        return super().draw(air, now_ms)


@pytest.mark.parametrize("starts_bare", [False, True])
def test_a_frame_is_without_beauty_exactly_where_it_carries_the_sign_however_late_overlays_are_drawn(qapp, starts_bare):
    orders, overlays = [], Stuck(VIDEO)

    class Watched(BeautyLook):
        def apply(self, frame, faces, shot):
            orders.append(shot.is_bare)
            super().apply(frame, faces, shot)

    bare, whole = ShotSettings(true_skin=True), ShotSettings()
    scene = Scene(LookSettings(), shot=bare if starts_bare else whole)
    program = Program(VIDEO, Watched(VIDEO), overlays, ConvertTools(), scene, None, lambda *fault: pytest.fail(str(fault)))
    sink = program.sink = Sink()
    program.start()
    try:
        for shot in (bare, whole, bare, whole):
            sink.wait(4)
            program.scene = replace(program.scene, shot=shot)
        sink.wait(4)
    finally:
        program.sink = None
        overlays.may_draw.set()
        program.stop()
    shows_sign = [sent.frame.y.std() > 0 for sent in sink.frames]  # the sign on the black picture
    assert shows_sign == orders[: len(shows_sign)]
    assert (shows_sign[0], shows_sign[-1]) == (starts_bare, False)
    assert sum(one != other for one, other in pairwise(shows_sign)) == (3 if starts_bare else 4)


def test_a_slate_shows_nobodys_skin_and_carries_no_sign(program):
    (sign,) = AirOverlays(VIDEO).draw(AirView(), 0).sign
    rows, columns = slice(sign.y, sign.y + sign.luma.shape[0]), slice(sign.x, sign.x + sign.luma.shape[1])
    program.scene = replace(program.scene, shot=ShotSettings(true_skin=True))
    sink = program.sink = Sink()
    sink.wait(2)
    assert sink.frames[-1].frame.y[rows, columns].std() > 5
    program.scene = replace(program.scene, air=AirView(slate=AirSlate(0)))
    sink.until(lambda sent: sent.frame.y[rows, columns].std() < 1)
    program.sink = None


def test_a_close_up_shows_the_second_camera_as_soon_as_it_has_a_frame_and_goes_back_at_once(program):
    program.scene = replace(program.scene, shot=ShotSettings(close_up=True, second="camera:1"))
    sink = program.sink = Sink()
    program.source.put(grey(10))
    sink.wait(5)
    assert int(sink.frames[-1].frame.y[0, 0]) == 110, "until the second camera shows something the first stays"
    other = grey(40)
    program.second.put(other)
    sink.wait(5)
    assert np.array_equal(sink.frames[-1].frame.planes, other.planes)
    program.scene = replace(program.scene, shot=ShotSettings(second="camera:1"))
    sink.wait(5)
    program.sink = None
    assert int(sink.frames[-1].frame.y[0, 0]) == 110


def test_the_line_between_before_and_after_goes_where_it_is_drawn(program):
    program.is_watched = True
    program.scene = replace(program.scene, look=LookSettings(), compare="split", compare_at=0.25)
    sink = program.sink = Sink()
    program.source.put(grey(20))
    sink.wait(20)
    program.sink = None
    raw = program.preview_path.read_bytes()
    slots = np.frombuffer(raw, np.uint8, offset=HEADER_BYTES).reshape(3, 360, 640, 4)
    newest = int(np.frombuffer(raw, "<u4", 1, 20)[0])
    assert np.flatnonzero((slots[newest, 100, :, :3] == 255).all(axis=1)).tolist() == [159, 160]


def test_a_slate_takes_the_place_of_the_picture_moves_and_gives_it_back_at_once(program):
    sink = program.sink = Sink()
    noise = np.random.default_rng(3)
    frame = grey(1)
    frame.y[:] = noise.integers(100, 236, frame.y.shape, np.uint8)
    program.source.put(frame)
    sink.wait(5)
    program.scene = replace(program.scene, air=AirView(slate=AirSlate(int(time.time() * 1000)), locale="en"))
    sink.until(lambda sent: float(sent.frame.y[-40:, :60].mean()) < 16 + 0.4 * (float(frame.y.mean()) - 16))
    sink.wait(30)
    shown = [sent.frame for sent in sink.frames[-30:]]
    corner = [float(picture.y[-40:, :60].mean()) for picture in shown]
    assert max(corner) < 16 + 0.4 * (float(frame.y.mean()) - 16), "dark"
    assert shown[-1].y[-40:, :60].std() < 8 < frame.y[-40:, :60].std(), "and out of focus"
    assert any(not np.array_equal(one.planes, shown[-1].planes) for one in shown[:-5]), "it moves"
    assert program.counters.slated >= 30
    program.scene = replace(program.scene, air=AirView())
    sink.wait(3)
    assert sink.frames[-1].frame.y[-40:, :60].std() > 8, "in focus with the next tick"
    sink.until(lambda sent: np.array_equal(sent.frame.planes, frame.planes))
    program.scene = replace(program.scene, air=AirView(slate=AirSlate(int(time.time() * 1000)), locale="en"))
    sink.until(lambda sent: float(sent.frame.y[-40:, :60].mean()) < 16 + 0.4 * (float(frame.y.mean()) - 16))  # the second one likewise
    program.sink = None


@pytest.mark.parametrize(
    ("canvas", "source", "degrees", "place"),
    [
        ((640, 360), (640, 360), 0, (0, 0, 640, 360)),
        ((640, 360), (360, 640), 90, (0, 0, 640, 360)),
        ((360, 640), (640, 360), 0, (0, 219, 360, 202)),
        ((640, 360), (640, 360), 180, (0, 0, 640, 360)),
    ],
)
def test_the_whole_source_is_shown_upright_in_its_own_shape_to_choose_a_part_from(tmp_path, canvas, source, degrees, place):
    preview = PreviewFile(tmp_path / "preview.bin", *canvas, ConvertTools())
    frame = VideoFrame.black(*source, 5, 1)
    frame.y[:] = 120
    corner = {0: np.s_[:40, :40], 90: np.s_[-40:, :40], 180: np.s_[-40:, -40:]}[degrees]
    frame.y[corner] = 235
    preview.write_whole(frame, degrees)
    raw = (tmp_path / "preview.bin").read_bytes()
    slot = int(np.frombuffer(raw, "<u4", 1, 20)[0])
    picture = np.frombuffer(raw, np.uint8, offset=HEADER_BYTES).reshape(3, canvas[1], canvas[0], 4)[slot, :, :, 1]
    x, y, width, height = place
    shown = picture[y : y + height, x : x + width]
    assert shown[2:10, 2:10].min() > 200, "what is up and left for the eye"
    assert (shown[height // 2, width // 2], int(shown.min()) > 100) == (121, True)
    outside = picture.copy()
    outside[y : y + height, x : x + width] = 0
    assert outside.max() == 0
    preview.close()


def test_the_audience_never_sees_the_whole_source(program):
    program.is_watched = True
    area = ShotSettings(crop="0,0,0.5,0.5")
    program.scene = replace(program.scene, look=LookSettings(), shot=area, compare="source")
    sink = program.sink = Sink()
    frame = grey(1)
    frame.y[:180, :320] = 200
    program.source.put(frame)
    sink.wait(20)
    program.sink = None
    assert int(sink.frames[-1].frame.y.min()) > 190, "the crop fills what is published"
    raw = program.preview_path.read_bytes()
    newest = int(np.frombuffer(raw, "<u4", 1, 20)[0])
    assert np.frombuffer(raw, np.uint8, offset=HEADER_BYTES).reshape(3, 360, 640, 4)[newest, -1, -1, 1] < 150, "the host sees the rest"
