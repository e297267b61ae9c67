"""The desk's inputs: which of them are open, each with its feed and its channel, and what the mixer is told of them.

What blocks (opening, ending, loading a chain's libraries) runs on worker threads, one call at a time; nothing here touches a sample.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import cast

from studio.engine.channel import Channel, Fader, Kind
from studio.engine.feed import Feed, SourceState
from studio.engine.mixer import Mixer
from studio.errors import InvalidInput, KnownError, NotFound
from studio.model.frames import AudioBlock
from studio.model.mixing import Duck, factor_of, pan_factors
from studio.model.music import NowPlaying, PlayOrder
from studio.model.settings import Settings
from studio.model.sound_settings import MICROPHONE, Strip, strip_of, strips_of
from studio.registry import Registry
from studio.sound_port import Monitor, MusicPlayer, SoundChain


@dataclass(frozen=True, slots=True)
class MonitorState:
    """The device on which the host hears the mix went away, or is back."""

    error: KnownError | None


@dataclass(slots=True)
class _Open:
    strip: Strip
    channel: Channel
    feed: Feed[AudioBlock] | None
    player: MusicPlayer | None = None
    order: PlayOrder = field(default_factory=PlayOrder)
    is_let_in: bool = True
    """No other input's solo shuts it out."""


class SoundInputs:
    """The mixer and everything that feeds it."""

    def __init__(self, registry: Registry, post: Callable[[object], None], on_failed: Callable[[str, Exception], None]) -> None:
        self._registry = registry
        self._post = post
        self._on_failed = on_failed
        self._master = registry.new_master()
        self._microphone_chain = registry.new_sound_chain()
        self.mixer = Mixer(self._master, post, on_failed)
        self._microphone: _Open | None = None
        self._others: dict[str, _Open] = {}
        self._is_talking = False
        self._monitor: Monitor | None = None
        self._monitored = ""

    @property
    def microphone(self) -> Feed[AudioBlock] | None:
        """The feed of `[audio]`, if it has a source."""
        return self._microphone.feed if self._microphone is not None else None

    def configure(self, settings: Settings) -> None:
        """Chains, faders, solo and ducking as the settings say; loads libraries the first time."""
        mix = settings.mix
        self._master.configure(settings.audio)
        self._microphone_chain.configure(settings.audio)
        self.mixer.duck = Duck(mix.duck_db, mix.duck_attack_ms / 1000, mix.duck_release_ms / 1000, mix.duck_hold_ms / 1000)
        self.mixer.monitors_voices = mix.monitor_voices
        self.mixer.monitor_factor = factor_of(mix.monitor_gain_db)
        self._open_monitor(mix.monitor)
        strips = [strip_of(settings.audio), *strips_of(settings.input)]
        self.mixer.lead_ns = max(0, *(-strip.sync_offset_ms for strip in strips)) * 1_000_000
        has_solo = any(strip.is_solo for strip in strips)
        for strip in strips:
            opened = self._microphone if strip.name == MICROPHONE else self._others.get(strip.name)
            if opened is not None:
                opened.is_let_in = strip.is_solo or not has_solo
                self._put(opened, strip)

    def open_microphone(self, settings: Settings, epoch_ns: int) -> None:
        """Open what `[audio]` names; a clip begins at `epoch_ns`. What was open has been closed before."""
        strip = strip_of(settings.audio)
        if strip.source == "none":
            return
        self._microphone = self._opened(strip, self._microphone_chain, "microphone", "audio", epoch_ns)
        self._show(settings)

    def open_others(self, settings: Settings) -> None:
        """Open what is new among the further inputs, end what is gone; those that stay play on."""
        wanted = {strip.name: strip for strip in strips_of(settings.input) if strip.source != "none"}
        gone = [
            name
            for name, opened in self._others.items()
            if name not in wanted or (opened.strip.kind, opened.strip.source) != (wanted[name].kind, wanted[name].source)
        ]
        _end([self._others.pop(name) for name in gone])
        for name, strip in wanted.items():
            if name not in self._others:
                chain = self._registry.new_sound_chain() if strip.kind == "voice" else None
                self._others[name] = self._opened(strip, chain, f"input:{name}", f"input:{name}", time.monotonic_ns())
        self._show(settings)

    def ask_microphone_to_stop(self) -> None:
        """Without waiting."""
        if self.microphone is not None:
            self.microphone.ask_to_stop()

    def close_microphone(self) -> None:
        """End it and join; idempotent."""
        _end([self._microphone] if self._microphone is not None else [])
        self._microphone = None
        self._list()

    def stop(self) -> None:
        """End all inputs, then the mixer; idempotent."""
        self.close_microphone()
        _end(list(self._others.values()))
        self._others = {}
        self._list()
        self._open_monitor("")
        self.mixer.stop()

    def _open_monitor(self, device: str) -> None:
        """Another device is another monitor; none for no device."""
        if device == self._monitored:
            return
        self._monitored = device
        before, self._monitor = self._monitor, None
        self.mixer.monitor = None
        if before is not None:
            before.stop()
        if device:
            self._monitor = self._registry.open_monitor(device, lambda error: self._post(MonitorState(error)))
            self._monitor.start()
            self.mixer.monitor = self._monitor

    def play(self, name: str, *, is_paused: bool | None = None, skips: int = 0) -> NowPlaying:
        """Pause, go on or skip in a list of music. Raises NotFound for an input that isn't one."""
        opened = self._others.get(name)
        if opened is None or opened.player is None:
            raise NotFound("sound.no_music", name=name)
        paused = opened.order.is_paused if is_paused is None else is_paused
        opened.order = replace(opened.order, is_paused=paused, skips=opened.order.skips + skips)
        opened.player.order(opened.order)
        return opened.player.now_playing()

    def listen(self, ear: Callable[[AudioBlock], None] | None) -> None:
        """Let somebody hear the microphone's blocks as they come, untreated; None ends it."""
        if self._microphone is not None:
            self._microphone.channel.ear = ear

    def talk(self, *, is_held: bool) -> None:
        """Whether the key to talk is held; takes hold with the next chunk."""
        self._is_talking = is_held
        if self._microphone is not None:
            self._microphone.channel.is_open = self._is_open(self._microphone)

    def _is_open(self, opened: _Open) -> bool:
        return opened.is_let_in and (self._is_talking or not opened.strip.needs_key)

    def report(self) -> list[dict[str, object]]:
        """[{name, kind, source, open, blocks, overruns, drift_ms, playing, track, tracks}], the microphone first."""
        rows = [opened for opened in (self._microphone, *self._others.values()) if opened is not None]
        return [_row(opened) for opened in rows]

    def _opened(self, strip: Strip, chain: SoundChain | None, stage: str, kind: str, epoch_ns: int) -> _Open:
        channel = Channel(strip.name, cast("Kind", strip.kind), chain)
        try:
            source = self._registry.audio_source(strip.source)
        except InvalidInput as error:
            self._post(SourceState(kind, strip.source, None, error))
            return _Open(strip, channel, None)
        if source is None:
            return _Open(strip, channel, None)
        opened = _Open(strip, channel, None, source if isinstance(source, MusicPlayer) else None)
        self._order(opened, strip)
        opened.feed = Feed(stage, strip.source, source, channel.source.put, self._post, self._on_failed, kind)
        opened.feed.start(epoch_ns)
        return opened

    def _put(self, opened: _Open, strip: Strip) -> None:
        channel = opened.channel
        if channel.chain is not None and strip.name != MICROPHONE:
            channel.chain.configure(strip.voice)
        level = 0.0 if strip.is_muted else factor_of(strip.gain_db)
        left, right = pan_factors(strip.pan)
        channel.fader = Fader(left * level, right * level, strip.sync_offset_ms * 1_000_000)
        opened.strip = strip
        channel.is_open = self._is_open(opened)
        self._order(opened, strip)

    @staticmethod
    def _order(opened: _Open, strip: Strip) -> None:
        if opened.player is not None:
            opened.order = replace(opened.order, shuffle=strip.shuffle, repeat=strip.repeat)
            opened.player.order(opened.order)

    def _show(self, settings: Settings) -> None:
        self.configure(settings)
        self._list()

    def _list(self) -> None:
        """Tell the mixer, by one assignment."""
        rows = [self._microphone] if self._microphone is not None else []
        self.mixer.channels = tuple(opened.channel for opened in [*rows, *self._others.values()])


def _end(opened: list[_Open]) -> None:
    feeds = [row.feed for row in opened if row.feed is not None]
    for feed in feeds:
        feed.ask_to_stop()
    for feed in feeds:
        feed.stop()


def _row(opened: _Open) -> dict[str, object]:
    channel, feed = opened.channel, opened.feed
    row: dict[str, object] = {
        "name": channel.name,
        "kind": channel.kind,
        "source": opened.strip.source,
        "open": feed is not None and feed.info is not None,
        "blocks": channel.blocks,
        "overruns": channel.source.lost,
        "drift_ms": channel.drift_ms,
    }
    if opened.player is not None:
        playing = opened.player.now_playing()
        row |= {"playing": playing.name, "track": playing.number, "tracks": playing.tracks, "paused": playing.is_paused}
    return row
