"""Who may call what: the contract's role column as one table, and the person behind a call.

It knows no tokens and no HTTP server; what isn't in the table is allowed to nobody.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

from studio.errors import Forbidden

Role: TypeAlias = Literal["host", "assistant", "moderator", "connector"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls. `token_id` tells two tokens apart and is no secret; `platform` and `room` bind a connector (empty: not bound)."""

    name: str
    role: Role
    token_id: str
    address: str = ""
    platform: str = ""
    room: str = ""
    is_this_machine: bool = False
    """True for the token made for this run, which only `engine.json` of this user holds."""


_HOST: frozenset[Role] = frozenset({"host"})
_TEAM: frozenset[Role] = frozenset({"host", "assistant"})
_ROOM: frozenset[Role] = frozenset({"host", "assistant", "moderator"})
_FEED: frozenset[Role] = frozenset({"connector"})
_ANY: frozenset[Role] = frozenset(ROLES)

CALLS: MappingProxyType[str, frozenset[Role]] = MappingProxyType(
    {
        "POST /v1/events": _FEED,
        "GET /v1/board": _ANY,
        "GET /v1/fans": _TEAM,
        "GET /v1/fans/{platform}/{id}": _TEAM,
        "POST /v1/fans/{platform}/{id}/redeem": _TEAM,
        "POST /v1/fans/{platform}/{id}/points/undo": _TEAM,
        "GET /v1/fans/{platform}/{id}/loyalty": _TEAM,
        "PUT /v1/fans/{platform}/{id}/birthday": _TEAM,
        "DELETE /v1/fans/{platform}/{id}/birthday": _TEAM,
        "POST /v1/fans/{platform}/{id}/birthday-gift": _TEAM,
        "GET /v1/birthdays": _TEAM,
        "GET /v1/rules": _TEAM,
        "GET /v1/rules/prices": _TEAM,
        "POST /v1/rules/preview": _TEAM,
        "PUT /v1/rules": _HOST,
        "POST /v1/rules/undo": _HOST,
        "GET /v1/fans/{platform}/{id}/outlook": _TEAM,
        "GET /v1/segments": _TEAM,
        "GET /v1/cohorts": _TEAM,
        "GET /v1/repurchase": _TEAM,
        "GET /v1/suggestions": _TEAM,
        "POST /v1/links/{number}/undo": _TEAM,
        "GET /v1/fans/{platform}/{id}/links": _TEAM,
        "POST /v1/fans/{platform}/{id}/merge": _TEAM,
        "POST /v1/fans/{platform}/{id}/split": _TEAM,
        "POST /v1/fans/{platform}/{id}/apart": _TEAM,
        "GET /v1/fans/{platform}/{id}/export": _HOST,
        "POST /v1/fans/{platform}/{id}/erase": _HOST,
        "POST /v1/fans/{platform}/{id}/hold": _HOST,
        "DELETE /v1/fans/{platform}/{id}/hold": _HOST,
        "GET /v1/fans/{platform}/{id}/contacts": _HOST,
        "PUT /v1/fans/{platform}/{id}/contacts": _HOST,
        "POST /v1/fans/{platform}/{id}/member-code": _TEAM,
        "DELETE /v1/fans/{platform}/{id}/member-code": _TEAM,
        "POST /v1/moderation": _ROOM,
        "POST /v1/drops": _TEAM,
        "PUT /v1/drops/{drop}": _TEAM,
        "POST /v1/drops/{drop}/{step:open|close|cancel|approve}": _TEAM,
        "POST /v1/drops/{drop}/pass-over": _TEAM,
        "GET /v1/drops/{drop}/entries/{platform}/{id}": _TEAM,
        "GET /v1/handouts": _TEAM,
        "POST /v1/handouts/{step:done|undo}": _TEAM,
        "POST /v1/drops/{drop}/claim": _TEAM | _FEED,
        "POST /v1/drops/{drop}/entries": _TEAM,
        "GET /v1/drops": _ANY,
        "GET /v1/drops/{drop}": _ANY,
        "GET /v1/drops/{drop}/proof": _ANY,
        "GET /v1/shop/orders": _TEAM,
        "POST /v1/shop/orders/code": _TEAM,
        "POST /v1/shop/orders/dismiss": _TEAM,
        "GET /v1/shop/hooks": _HOST,
        "PUT /v1/shop/hooks/{name}/key": _HOST,
        "POST /v1/shop/hooks/{name}/test": _HOST,
        "GET /v1/holds": _HOST,
        "GET /v1/products": _TEAM,
        "PUT /v1/products": _TEAM,
        "GET /v1/products/shown": _TEAM,
        "PUT /v1/products/shown": _TEAM,
        "DELETE /v1/products/{sku}": _TEAM,
        "POST /v1/products/{sku}/picture": _TEAM,
        "GET /v1/pictures/{hash}": _TEAM,
        "POST /v1/uploads": _TEAM,
        "PUT /v1/uploads/{upload}": _TEAM,
        "DELETE /v1/uploads/{upload}": _TEAM,
        "POST /v1/imports/preview": _HOST,
        "GET /v1/imports": _HOST,
        "POST /v1/imports": _HOST,
        "GET /v1/imports/{import}/rejected": _HOST,
        "POST /v1/imports/{import}/{step:stop|resume|forget}": _HOST,
        "POST /v1/export": _HOST,
        "GET /v1/backups": _HOST,
        "POST /v1/backups": _HOST,
        "DELETE /v1/backups/{name}": _HOST,
        "POST /v1/backups/{name}/restore": _HOST,
        "POST /v1/replay": _TEAM,
        "POST /v1/markers": _TEAM,
        "GET /v1/recordings": _HOST,
        "POST /v1/recordings/clips": _HOST,
        "POST /v1/live/start": _HOST,
        "POST /v1/live/stop": _HOST,
        "GET /v1/live": _ANY,
        "GET /v1/settings": _HOST,
        "PATCH /v1/settings": _HOST,
        "GET /v1/preview.jpg": _TEAM,
        "POST /v1/preview": _HOST,
        "GET /v1/looks": _HOST,
        "PUT /v1/looks/{name}": _HOST,
        "DELETE /v1/looks/{name}": _HOST,
        "POST /v1/looks/{name}/use": _HOST,
        "POST /v1/presenters/{name}/hand-over": _HOST,
        "POST /v1/colour/white": _HOST,
        "POST /v1/colour/chart": _HOST,
        "GET /v1/colour/profiles": _HOST,
        "POST /v1/colour/profiles": _HOST,
        "DELETE /v1/colour/profiles/{name}": _HOST,
        "POST /v1/live/slate": _HOST,
        "GET /v1/sound": _TEAM,
        "PATCH /v1/sound/inputs/{name}": _HOST,
        "POST /v1/sound/inputs/{name}/{step:next|pause|play}": _TEAM,
        "POST /v1/sound/effects/{name}": _TEAM,
        "POST /v1/sound/talk": _HOST,
        "GET /v1/sound/devices": _HOST,
        "POST /v1/sound/sync": _HOST,
        "POST /v1/measure": _HOST,
        "GET /v1/measure": _HOST,
        "GET /v1/outputs": _HOST,
        "PUT /v1/outputs/{name}": _HOST,
        "DELETE /v1/outputs/{name}": _HOST,
        "POST /v1/outputs/{name}/{step:start|stop}": _HOST,
        "POST /v1/outputs/{name}/retry": _HOST,
        "POST /v1/outputs/{name}/test": _HOST,
        "GET /v1/platforms": _TEAM,
        "POST /v1/pair/codes": _HOST,
        "GET /v1/tokens": _HOST,
        "DELETE /v1/tokens/{token}": _HOST,
        "GET /v1/health": _ANY,
        "GET /v1/audit": _HOST,
        "GET /v1/stream": _ANY,
        "POST /v1/engine/stop": _HOST,
    }
)
"""The roles that may make each call; `POST /v1/pair` and what `studio.remote.gate.PUBLIC` names ask for none and stand outside."""

_CHAT_READERS = _ROOM
_STREAM_READERS: dict[str, frozenset[Role]] = {
    "settings": _HOST,
    "chat": _CHAT_READERS,
    "meters": _TEAM,
    "shop": _TEAM,
    "handouts": _TEAM,
    "shown": _TEAM,
}
"""Message types of the stream that not everybody gets: nobody learns there what a call would refuse."""


def require(call: str, principal: Principal) -> None:
    """Raise Forbidden unless the principal's role may make the call."""
    if principal.role not in CALLS[call]:
        raise Forbidden("remote.forbidden", role=principal.role)
    if call == "POST /v1/engine/stop" and not principal.is_this_machine:
        raise Forbidden("remote.only_this_machine")


def may_read(message_type: str, role: Role) -> bool:
    """Whether the stream shows messages of this type to the role."""
    return role in _STREAM_READERS.get(message_type, _ANY)
