"""Who is who, and what may be kept of them: merges, splits, contacts, holds, erasing, everything that is known (loop thread).

It decides nothing: people ask, the store's transactions do it, and the board follows.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from studio.audience.board_keeper import BoardKeeper
from studio.errors import InvalidInput, KnownError
from studio.model.contacts import contact_kind, unusable
from studio.model.fans import Fan
from studio.model.settings import PrivacySettings
from studio.store import contacts, dossier, fan_queries, holds, links, retention, suggestions
from studio.store.database import Database
from studio.store.erase import Erased, erase
from studio.store.fan_detail import Moment
from studio.store.fan_queries import accounts_of
from studio.store.fan_store import FanStore
from studio.store.links import Account, Asked, Linked
from studio.store.vault import Vault

log = logging.getLogger(__name__)
T = TypeVar("T")

_FIRST_TIDY_S: Final = 60.0
_TIDY_EVERY_S: Final = 24 * 3600.0
"""Days are what retention counts in."""


class PersonDesk:
    """Every call answers what is committed. Contacts need a vault: `use_vault` says how one is opened (it may block)."""

    def __init__(self, database: Database, store: FanStore, moment: Callable[[], Moment], board: BoardKeeper) -> None:
        self._database = database
        self._store = store
        self._moment = moment
        self._board = board
        self._open_vault: Callable[[], Vault] | None = None
        self._vault: Vault | None = None
        self._tidying: asyncio.Task[None] | None = None

    def use_vault(self, open_vault: Callable[[], Vault]) -> None:
        """Where the key of the contacts comes from; asked once, when the first contact is."""
        self._open_vault = open_vault

    def start(self, settings: Callable[[], PrivacySettings]) -> None:
        """Begin to delete daily what was kept long enough."""
        self._tidying = asyncio.create_task(self._tidy_daily(settings), name="retention")

    async def stop(self) -> None:
        """Idempotent."""
        task, self._tidying = self._tidying, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def links(self, platform: str, fan_id: str) -> dict[str, Any]:
        """{accounts, history, suggestions, contacts, hold} of a person, for a card. Raises NotFound."""

        def read(connection: Connection) -> dict[str, Any]:
            ids = accounts_of(connection, platform, fan_id)
            number = fan_queries.person_of(connection, platform, fan_id)
            return {
                "history": links.history(connection, ids),
                "suggestions": suggestions.suggestions(connection, 10, number),
                "contacts": sorted({one["kind"] for one in contacts.told(connection, None, ids)}),
                "hold": holds.told(connection, ids),
            }

        return await self._database.read(read)

    async def suggestions(self, limit: int) -> dict[str, Any]:
        """{rows}: who might be one person, the best founded first."""
        return {"rows": await self._database.read(partial(suggestions.suggestions, limit=limit))}

    async def merge(self, platform: str, fan_id: str, body: Mapping[str, Any], by: str) -> dict[str, Any]:
        """{platform, id, reason}: make both one. Raises NotFound, Conflict, InvalidInput."""
        one, other, asked = (platform, fan_id), _account(body), self._asked(body, by)
        return await self._link(lambda connection: links.merge(connection, self._store, one, other, asked))

    async def split(self, platform: str, fan_id: str, body: Mapping[str, Any], by: str) -> dict[str, Any]:
        """{accounts: [{platform, id}], reason}: this account and those leave their person. Raises NotFound, InvalidInput."""
        others = body.get("accounts") or []
        if not isinstance(others, list):
            raise InvalidInput("field.text", field="accounts")
        leaving = [(platform, fan_id), *(_account(one) for one in others)]
        asked = self._asked(body, by)
        return await self._link(lambda connection: links.split(connection, self._store, leaving, asked))

    async def undo(self, seq: int, by: str) -> dict[str, Any]:
        """Take back a step. Raises NotFound, Conflict."""
        asked = self._asked({}, by)
        return await self._link(lambda connection: links.undo(connection, self._store, seq, asked))

    async def apart(self, platform: str, fan_id: str, body: Mapping[str, Any], by: str) -> dict[str, Any]:
        """{platform, id}: these are two people; nobody is asked again. Raises NotFound, Conflict."""
        other, asked = _account(body), self._asked(body, by)
        seq = await self._database.write(lambda connection: links.apart(connection, (platform, fan_id), other, asked))
        return {"number": seq}

    async def document(self, platform: str, fan_id: str, currency: str, locale: str) -> bytes:
        """Everything that is kept of a person, as JSON. Raises NotFound, KnownError for contacts under another key."""
        vault, moment = await self.vault(), self._moment()
        return await self._database.read(
            lambda connection: dossier.person_document(connection, vault, (platform, fan_id), moment, currency, locale)
        )

    async def erase(self, platform: str, fan_id: str, by: str) -> Erased:
        """Delete a person. Raises NotFound, Conflict while they are held."""
        gone = await self._database.write(lambda connection: erase(connection, self._store, (platform, fan_id)))
        await self._database.flush()
        self._board.forget([gone.person], gone.accounts)
        self._board.changed({})
        log.info("%r erased a person of %d accounts", by[:40], len(gone.accounts))
        return gone

    async def hold(self, platform: str, fan_id: str, body: Mapping[str, Any], by: str) -> dict[str, Any]:
        """{reason}: nothing of this person may be deleted. Raises NotFound, InvalidInput."""
        asked = self._asked(body, by)
        await self._database.write(lambda connection: holds.put(connection, accounts_of(connection, platform, fan_id), asked))
        return {"held": True, "reason": asked.reason}

    async def release(self, platform: str, fan_id: str) -> dict[str, Any]:
        """End a hold. Raises NotFound."""
        released = await self._database.write(lambda connection: holds.release(connection, accounts_of(connection, platform, fan_id)))
        return {"held": False, "released": released}

    async def everybody_held(self) -> dict[str, Any]:
        """{rows}: of whom nothing may be deleted, oldest first."""
        return {"rows": await self._database.read(holds.everybody)}

    async def contacts(self, platform: str, fan_id: str) -> dict[str, Any]:
        """{rows} with their values. Raises NotFound, KnownError for contacts under another key."""
        vault = await self.vault()
        rows = await self._database.read(lambda connection: contacts.told(connection, vault, accounts_of(connection, platform, fan_id)))
        return {"rows": rows}

    async def keep_contact(self, platform: str, fan_id: str, body: Mapping[str, Any], by: str) -> dict[str, Any]:
        """{kind, value}: keep one of the account. Raises NotFound, InvalidInput, KnownError."""
        vault, kind, value = await self.vault(), contact_kind(body.get("kind")), body.get("value")
        if not isinstance(value, str):
            raise unusable(kind)
        now_ms = self._moment().now_ms

        def keep(connection: Connection) -> None:
            account = links.account_number(connection, (platform, fan_id))
            contacts.keep(connection, vault, account, kind, value, now_ms, by)

        await self._database.write(keep)
        return {"kept": kind}

    async def _link(self, step: Callable[[Connection], Linked]) -> dict[str, Any]:
        def run(connection: Connection) -> tuple[Linked, list[Fan]]:
            done = step(connection)
            return done, fan_queries.fans_of(connection, done.after)

        done, fans = await self._database.write(run)
        self._board.forget([number for number in done.before if number not in done.after], ())
        for fan in fans:
            self._board.keep(fan, self._moment().now_ms, is_greeted=False)
        self._board.changed({})
        return {"number": done.seq, "persons": [{"platform": fan.platform, "id": fan.fan_id, "name": fan.name} for fan in fans]}

    async def vault(self) -> Vault:
        """The key of the contacts, opened when it is first needed. Raises KnownError where there is none."""
        if self._vault is None:
            if self._open_vault is None:
                raise KnownError("contacts.other_key")
            self._vault = await asyncio.to_thread(self._open_vault)
        return self._vault

    def _asked(self, body: Mapping[str, Any], by: str) -> Asked:
        reason = body.get("reason") or ""
        if not isinstance(reason, str):
            raise InvalidInput("field.text", field="reason")
        return Asked(by, self._moment().now_ms, reason)

    async def _tidy_daily(self, settings: Callable[[], PrivacySettings]) -> None:
        await asyncio.sleep(_FIRST_TIDY_S)
        while True:
            with contextlib.suppress(KnownError):  # a store that takes nothing now is tried again tomorrow; its trouble is told elsewhere
                done = await retention.run(self._database, self._store, settings(), self._moment().now_ms)
                log.info("Retention: %d texts, %d names, %d contacts, %d fans", done.texts, done.names, done.contacts, len(done.fans))
            await asyncio.sleep(_TIDY_EVERY_S)


def _account(body: Any) -> Account:
    platform, fan_id = (body.get("platform"), body.get("id")) if isinstance(body, Mapping) else (None, None)
    if not (isinstance(platform, str) and platform and isinstance(fan_id, str) and fan_id):
        raise InvalidInput("field.text", field="platform, id")
    return platform, fan_id
