from encoder.pace import PRESETS, fitting_preset
from studio.model.settings import EncoderSettings, VideoSettings


def test_a_small_picture_leaves_room_for_the_best_preset_and_an_impossible_one_gets_the_cheapest():
    assert fitting_preset(VideoSettings(width=160, height=90, fps=5), EncoderSettings(bitrate_kbps=200)) == PRESETS[0]
    assert fitting_preset(VideoSettings(width=1920, height=1080, fps=120), EncoderSettings()) == PRESETS[-1]
