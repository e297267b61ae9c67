"""What the control API asks of the studio: JSON-ready dicts in and out, KnownErrors of `studio.errors` raised.

All calls come on the engine's loop thread. Nothing here is implemented here; the server passes bodies on as they came, after it
has checked that they are sound JSON objects with the ids that the call needs.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol, TypeAlias

from studio.remote.drop_surface import DropSurface, EntrySurface, HandoutSurface
from studio.remote.file_surface import FilesSurface
from studio.remote.loyalty_surface import LoyaltySurface
from studio.remote.measure_surface import MeasureSurface
from studio.remote.output_surface import LineSurface, OutputSurface
from studio.remote.person_surface import PersonSurface
from studio.remote.roles import Principal
from studio.remote.sound_surface import SoundSurface

Body: TypeAlias = dict[str, Any]
FanSort: TypeAlias = Literal["spent_minor", "points", "last_order_at"]
ShopStep: TypeAlias = Literal["code", "dismiss"]
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


class AnalysisSurface(Protocol):
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


class ModerationSurface(Protocol):
    """What people do to one fan."""

    async def moderate(self, body: Body, principal: Principal) -> Body:
        """{platform, id, action, text}: what was done. Raises InvalidInput, NotFound."""
        ...


class MemberSurface(Protocol):
    """Members' own pages."""

    async def issue_member_code(self, platform: str, fan_id: str, principal: Principal) -> Body:
        """{code, path, url}: the fan's new code; the earlier one is void. Raises NotFound."""
        ...

    async def revoke_member_code(self, platform: str, fan_id: str, principal: Principal) -> Body:
        """{revoked}: how many codes of the fan were taken back."""
        ...

    def check_member_page(self) -> None:
        """Raise NotFound while the page is off."""
        ...

    async def member_page(self, code: str) -> Body:
        """What the page of this code shows. Raises NotFound for any other code."""
        ...


class ShopSurface(Protocol):
    """Orders from shops."""

    async def verify_hook(self, name: str, headers: Mapping[str, str], body: bytes) -> str:
        """The id of a webhook's message. Raises NotFound, Unauthenticated; it looks at the raw bytes and parses nothing."""
        ...

    async def take_hook(self, name: str, message_id: str, topic: str, document: Body) -> Body:
        """{state, code?} of the order, once it is durable; the same message again changes nothing. Raises InvalidInput."""
        ...

    async def shop_orders(self, state: str, limit: int, after: int) -> Body:
        """{rows, total, after}: orders that are waiting, bound or dismissed, newest first."""
        ...

    async def shop_order_step(self, hook: str, order: str, step: ShopStep, principal: Principal) -> Body:
        """The order with a new code, or dismissed. Raises NotFound, Conflict once it is bound."""
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


class LookSurface(Protocol):
    """Presets and presenters."""

    def looks(self) -> Body:
        """{shipped, looks:[{name, presenter, look}], presenters, current}."""
        ...

    async def keep_look(self, name: str) -> Body:
        """Keep the look of now under a name: `looks()`. Raises InvalidInput, Conflict."""
        ...

    async def forget_look(self, name: str) -> Body:
        """`looks()` without it. Raises NotFound."""
        ...

    async def use_look(self, name: str, principal: Principal) -> Body:
        """Put a preset on: as `patch_settings`. Raises NotFound."""
        ...

    async def hand_over(self, name: str, principal: Principal) -> Body:
        """Another presenter with their last look: {settings, touched, looks}. Raises InvalidInput, Conflict."""
        ...


class ColourSurface(Protocol):
    """Colour by measurement."""

    async def balance_white(self, x: float, y: float, principal: Principal) -> Body:
        """White balance by what stands at a place (shares of the published picture): as `patch_settings`. Raises InvalidInput."""
        ...

    async def read_chart(self) -> Body:
        """{corners, patches:[{name, before, after, seen, corrected, wanted}], matrix, mean_before, mean_after, max_after}.

        Raises InvalidInput.
        """
        ...

    async def colour_profiles(self) -> list[Body]:
        """[{name, path, camera, light, made_at, mean_before, mean_after, max_after}]."""
        ...

    async def keep_colour_profile(self, light: str, principal: Principal) -> Body:
        """Store the last reading and use it: as `patch_settings`. Raises Conflict, InvalidInput."""
        ...

    async def forget_colour_profile(self, name: str, principal: Principal) -> Body:
        """Delete it, and use none if it was in use: {profiles}. Raises NotFound."""
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
    HandoutSurface,
    EntrySurface,
    ShopSurface,
    MemberSurface,
    PersonSurface,
    FilesSurface,
    LoyaltySurface,
    LiveSurface,
    MomentSurface,
    OutputSurface,
    LineSurface,
    SoundSurface,
    PictureSurface,
    LookSurface,
    ColourSurface,
    SettingsSurface,
    MeasureSurface,
    EngineSurface,
    Protocol,
):
    """Everything that a window or a script can ask."""
