"""The profile's lists of further inputs and of effects, checked as a whole: names that can be told apart, no switch without effect.

Pure; what a single key may be stands beside the key.
"""

from collections.abc import Iterable

from studio.model.rules import Fault
from studio.model.sound_settings import MICROPHONE, EffectSettings, InputSettings

MOST_INPUTS = 8
"""As many as fit a small mixing desk; each one that is open costs a thread."""
MOST_EFFECTS = 16
"""They are kept decoded: at most 20 s and 8 MB each."""
_LONGEST_NAME = 24
_VOICE_ONLY = ("highpass", "denoise", "gate", "compressor", "deess")


def checked_inputs(rows: Iterable[tuple[str, InputSettings]], faults: list[Fault]) -> tuple[InputSettings, ...]:
    """The inputs, each with its place in the file; what is wrong is added to the faults."""
    inputs: list[InputSettings] = []
    for where, found in rows:
        _check_name(found.name, where, {other.name for other in inputs}, faults)
        if found.kind != "voice" and (switch := _voice_switch(found)):
            faults.append(Fault(f"{where}.{switch}", repr(getattr(found, switch)), 'for kind = "voice" only'))
        if found.shuffle and not found.source.startswith("music:"):
            faults.append(Fault(f"{where}.shuffle", "True", 'for source = "music:…" only'))
        inputs.append(found)
    if len(inputs) > MOST_INPUTS:
        faults.append(Fault("input", str(len(inputs)), f"at most {MOST_INPUTS} inputs"))
    return tuple(inputs)


def checked_effects(rows: Iterable[tuple[str, EffectSettings]], faults: list[Fault]) -> tuple[EffectSettings, ...]:
    """The effects, likewise; no key plays two."""
    effects: list[EffectSettings] = []
    for where, found in rows:
        _check_name(found.name, where, {other.name for other in effects}, faults)
        if not found.path:
            faults.append(Fault(f"{where}.path", '""', "a sound file"))
        if found.key and found.key in {other.key for other in effects}:
            faults.append(Fault(f"{where}.key", repr(found.key), "used by another effect already"))
        effects.append(found)
    if len(effects) > MOST_EFFECTS:
        faults.append(Fault("effect", str(len(effects)), f"at most {MOST_EFFECTS} effects"))
    return tuple(effects)


def _check_name(name: str, where: str, names: set[str], faults: list[Fault]) -> None:
    if not (0 < len(name) <= _LONGEST_NAME and name.isprintable() and name == name.strip() and "/" not in name):
        faults.append(Fault(f"{where}.name", repr(name)[:60], f"1 to {_LONGEST_NAME} signs, no / among them"))
    elif name == MICROPHONE:
        faults.append(Fault(f"{where}.name", repr(name), "the name of [audio]; choose another"))
    elif name in names:
        faults.append(Fault(f"{where}.name", repr(name), "used by another one already"))


def _voice_switch(found: InputSettings) -> str:
    """The first treatment of a voice that is asked for, or ""."""
    return next((switch for switch in _VOICE_ONLY if getattr(found, switch)), "eq" if found.eq != "flat" else "")
