"""A hand on every slider of a running show: the tables are baked beside the frames' path, so no frame waits for it."""

from studio.model.look import LookSettings
from tests.e2e.drag import drag, sliders, strokes
from tests.e2e.show import ROOT, engine

FPS = 30


def is_smooth(lost):
    """A busy machine may repeat a picture, or lose one now and then; a bake on the frames' path does it in each of three hands."""
    return lost.skipped == 0 and lost.late + lost.repeated <= lost.encoded // 50


def test_no_frame_is_skipped_while_every_slider_curve_and_table_is_drawn(tmp_path):
    tables = {
        "video": {"width": 640, "height": 360, "fps": FPS, "source": f"file:{ROOT / 'resources' / 'sample' / 'presenter.mp4'}"},
        "look": {"smooth": 0.4},
        "encoder": {"bitrate_kbps": 800, "preset": "ultrafast"},
        "output": [{"name": "archive", "path": str(tmp_path / "show.mp4")}],
    }
    drawn = strokes(4)
    assert len(drawn) == len(sliders()) + 6
    with engine(tmp_path, tables) as running:
        assert running.call("POST", "/v1/live/start")[0] == 200
        running.wait_for("/v1/health", lambda health: health["video"]["encoded"] > FPS and health["look"]["faces"] == "on")
        for _ in range(3):
            lost = drag(running, drawn)
            if is_smooth(lost):
                break
        look = running.call("GET", "/v1/settings")[1]["look"]
    assert lost.encoded > 8 * FPS
    assert is_smooth(lost), lost
    assert look == {**look, **{name: getattr(LookSettings(), name) for name in sliders()}}, "every slider is back where it began"
