"""Opens picture and sound encoder together, with the header that every output needs.

It encodes nothing itself and holds nothing: each call opens a new pair.
"""

from encoder.audio import AUDIO_BITRATE_KBPS, FfmpegAudioEncoder
from encoder.dense import DenseEncoder
from encoder.probe import choose_codec, open_dense
from encoder.video import FfmpegVideoEncoder
from studio.model.frames import AUDIO_RATE_HZ, StreamHeader
from studio.model.settings import EncoderSettings, VideoSettings


class FfmpegEncoders:
    """The port `Encoders`, by PyAV."""

    def open_sound(self, track: int) -> FfmpegAudioEncoder:
        """For a track behind the mix. Raises EncoderUnavailable."""
        return FfmpegAudioEncoder(track)

    def open_dense(self, codec: str, video: VideoSettings, encoder: EncoderSettings) -> DenseEncoder:
        """For a recording of a codec of its own. Raises EncoderUnavailable."""
        return open_dense(codec, video, encoder)

    def open(self, video: VideoSettings, encoder: EncoderSettings) -> tuple[FfmpegVideoEncoder, FfmpegAudioEncoder, StreamHeader]:
        """Open both. Raises EncoderUnavailable."""
        pictures = FfmpegVideoEncoder(choose_codec(encoder.codec), video, encoder)
        sound = FfmpegAudioEncoder()
        header = StreamHeader(
            width=video.width,
            height=video.height,
            fps=video.fps,
            video_codec="h264",
            video_extradata=pictures.extradata,
            video_time_base=pictures.time_base,
            video_bitrate_kbps=encoder.bitrate_kbps,
            audio_codec="aac",
            audio_extradata=sound.extradata,
            audio_rate_hz=AUDIO_RATE_HZ,
            audio_channels=2,
            audio_bitrate_kbps=AUDIO_BITRATE_KBPS,
            keyframe_s=encoder.keyframe_s,
        )
        return pictures, sound, header
