import builtins
import shutil
from string import Formatter

import numpy as np
import pytest

from capture.look import BeautyLook, weights
from studio.model.settings import LookSettings, VideoSettings
from studio.model.shot import ShotSettings
from studio.words import LOCALES, catalogue, say_error
from tests.capture.look.pictures import again, copy, face

SHOT = ShotSettings()


def models(tmp_path):
    return shutil.copytree(weights.FOLDER, tmp_path / "models")


def started(folder):
    look = BeautyLook(VideoSettings(), models=folder)
    assert look.wait_ready(180)
    look.configure(LookSettings(smooth=1.0, exposure=0.5))
    return look


def assert_colour_works_without_faces(look):
    frame = face("presenter")
    assert look.sample(again(frame, 1), SHOT) is None
    after = copy(frame)
    look.apply(after, None, SHOT)
    assert after.y.mean() > frame.y.mean() + 5


def test_the_shipped_weights_are_the_ones_with_the_known_checksums_and_their_licence():
    sums = dict(reversed(line.split()) for line in (weights.FOLDER / "SHA256SUMS").read_text().splitlines())
    assert sums["face_detector.tflite"].startswith("2c3728e6da56f21e")
    assert sums["face_mesh.tflite"].startswith("c7d54204ce044847")
    assert "Apache License" in (weights.FOLDER / "LICENSE").read_text()
    assert "MediaPipe" in (weights.FOLDER / "NOTICE").read_text()
    for name in sums:
        weights.load(name)


def test_a_damaged_file_turns_the_faces_off_in_words_and_colour_still_works(tmp_path):
    folder = models(tmp_path)
    content = bytearray((folder / "face_mesh.tflite").read_bytes())
    content[1000] ^= 1
    (folder / "face_mesh.tflite").write_bytes(content)
    look = started(folder)
    assert look.state()["faces"].startswith("off: ")
    assert "face_mesh.tflite" in look.state()["faces"]
    assert "checksum" in look.state()["faces"]
    assert_colour_works_without_faces(look)


def test_a_file_without_a_checksum_is_not_run(tmp_path):
    folder = models(tmp_path)
    (folder / "SHA256SUMS").write_text("")
    with pytest.raises(weights.FacesUnavailable, match=r"look\.weights_damaged"):
        weights.load("face_mesh.tflite", folder)


def test_a_missing_file_turns_the_faces_off(tmp_path):
    look = started(tmp_path)
    assert look.state()["faces_code"] == "look.weights_missing"
    assert_colour_works_without_faces(look)


def test_without_ai_edge_litert_the_faces_are_off_and_colour_still_works(monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **named):
        if name.startswith("ai_edge_litert"):
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    look = started(weights.FOLDER)
    assert look.state()["faces_code"] == "look.no_runtime"
    assert "ai-edge-litert" in look.state()["faces"]
    assert_colour_works_without_faces(look)


def test_with_everything_there_the_faces_are_on():
    assert started(weights.FOLDER).state() == {"faces": "on", "person": "on"}


def test_every_trouble_of_the_look_has_words_in_every_language():
    codes = [code for code in catalogue("errors", "en") if code.startswith("look.")]
    assert len(codes) >= 12
    for locale in LOCALES:
        for code in codes:
            named = {name for _, name, _, _ in Formatter().parse(catalogue("errors", "en")[code]) if name}
            words = say_error(weights.FacesUnavailable(code, **dict.fromkeys(named, 1)), locale)
            assert words != code
            assert "{" not in words


def test_networks_take_what_they_say():
    mesh = weights.load("face_mesh.tflite")
    outputs = mesh.run(np.zeros((1, 256, 256, 3), np.float32))
    assert sorted(output.size for output in outputs) == [1, 1, 1434]
