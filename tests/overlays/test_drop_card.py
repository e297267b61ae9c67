"""The drop card as a viewer gets it: both hashes can be read by a machine after encoding, and what must be said is said."""

import io
from dataclasses import replace

import av
import cv2
import numpy as np
import pytest

from overlays import AirOverlays
from overlays.drop_moment import moment_of
from overlays.drop_parts import Block, short_hash, wrapped
from overlays.drop_tall import tall_blocks
from overlays.drop_wide import wide_blocks
from overlays.raster import Pen, text_width
from overlays.sprite import Look
from studio.model.frames import VideoFrame
from studio.model.layout import air_layout
from studio.model.scene import AirView
from studio.model.settings import VideoSettings
from tests.overlays.air_samples import BOARD, CANVASES, CLOSING, COUPON, DRAWN, LOCKED, MOMENTS, NOW, OPEN, OPENING, box_of, colours, drawn

NO_PROOF = "主办方持有随机数，第三方无法证明"


@pytest.fixture
def texts(monkeypatch) -> list[tuple[str, float]]:
    """Everything that is written on the picture while the test runs, with its size."""
    written: list[tuple[str, float]] = []
    write = Pen.text

    def listening(self, x, middle, text, size, *rest, **more):
        taken = write(self, x, middle, text, size, *rest, **more)
        if taken:
            written.append((text, size))
        return taken

    monkeypatch.setattr(Pen, "text", listening)
    return written


def freshly(air: AirView, now_ms: int, size: tuple[int, int]) -> None:
    """Draw with nothing cached."""
    AirOverlays(VideoSettings(width=size[0], height=size[1])).draw(air, now_ms)


