"""What platforms ask of a stream, as far as they publish it: each figure with its page and the day of that page.

It guesses nothing: a limit that no page of the platform's own gives is None, which is said as "not published".
"""

from dataclasses import dataclass, field
from typing import Any

from studio.model.settings import EncoderSettings, VideoSettings


@dataclass(frozen=True, slots=True)
class Limit:
    """The most for a picture of at most so many lines (the shorter side) and pictures a second."""

    lines: int
    fps: int
    most_kbps: int


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform. `server` is empty where each room gets its own address together with its key."""

    id: str
    name: str
    server: str = ""
    limits: tuple[Limit, ...] = ()
    keyframe_s: int | None = None
    most_keyframe_s: int | None = None
    level: str | None = None
    """The highest H.264 level that is taken."""
    source: str = ""
    as_of: str = ""
    hosts: tuple[str, ...] = field(default=())
    """How the names of its servers end, where they are the same for everybody."""

    def most_kbps(self, video: VideoSettings) -> int | None:
        """The limit for this picture, None where none is published."""
        lines = min(video.width, video.height)
        rows = [limit.most_kbps for limit in self.limits if lines <= limit.lines and video.fps <= limit.fps]
        return min(rows) if rows else None

    def to_json(self) -> dict[str, Any]:
        """As the control API tells it; null is "not published"."""
        return {
            "id": self.id,
            "name": self.name,
            "server": self.server,
            "limits": [{"lines": row.lines, "fps": row.fps, "most_kbps": row.most_kbps} for row in self.limits] or None,
            "keyframe_s": self.keyframe_s,
            "most_keyframe_s": self.most_keyframe_s,
            "level": self.level,
            "source": self.source,
            "as_of": self.as_of,
        }


PLATFORMS: tuple[Platform, ...] = (
    Platform("douyin", "抖音"),
    Platform("kuaishou", "快手"),
    Platform("taobao", "淘宝直播"),
    Platform("channels", "微信视频号"),
    Platform("xiaohongshu", "小红书"),
    Platform("bilibili", "哔哩哔哩"),
    Platform("tiktok", "TikTok"),
    Platform(
        "youtube",
        "YouTube",
        "rtmps://a.rtmps.youtube.com/live2",
        keyframe_s=2,
        most_keyframe_s=4,
        source="https://support.google.com/youtube/answer/2853702",
        as_of="undated, read in November 2026",
        hosts=(".youtube.com",),
    ),
    Platform(
        "twitch",
        "Twitch",
        "rtmps://live.twitch.tv/app",
        limits=(Limit(1080, 60, 6000),),
        keyframe_s=2,
        most_keyframe_s=2,
        source="https://help.twitch.tv/customer/portal/articles/1253460-broadcast-requirements",
        as_of="2017-03-30",
        hosts=(".twitch.tv", ".live-video.net"),
    ),
    Platform(
        "facebook",
        "Facebook",
        "rtmps://live-api-s.facebook.com:443/rtmp",
        limits=(
            Limit(360, 30, 1000),
            Limit(480, 30, 2000),
            Limit(720, 30, 4000),
            Limit(720, 60, 6000),
            Limit(1080, 30, 6000),
            Limit(1080, 60, 9000),
        ),
        keyframe_s=2,
        most_keyframe_s=4,
        level="4.2",
        source="https://developers.facebook.com/docs/live-video-api/reference",
        as_of="undated, read in November 2026",
        hosts=(".facebook.com",),
    ),
)


def platform_of(host: str) -> Platform | None:
    """Whose server this is, by its name; None for one that could be anybody's."""
    return next((row for row in PLATFORMS if host.lower().endswith(row.hosts or ("\0",))), None)


def advice(platform: Platform, video: VideoSettings, encoder: EncoderSettings) -> list[dict[str, Any]]:
    """What of these settings the platform doesn't take: [{code, params}]."""
    rows: list[dict[str, Any]] = []
    most_kbps = platform.most_kbps(video)
    if most_kbps is not None and encoder.bitrate_kbps > most_kbps:
        params = {"platform": platform.name, "most": most_kbps, "kbps": encoder.bitrate_kbps}
        rows.append({"code": "platform.too_much", "params": params})
    if platform.most_keyframe_s is not None and encoder.keyframe_s > platform.most_keyframe_s:
        params = {"platform": platform.name, "most": platform.most_keyframe_s, "seconds": encoder.keyframe_s}
        rows.append({"code": "platform.keyframes", "params": params})
    return rows
