"""Everything that is kept of one person, as one document to be handed to them: the right of access, and of taking it along.

It is as complete as the tables are; what is worked out from them on the way (tier, segment) is named with its reasons.
"""

import json
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, select, tuple_

from studio.errors import NotFound
from studio.model.events import format_time
from studio.model.room_clock import date_of
from studio.store import contacts, fan_archive, fan_detail, fan_drops, holds, links, redemptions
from studio.store.analysis_tables import standing
from studio.store.fan_card import fan_card
from studio.store.ledger import ledger_rows, of_accounts, received_of
from studio.store.shop_tables import member_code, shop_order
from studio.store.tables import event, points, spend
from studio.store.vault import Vault

FORMAT: Final = "encore-person-1"


def person_document(
    connection: Connection, vault: Vault | None, account: links.Account, moment: fan_detail.Moment, currency: str, locale: str
) -> bytes:
    """UTF-8 JSON of everything about the person that an account belongs to. Raises NotFound, KnownError for contacts of another key."""
    detail = fan_detail.detail_of(connection, *account, moment)
    if detail is None:
        raise NotFound("fans.unknown", platform=account[0], id=account[1])
    ids = [one.identity_id for one in detail.identities]
    number = detail.person.person_id
    document = {
        "format": FORMAT,
        "exported_at": format_time(moment.now_ms),
        "card": fan_card(detail, moment, currency, locale),
        "file": fan_archive.person_told(connection, number),
        "contacts": contacts.told(connection, vault, ids),
        "merges": links.history(connection, ids),
        "hold": holds.told(connection, ids),
        "standings": _standings(connection, number),
        "spend": _ledger(connection, spend, ids),
        "points": _ledger(connection, points, ids),
        "redeemed": redemptions.told(connection, ids),
        "drops": [
            {"platform": one.platform, "id": one.fan_id, **fan_drops.told(connection, (one.platform, one.fan_id))}
            for one in detail.identities
        ],
        "shop_orders": _shop_orders(connection, detail),
        "member_page": _member_page(connection, detail),
        "events": _events(connection, ids),
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _standings(connection: Connection, number: int) -> list[dict[str, Any]]:
    rows = connection.execute(select(standing).where(standing.c.person_id == number).order_by(standing.c.show_day))
    return [{"day": date_of(row.show_day), "segment": row.segment, "layer": row.layer} for row in rows]


def _ledger(connection: Connection, table: Table, accounts: list[int]) -> list[dict[str, Any]]:
    rows = connection.execute(select(table).where(table.c.identity_id.in_(accounts)).order_by(table.c.seq))
    return [
        {key: format_time(value) if key == "at" else value for key, value in row._mapping.items() if key != "identity_id"}  # noqa: SLF001 - SQLAlchemy's own name
        for row in rows
    ]


def _shop_orders(connection: Connection, detail: fan_detail.Detail) -> list[dict[str, Any]]:
    """The shops' orders that are bound to this person."""
    rows = connection.execute(select(shop_order).where(_of(shop_order, detail)).order_by(shop_order.c.first_at, shop_order.c.order_no))
    kept = ("hook", "label", "state", "is_paid", "amount_minor", "refunded_minor", "currency", "items")
    return [
        {
            **{key: row[key] for key in kept},
            "platform": row["platform"],
            "fan": row["fan_id"],
            "first_at": format_time(row["first_at"]),
            "bound_at": format_time(row["bound_at"]),
        }
        for row in rows.mappings()
    ]


def _member_page(connection: Connection, detail: fan_detail.Detail) -> list[dict[str, Any]]:
    """When codes for the person's own page were made, and ended; the codes themselves stand nowhere."""
    rows = connection.execute(select(member_code).where(_of(member_code, detail)).order_by(member_code.c.made_at))
    return [
        {
            "platform": row.platform,
            "fan": row.fan_id,
            "made_at": format_time(row.made_at),
            "revoked_at": format_time(row.revoked_at) if row.revoked_at else None,
        }
        for row in rows
    ]


def _of(table: Table, detail: fan_detail.Detail) -> ColumnElement[bool]:
    accounts = [(one.platform, one.fan_id) for one in detail.identities]
    return tuple_(table.c.platform, table.c.fan_id).in_(accounts)


def _events(connection: Connection, accounts: list[int]) -> list[dict[str, Any]]:
    found = ledger_rows().where(of_accounts(connection, accounts)).order_by(event.c.at, event.c.seq)
    result: list[dict[str, Any]] = []
    for row in connection.execute(found.execution_options(yield_per=1_000)):
        told = received_of(row)
        values = {key: value for key, value in _payload(row.payload).items() if value not in ("", None)}
        result.append(
            {
                "id": told.event.id,
                "type": told.event.type,
                "at": format_time(told.event.at_ms),
                "received_at": format_time(told.received_ms),
                "platform": told.event.platform,
                "fan": told.event.fan_id,
                "room": told.event.room,
                **values,
            }
        )
    return result


def _payload(payload: str) -> dict[str, Any]:
    return json.loads(payload) if payload else {}
