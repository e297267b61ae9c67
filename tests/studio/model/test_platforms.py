"""What platforms publish, and what of a profile they wouldn't take."""

from studio.model.platforms import PLATFORMS, advice, platform_of
from studio.model.settings import EncoderSettings, VideoSettings

BY_ID = {platform.id: platform for platform in PLATFORMS}


def test_every_figure_has_its_page_and_day_and_where_there_is_none_nothing_is_said():
    for platform in PLATFORMS:
        has_figures = bool(platform.limits or platform.keyframe_s or platform.level)
        assert has_figures == bool(platform.source) == bool(platform.as_of), platform.id
        assert has_figures or platform.to_json()["limits"] is None


def test_a_server_belongs_to_a_platform_only_by_its_own_name():
    assert platform_of("a.rtmps.youtube.com") is BY_ID["youtube"]
    assert platform_of("live-api-s.facebook.com") is BY_ID["facebook"]
    for host in ("youtube.com.example.test", "notfacebook.comx", "push.example.test", "127.0.0.1", ""):
        assert platform_of(host) is None


def test_what_a_platform_does_not_take_is_said_with_both_figures():
    video = VideoSettings(width=720, height=1280, fps=30)
    rows = advice(BY_ID["facebook"], video, EncoderSettings(bitrate_kbps=6000, keyframe_s=5))
    assert [(row["code"], row["params"]["most"]) for row in rows] == [("platform.too_much", 4000), ("platform.keyframes", 4)]
    assert advice(BY_ID["facebook"], video, EncoderSettings(bitrate_kbps=4000)) == []
    assert advice(BY_ID["douyin"], video, EncoderSettings(bitrate_kbps=50_000, keyframe_s=10)) == []


def test_the_limit_is_that_of_the_smallest_class_that_the_picture_fits_into():
    facebook = BY_ID["facebook"]
    assert facebook.most_kbps(VideoSettings(width=1920, height=1080, fps=60)) == 9000
    assert facebook.most_kbps(VideoSettings(width=1080, height=1920, fps=30)) == 6000
    assert facebook.most_kbps(VideoSettings(width=3840, height=2160, fps=30)) is None
