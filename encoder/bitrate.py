"""What to encode at when a network takes less than the show would like: down at once to what gets through, up again by probing.

Pure: times, backlogs and byte counts are given to it.
"""

from collections import deque

_CONGESTED_MS = 120.0
"""Beyond twice the usual way: a lost packet costs one way more, and a keyframe up to 100 ms; half of it would react to those."""
_CLEAR_MS = 100.0
"""Beyond one and a half times the usual way."""
_LOOK_NS = 250_000_000
"""A backlog that is gone sooner was a keyframe, a hiccup of this machine or the burst that begins a session."""
_MEASURED_NS = 250_000_000
"""The same quarter of a second: it holds nothing of the time before the network changed."""
_SETTLE_NS = 1_400_000_000
"""Between two steps down: the encoder follows within a second, and what waits must have begun to shrink by then."""
_SHRUNK = 0.9
_DOWN = 0.7
_SHARE = 0.8
"""Of what gets through: the rest lets half a second of backlog drain in two and a half."""
_DEEPEST = 0.25
"""Of the rate, in one step: half a second without any progress is a hand-over to another cell more often than a line of 50 kbit/s."""
_PROBE_NS = 1_300_000_000
"""Between two steps up: a step of a fifth too far shows as backlog within one."""
_FIRST_STEP, _LARGEST_STEP = 0.05, 0.4
"""Steps double while all is well: from a fifth of the ceiling back to it in eleven seconds (OBS: 10 % every 4 s, 28)."""
_HOLD_NS = 5_000_000_000
_NEAR = 0.93
"""So near to where it was too much last time it stays for five seconds: a narrow link isn't probed all the time."""
_LEAST_SHARE = 0.1
_LEAST_KBPS = 300


class AdaptiveBitrate:
    """The video rate for one output's network. Owned by whoever calls `update`.

    It looks at how long a picture takes to the other side, against the usual: what a narrow link's own buffers swallow shows there a
    second before anything waits on this machine. Too long for a quarter of a second, and not shrinking: to 70 %, or to 80 % of what
    really gets through if that is less. Short again: up in steps of 5, 10, 20, 40 % every 1.3 s, with a rest below the rate that was
    too much last time.
    """

    def __init__(self, ceiling_kbps: int, audio_kbps: int = 0) -> None:
        self.ceiling_kbps = ceiling_kbps
        self.floor_kbps = min(ceiling_kbps, max(_LEAST_KBPS, round(ceiling_kbps * _LEAST_SHARE)))
        self.lowest_kbps = ceiling_kbps
        self._audio_kbps = audio_kbps
        self._rate = float(ceiling_kbps)
        self._step = _FIRST_STEP
        self._limit = float("inf")
        self._congested_ns = 0
        self._judged_ns: int | None = None
        self._judged_ms = 0.0
        self._is_calm = True
        self._clear_since_ns: int | None = None
        self._ways: deque[tuple[int, float]] = deque()
        self._delivered: deque[tuple[int, int]] = deque()

    @property
    def bitrate_kbps(self) -> int:
        """The rate of now."""
        return round(self._rate)

    def update(self, now_ns: int, way_ms: float, usual_ms: float, delivered_bytes: int) -> int:
        """The rate from now on; `delivered_bytes` is that output's total. To be called at least every 50 ms."""
        self._note(now_ns, way_ms, delivered_bytes)
        # The least of a quarter of a second: single packets are late on any line that loses some.
        least_ms = min(ms for _, ms in self._ways)
        if least_ms > 2 * usual_ms + _CONGESTED_MS and now_ns - self._ways[0][0] >= _LOOK_NS:
            self._clear_since_ns = None
            if self._judged_ns is None or now_ns - self._judged_ns >= _SETTLE_NS:
                self._judge(now_ns, way_ms)
        elif least_ms > 1.5 * usual_ms + _CLEAR_MS or self._rate >= self.ceiling_kbps:
            self._clear_since_ns = None
        else:
            self._probe(now_ns)
        self.lowest_kbps = min(self.lowest_kbps, self.bitrate_kbps)
        return self.bitrate_kbps

    def _note(self, now_ns: int, way_ms: float, delivered_bytes: int) -> None:
        if self._delivered and delivered_bytes < self._delivered[-1][1]:
            self._delivered.clear()
        self._ways.append((now_ns, way_ms))
        while now_ns - self._ways[min(1, len(self._ways) - 1)][0] >= _LOOK_NS:
            self._ways.popleft()
        self._delivered.append((now_ns, delivered_bytes))
        while now_ns - self._delivered[min(1, len(self._delivered) - 1)][0] >= _MEASURED_NS:
            self._delivered.popleft()

    def _judge(self, now_ns: int, way_ms: float) -> None:
        """Down, unless what waits has shrunk by a tenth since the last judgement: then the rate is right and takes its time."""
        if self._is_calm or way_ms > self._judged_ms * _SHRUNK:
            self._step_down(now_ns)
        self._is_calm, self._judged_ns, self._judged_ms = False, now_ns, way_ms

    def _step_down(self, now_ns: int) -> None:
        measured = self._measured_kbps()
        wanted = self._rate * _DOWN
        if measured > 0:
            wanted = min(wanted, max(measured * _SHARE, self._rate * _DEEPEST))
        self._limit, self._congested_ns = min(self._rate, max(measured, wanted)), now_ns
        self._rate, self._step = max(wanted, float(self.floor_kbps)), _FIRST_STEP

    def _probe(self, now_ns: int) -> None:
        self._is_calm = True
        if self._clear_since_ns is None:
            self._clear_since_ns = now_ns
        if now_ns - self._clear_since_ns < _PROBE_NS:
            return
        wanted = min(self._rate * (1 + self._step), float(self.ceiling_kbps))
        self._step = min(self._step * 2, _LARGEST_STEP)
        near = self._limit * _NEAR
        if wanted > near and self._rate < near:
            wanted, self._step = near, _FIRST_STEP
        elif wanted > near and now_ns - self._congested_ns < _HOLD_NS:
            self._step = _FIRST_STEP
            return
        self._rate, self._clear_since_ns = wanted, now_ns

    def _measured_kbps(self) -> float:
        """What got through for pictures, in kbit/s; 0 while there is too little to judge by."""
        (then_ns, then_bytes), (now_ns, now_bytes) = self._delivered[0], self._delivered[-1]
        if now_ns - then_ns < _MEASURED_NS // 2:
            return 0.0
        return max(0.0, (now_bytes - then_bytes) * 8e6 / (now_ns - then_ns) - self._audio_kbps)