def sent(frame: VideoFrame) -> np.ndarray:
    """The frame as a viewer gets it: x264 at 6 Mbit/s over four frames, decoded, in grey."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = frame.width, frame.height, "yuv420p", 6_000_000
        stream.options = {"preset": "veryfast"}
        for _ in range(4):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame.planes, format="yuv420p")))
        container.mux(stream.encode())
    file.seek(0)
    with av.open(file) as container:
        return [picture.to_ndarray(format="gray") for picture in container.decode(video=0)][-1]


def codes_in(picture: np.ndarray, box: tuple[int, int, int, int], wanted: set[str]) -> set[str]:
    """What OpenCV's two detectors read, as it is and at twice the size, until all is found: a phone's camera has more to go by."""
    left, top, right, bottom = box
    card = picture[max(0, top - 20) : bottom + 20, max(0, left - 20) : right + 20]
    found: set[str] = set()
    for scale in (1, 2):
        shown = cv2.resize(card, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        for detector in (cv2.QRCodeDetectorAruco(), cv2.QRCodeDetector()):
            found.update(detector.detectAndDecodeMulti(shown)[1])
            if wanted <= found:
                return found - {""}
    return found - {""}


@pytest.mark.parametrize("size", [*CANVASES, (1280, 720), (720, 1280)])
@pytest.mark.parametrize(
    ("drop", "elapsed", "codes"), [(OPEN, 18_500, {OPENING}), (LOCKED, 61_000, {OPENING, CLOSING}), (DRAWN, 72_000, {CLOSING})]
)
def test_the_whole_hash_can_be_scanned_from_the_encoded_picture(size, drop, elapsed, codes):
    frame, layers = drawn(AirView(drop=drop), NOW + elapsed, "noise" if drop is OPEN else "grey", size)
    assert codes_in(sent(frame), box_of(layers), codes) == codes


@pytest.mark.parametrize("size", CANVASES)
@pytest.mark.parametrize("name", ["open", "last", "closing", "reel", "winners"])
def test_the_hashes_are_written_out_in_lines_and_the_missing_proof_is_named(texts, size, name):
    drop, elapsed = MOMENTS[name]
    freshly(AirView(drop=drop), NOW + elapsed, size)
    written = "".join(text for text, _ in texts)
    assert "".join(short_hash(OPENING)) in written
    assert ("".join(short_hash(CLOSING)) in written) is (name not in {"open", "last"})
    assert NO_PROOF in written
    assert "3 条弹幕" not in written


@pytest.mark.parametrize("size", CANVASES)
def test_with_a_beacon_nothing_is_said_against_the_proof(texts, size):
    drop, elapsed = MOMENTS["many_winners"]
    freshly(AirView(drop=drop), NOW + elapsed, size)
    written = "".join(text for text, _ in texts)
    assert NO_PROOF not in written
    assert "结果人人可验" in written


@pytest.mark.parametrize("size", CANVASES)
@pytest.mark.parametrize(("who", "sentence"), [("regulars", "老朋友专享"), ("buyers", "买过的朋友专享"), ("tier:中级", "中级及以上")])
@pytest.mark.parametrize("drop", [OPEN, COUPON])
def test_a_restricted_drop_says_for_whom_it_is(texts, size, who, sentence, drop):
    freshly(AirView(drop=replace(drop, who=who)), NOW + 18_500, size)
    written = "".join(text for text, _ in texts)
    assert sentence in written
    assert "不买也能抽" not in written


@pytest.mark.parametrize(("entries", "sentence"), [(0, "没有人参与，没有开奖"), (9, "本次没有中奖者")])
def test_a_draw_without_winners_says_what_is_true(texts, entries, sentence):
    freshly(AirView(drop=replace(DRAWN, winners=(), entries=entries)), NOW + 62_000, (1920, 1080))
    assert sentence in [text for text, _ in texts]


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize(("size", "least"), [((1920, 1080), 24), ((1080, 1920), 44)])
def test_no_text_is_smaller_than_the_design_allows(texts, locale, size, least):
    for drop, elapsed in MOMENTS.values():
        freshly(AirView(board=BOARD, drop=drop, locale=locale), NOW + elapsed, size)
    assert len(texts) > 100
    assert min(size for _, size in texts) >= least


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("size", CANVASES)
@pytest.mark.parametrize("name", MOMENTS)
def test_our_own_words_are_never_cut(monkeypatch, locale, size, name):
    cut: list[str] = []
    write = Pen.text

    def listening(self, x, middle, text, size, weight, token, *, width=float("inf"), **more):
        if text_width(text, size, weight) > width:
            cut.append(text)
        return write(self, x, middle, text, size, weight, token, width=width, **more)

    monkeypatch.setattr(Pen, "text", listening)
    drop, elapsed = MOMENTS[name]
    freshly(AirView(drop=replace(drop, title="口红"), locale=locale), NOW + elapsed, size)
    assert cut == []


@pytest.mark.parametrize("size", CANVASES)
def test_hostile_titles_keywords_prizes_and_names_stay_inside_their_card(size):
    noise = "😀<b>\u202e{0}" * 400 + "a\u0301\u0301\u0301\u0301\n"
    winners = tuple(replace(winner, name=noise + str(index), prize=noise + str(index)) for index, winner in enumerate(DRAWN.winners))
    for drop, elapsed in MOMENTS.values():
        loud = replace(
            drop,
            title=noise,
            keyword=noise,
            who=f"tier:{noise}",
            winners=winners if drop.winners else (),
            reel=winners if drop.reel else (),
        )
        _, layers = drawn(AirView(drop=loud), NOW + elapsed, size=size)
        plain, quiet = drawn(AirView(drop=drop), NOW + elapsed, size=size)
        assert box_of(layers)[0] == box_of(quiet)[0]
        assert box_of(layers)[2] == box_of(quiet)[2]
        assert plain.width == size[0]


def test_a_word_that_fits_no_line_is_left_to_be_cut():
    assert wrapped("abcdefghijklmnopqrstuvwxyz", 24, 400, 50, 2) == ("abcdefghijklmnopqrstuvwxyz",)


def test_lines_break_behind_punctuation_and_evenly():
    assert wrapped(NO_PROOF, 24, 400, 220, 2) == ("主办方持有随机数，", "第三方无法证明")
    assert wrapped(NO_PROOF, 44, 400, 630, 2) == ("主办方持有随机数，", "第三方无法证明")
    assert all(text_width(line, 24, 400) <= 220 for line in wrapped("Host holds the seed: no third-party proof", 24, 400, 220, 3))


@pytest.mark.parametrize("blocks_of", [wide_blocks, tall_blocks])
def test_every_moment_has_blocks_with_keys_that_tell_their_pixels(blocks_of):
    size = (1080, 1920) if blocks_of is tall_blocks else (1920, 1080)
    look = Look(air_layout(*size), "zh_CN", "dark")
    for drop, elapsed in MOMENTS.values():
        moment = moment_of(drop, NOW + elapsed)
        blocks = blocks_of(drop, moment, look)
        assert all(isinstance(block, Block) and block.height > 0 for block in blocks)
        assert all(block.key is not None for block in blocks if block.draw)
        assert all(block.live_key is not None for block in blocks if block.live)
        assert [(b.key, b.live_key) for b in blocks] == [(b.key, b.live_key) for b in blocks_of(replace(drop), moment, look)]


def test_the_reel_moves_and_stops_with_the_winner_in_the_window():
    early, later, stopped = (colours(drawn(AirView(drop=DRAWN), NOW + 60_000 + elapsed)[0]) for elapsed in (500, 533, 9_700))
    assert not np.array_equal(early, later)
    assert np.array_equal(stopped, colours(drawn(AirView(drop=DRAWN), NOW + 60_000 + 10_000)[0]))
