"""The chains of voices and of their sum, and the meters: float32 in, float32 out, always as long and always as late.

It refuses to know where sound comes from or goes to.
"""

from capture.sound.chain import VoiceChain
from capture.sound.master import Master

__all__ = ["Master", "VoiceChain"]
