"""The preview: it moves, keeps its shape, says when it stands still, and survives any file."""

import os
import struct

from PySide6.QtCore import QObject, Signal

from tests.ui.preview_writer import PreviewWriter
from tests.ui.window_stage import until
from ui.preview import Preview, PreviewFile


def test_the_newest_picture_is_read_once_with_its_colours(tmp_path):
    writer, reader = PreviewWriter(tmp_path / "p", 64, 36), PreviewFile(tmp_path / "p")
    assert reader.newest(None) is None
    writer.paint(10, 20, 200)
    seq, image = reader.newest(None)
    assert (seq, image.width(), image.height()) == (1, 64, 36)
    assert image.pixelColor(5, 5).getRgb()[:3] == (200, 20, 10)
    assert reader.newest(seq) is None
    writer.paint(0, 255, 0)
    assert reader.newest(seq)[0] == 2
    reader.close()
    writer.close()


def test_a_file_of_another_size_that_took_its_place_is_followed(tmp_path):
    PreviewWriter(tmp_path / "p", 64, 36).paint(1, 1, 1)
    reader = PreviewFile(tmp_path / "p")
    assert reader.newest(None)[1].width() == 64
    fresh = PreviewWriter(tmp_path / "new", 36, 64)
    fresh.paint(9, 9, 9)
    (tmp_path / "new").replace(tmp_path / "p")
    reader._looked_at = 0
    assert reader.newest(None)[1].height() == 64
    reader.close()


def test_a_file_that_is_cut_short_broken_or_hostile_is_no_picture_and_no_crash(tmp_path):
    path = tmp_path / "p"
    reader = PreviewFile(path)
    writer = PreviewWriter(path, 64, 36)
    writer.paint(1, 2, 3)
    assert reader.newest(None) is not None
    os.truncate(path, 100)
    assert reader.newest(None) is None
    for head in (
        b"",
        b"ENCPREV1",
        struct.pack("<8sIIIIQQ", b"ENCPREV1", 1, 2**31, 2**31, 0, 5, 0),
        struct.pack("<8sIIIIQQ", b"NOTAPREV", 1, 8, 8, 0, 5, 0),
    ):
        path.write_bytes(head)
        assert reader.newest(None) is None
    reader.close()


async def test_a_picture_is_never_stretched(tmp_path, qapp):
    writer = PreviewWriter(tmp_path / "p", 540, 960)
    writer.paint(0, 0, 255)
    view = Preview(tmp_path / "p")
    view.resize(796, 448)
    view.show()
    await until(view.has_picture, "the picture")
    place = view.picture_rect()
    assert abs(place.width() / place.height() - 540 / 960) < 0.001
    assert place.height() == 448
    shown = view.grab().toImage()
    assert shown.pixelColor(398, 224).red() > 240
    assert shown.pixelColor(20, 224).red() < 40
    view.close_file()
    view.deleteLater()


async def test_it_says_when_the_picture_stands_still_and_when_it_moves_again(tmp_path, qapp):
    writer = PreviewWriter(tmp_path / "p", 64, 36)
    writer.paint(0, 0, 255)
    view = Preview(tmp_path / "p")
    told: list[bool] = []
    view.staleness_changed.connect(told.append)
    view.show()
    await until(lambda: told == [True], "stillness")
    writer.paint(0, 0, 254)
    await until(lambda: told[:2] == [True, False], "movement")
    view.close_file()
    view.deleteLater()


class _Bell(QObject):
    rung = Signal(bool)


def test_twenty_thousand_emits_leave_true_alive(qapp):
    """PySide6 6.12.0 on Python 3.11 loses a reference to True at each emit and aborts the process."""
    bell, heard = _Bell(), []
    bell.rung.connect(heard.append)
    for _ in range(20_000):
        bell.rung.emit(True)
    assert len(heard) == 20_000
    assert all(heard)
