"""Plays what comes on standard input (float32, stereo, 48 kHz) to one sound device, in a process of its own.

    python -m capture.sound_player DEVICE

It plays to no other device than the one named, so that a show's sound never comes out of the room's speakers. Exit code 1 without it.
"""

import sys

import sounddevice

from studio.model.frames import AUDIO_RATE_HZ

_BLOCK = AUDIO_RATE_HZ // 50
_BYTES = _BLOCK * 2 * 4


def main(device: str) -> int:
    """Until standard input ends."""
    try:
        stream = sounddevice.RawOutputStream(AUDIO_RATE_HZ, _BLOCK, device, 2, "float32", latency="low")
    except (sounddevice.PortAudioError, ValueError) as error:
        sys.stderr.write(f"{device}: {error}\n")
        return 1
    with stream:
        while len(block := sys.stdin.buffer.read(_BYTES)) == _BYTES:
            stream.write(block)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
