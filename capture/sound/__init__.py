"""The voice's chain and its meters: float32 in, float32 out, always as long and always as late.

It refuses to know where sound comes from or goes to.
"""

from capture.sound.chain import VoiceChain

__all__ = ["VoiceChain"]
