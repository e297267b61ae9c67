"""Keeps the frame rate when the machine is out of breath: reads how busy the stages are, and makes look and encoder cheaper step by step.

`studio.model.ease` decides; this measures, applies and tells. It never touches a frame.
"""

from typing import Any

from studio.app.media import Media
from studio.app.watchers import Watchers
from studio.broadcast import Broadcast
from studio.engine.priority import lower_threads, raise_threads
from studio.engine.stage import StageMeter
from studio.model.ease import BITRATE_LEVEL, EASED_RATE, ENCODER_LEVEL, STEPS, Ease, Load, next_ease
from studio.model.settings import EncoderSettings

_SETTLING_NS = 2_000_000_000
"""After going live: an encoder that was just opened and caches that are cold say nothing about the show."""


_LASTS_NS = 5_000_000_000
"""How long after the last skipped frame it is still told: a machine that skips one a second is in one trouble, not in twenty."""


class _Busy:
    """How large a share of a frame's time a stage took on average since the last look."""

    def __init__(self) -> None:
        self._steps, self._ms = 0, 0.0

    def share(self, meter: StageMeter, frame_ms: float) -> float:
        steps, spent_ms = meter.steps.count - self._steps, meter.steps.total_ms - self._ms
        self._steps, self._ms = meter.steps.count, meter.steps.total_ms
        return spent_ms / steps / frame_ms if steps > 0 else 0.0


class Overload:
    """Loop thread only; `look` four times a second while on air."""

    def __init__(self, media: Media, broadcast: Broadcast, watchers: Watchers) -> None:
        self._media = media
        self._broadcast = broadcast
        self._watchers = watchers
        self._ease = Ease()
        self._load = Load(0.0, 0.0, 0, 0)
        self._worst = self._changes = 0
        self._eased_s = 0.0
        self._began_ns = self._looked_ns = 0
        self._lost = 0
        self._skipped_ns = 0
        self._comes_first = False
        self._program, self._encode = _Busy(), _Busy()

    def begin(self, now_ns: int) -> None:
        """The show begins in full."""
        self._began_ns = self._looked_ns = now_ns
        self._worst = self._changes = 0
        self._eased_s = 0.0
        self._skipped_ns = 0
        self._program, self._encode = _Busy(), _Busy()
        self._set(Ease())
        self._comes_first = raise_threads()

    def end(self) -> None:
        """The show is over: the preview is in full again."""
        self._began_ns = 0
        self._set(Ease())
        lower_threads()
        self._watchers.clear("overload.")

    def look(self, fps: int, encoder: EncoderSettings, now_ns: int) -> None:
        """Measure, and take or give back a step."""
        session = self._broadcast.session
        if not self._began_ns or session is None:
            return
        program = self._media.program
        lost = program.counters.skipped + session.skipped
        frame_ms = 1000 / fps
        shares = self._program.share(program.meters["program"], frame_ms), self._encode.share(session.meter, frame_ms)
        self._load = Load(*shares, session.queued, max(0, lost - self._lost))
        self._lost = lost
        if now_ns - self._began_ns < _SETTLING_NS:
            return
        self._eased_s += (now_ns - self._looked_ns) / 1e9 if self._ease.level else 0.0
        self._looked_ns = now_ns
        self._set(next_ease(self._ease, self._load, now_ns) if encoder.adaptive else Ease())
        eased = EASED_RATE if self._ease.level >= BITRATE_LEVEL else 1
        session.set_bitrate_kbps(round(encoder.bitrate_kbps * eased))
        is_top = self._ease.level == len(STEPS) - 1
        self._watchers.tell("overload.eased", holds=bool(self._ease.level))
        if self._load.skipped and (is_top or not encoder.adaptive):
            self._skipped_ns = now_ns
        self._watchers.tell("overload.skipping", holds=self._skipped_ns > max(0, now_ns - _LASTS_NS), level="bad")

    def report(self) -> dict[str, Any]:
        """{level, step, worst, changes, eased_s, program_share, encode_share, queued}: the step of now, and what the show had."""
        return {
            "level": self._ease.level,
            "step": STEPS[self._ease.level],
            "worst": STEPS[self._worst],
            "changes": self._changes,
            "eased_s": round(self._eased_s, 1),
            "program_share": round(self._load.program, 2),
            "encode_share": round(self._load.encode, 2),
            "queued": self._load.queued,
            "comes_first": self._comes_first,
        }

    def _set(self, ease: Ease) -> None:
        if ease.level != self._ease.level:
            self._changes += 1
            self._worst = max(self._worst, ease.level)
            self._media.ease_look(ease.level)
            if self._broadcast.session is not None:
                self._broadcast.session.ease_encoder(is_quick=ease.level >= ENCODER_LEVEL)
        self._ease = ease
