"""What is measured of the program's sound, and the slow hand on the fader that brings a voice to its target.

Pure values and arithmetic; loudness is LUFS by ITU-R BS.1770-4 as EBU R 128 uses it.
"""

from dataclasses import dataclass

SILENT_LUFS = -70.0
"""The absolute gate of BS.1770: below it nothing counts."""
SPEECH_LUFS = -45.0
"""A quieter room is no voice: the rider rests."""
MOST_RIDE_DB = 9.0
"""Further than this a microphone is set wrong, and raising it raises the room."""
RIDE_DB_S = 0.6
"""Slower than a listener notices; a change of place by the host is made up for in a few sentences."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """The program's loudness: of the last 400 ms, of the last 3 s, since the meter's start, in LUFS; true peak of that time in dBTP."""

    momentary: float = SILENT_LUFS
    short: float = SILENT_LUFS
    integrated: float = SILENT_LUFS
    true_peak_db: float = SILENT_LUFS


@dataclass(frozen=True, slots=True)
class VoiceReading:
    """What a voice's chain does now: the level of a voice that is muted, and the code of why a stage that was asked for is off."""

    muted_level_db: float = SILENT_LUFS
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class MasterReading:
    """What is measured of the sum, and the dB that limiter and rider take or give."""

    loudness: Loudness
    limited_db: float = 0.0
    ridden_db: float = 0.0


@dataclass(frozen=True, slots=True)
class SoundReading:
    """What all chains do now: loudness, dB that limiter and rider take or give, and the level of the loudest voice that is muted."""

    loudness: Loudness
    limited_db: float = 0.0
    ridden_db: float = 0.0
    muted_level_db: float = SILENT_LUFS
    trouble: str = ""
    """The code of why a stage that was asked for is off."""


def ridden_db(now_db: float, loudness: Loudness, target_lufs: float, elapsed_s: float) -> float:
    """The rider's gain after `elapsed_s` more: a step towards the target while somebody speaks, none in a pause.

    The loudness is of what the rider gave; a target of 0 means none.
    """
    if not target_lufs or loudness.momentary < SPEECH_LUFS or loudness.short < SPEECH_LUFS:
        return now_db
    missing_db = target_lufs - loudness.short
    step_db = RIDE_DB_S * elapsed_s
    return max(-MOST_RIDE_DB, min(MOST_RIDE_DB, now_db + max(-step_db, min(step_db, missing_db))))
