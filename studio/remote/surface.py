"""What the control API asks of the studio: JSON-ready dicts in and out, KnownErrors of `studio.errors` raised.

All calls come on the engine's loop thread. Nothing here is implemented here; the server passes bodies on as they came, after it
has checked that they are sound JSON objects with the ids that the call needs.
"""

from collections.abc import Callable
from typing import Any, Literal, Protocol, TypeAlias

from studio.remote.drop_surface import DropSurface
from studio.remote.file_surface import FilesSurface
from studio.remote.look_surface import LookSurface
from studio.remote.loyalty_surface import LoyaltySurface
from studio.remote.measure_surface import MeasureSurface
from studio.remote.output_surface import OutputSurface
from studio.remote.person_surface import PersonSurface
from studio.remote.roles import Principal
from studio.remote.shop_surface import ShopSurface
from studio.remote.sound_surface import SoundSurface

Body: TypeAlias = dict[str, Any]
FanSort: TypeAlias = Literal["spent_minor", "points", "last_order_at"]
SlateAnswer: TypeAlias = Literal["wait"]
Compare: TypeAlias = Literal["off", "original", "split", "source"]
Deliver: TypeAlias = Callable[[str, Body], None]


class AudienceSurface(Protocol):
    """The fan file and the board."""

    async def ingest(self, lines: bytes, principal: Principal) -> Body:
        """Take NDJSON: {accepted, duplicate, rejected: [{line, error}]}, answered once it is durable.

        Lines of another platform or room than the connector is bound to are blank already; the server adds them to `rejected`.
        """
        ...

    def board(self, limit: int) -> Body:
        """{version, present, rows}."""
        ...

    async def fan(self, platform: str, fan_id: str) -> Body:
        """One person's card. Raises NotFound."""
        ...

    async def fans(self, sort: FanSort, limit: int, after: str) -> Body:
        """{rows, after}: a page, `after` being where the next one starts, or null. Raises InvalidInput for an `after` it never gave."""
        ...

    async def find_fans(self, text: str, limit: int) -> Body:
        """{rows, after, more}: whoever bears or bore a name with this text in it. Raises InvalidInput for a text without a letter."""
        ...


class AnalysisDesk(Protocol):
    """Figures over all fans, counted in the background.

    Each answer says {state: counting|ready|failed, as_of, progress: {done, of}, error}; before the first count has ended, the figures
    are missing.
    """

    async def segments(self, locale: str, *, is_fresh: bool) -> Body:
        """{fans, segments, layers, tiers, both, history}."""
        ...

    async def cohorts(self, locale: str, *, is_fresh: bool) -> Body:
        """{buyers, rates, cohorts, categories, forecast}."""
        ...

    async def repurchase(self, locale: str, limit: int, *, is_fresh: bool) -> Body:
        """{today, count, rows, forecast}: who is due today."""
        ...

    async def outlook(self, platform: str, fan_id: str) -> Body:
        """{history, habits, expected_90d} of one fan. Raises NotFound."""
        ...


class AnalysisSurface(Protocol):
    """Figures over all fans."""

    @property
    def analysis(self) -> AnalysisDesk:
        """The desk."""
        ...


class ModerationSurface(Protocol):
    """What people do to one fan."""

    async def moderate(self, body: Body, principal: Principal) -> Body:
        """{platform, id, action, text}: what was done. Raises InvalidInput, NotFound."""
        ...


class LiveSurface(Protocol):
    """On air or not."""

    async def start_live(self, principal: Principal) -> Body:
        """Go live: `live()`. Raises Conflict when live already, SourceUnavailable, EncoderUnavailable."""
        ...

    async def stop_live(self, principal: Principal) -> Body:
        """End the show: `live()`. When nothing is live it changes nothing."""
        ...

    def live(self) -> Body:
        """{state, since, outputs, …}."""
        ...

    def answer_slate(self, answer: SlateAnswer, principal: Principal) -> Body:
        """The host waits on for a picture that is gone: as `live`. Raises Conflict when no slate is on."""
        ...


class MomentSurface(Protocol):
    """Moments of the show, to be found again."""

    async def save_replay(self) -> Body:
        """{path, seconds}: the last stretch as a new file. Raises Conflict while there is none, OutputFailed."""
        ...

    def mark(self, title: str) -> Body:
        """{title}: a chapter of the recordings begins now. Raises Conflict off air."""
        ...

    def recordings(self) -> Body:
        """{recordings: [{path, output, is_open}]} of this run of the engine, the oldest first."""
        ...

    async def cut_clips(self, path: str, before_s: float, after_s: float) -> Body:
        """{clips: [{path, seconds}]}: one for each mark of a recording of this run. Raises NotFound, Conflict, InvalidInput."""
        ...


class PictureSurface(Protocol):
    """The newest program frame."""

    async def preview_jpeg(self, width: int) -> bytes:
        """JPEG, `width` pixels wide. Raises Conflict when there is no frame yet."""
        ...

    def compare(self, mode: Compare, line_at: float) -> Body:
        """Show before, after, both with the line at a share of the width, or the whole source, in the local preview only: {compare, at}."""
        ...


class SettingsSurface(Protocol):
    """The profile."""

    def settings(self) -> Body:
        """As JSON; a key reads `***`."""
        ...

    async def patch_settings(self, patch: Body, principal: Principal) -> Body:
        """RFC 7396, all or nothing: {settings, touched}. Raises InvalidSettings, Conflict (size, fps, codec while live)."""
        ...


class EngineSurface(Protocol):
    """The engine itself, and what it tells without being asked."""

    def health(self) -> Body:
        """The report, live."""
        ...

    def stream_state(self) -> list[tuple[str, Body]]:
        """(type, data) of the full state, for a client that has just connected."""
        ...

    def subscribe(self, deliver: Deliver) -> Callable[[], None]:
        """Call `deliver(type, data)` on the loop at each change; the answer ends it. `data` is not changed afterwards."""
        ...

    async def shutdown(self) -> None:
        """Ask the engine to end; returns at once, before it has ended."""
        ...


class StudioSurface(
    AudienceSurface,
    AnalysisSurface,
    ModerationSurface,
    DropSurface,
    ShopSurface,
    PersonSurface,
    FilesSurface,
    LoyaltySurface,
    LiveSurface,
    MomentSurface,
    OutputSurface,
    SoundSurface,
    PictureSurface,
    LookSurface,
    SettingsSurface,
    MeasureSurface,
    EngineSurface,
    Protocol,
):
    """Everything that a window or a script can ask."""
