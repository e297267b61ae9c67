"""A real audience and shop behind the real control API, and a shop that signs what it sends."""

import base64
import hashlib
import hmac
import io
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from rehearsed_studio import RehearsedStudio
from remote_door import TOKENS, Answer
from standardwebhooks.webhooks import Webhook

from studio.app.member_desk import MemberDesk
from studio.audience import Audience, Members
from studio.bus import Bus
from studio.errors import NotFound
from studio.model.events import format_time
from studio.model.settings import AudienceSettings, HookSettings, OverlaySettings, RemoteSettings
from studio.remote.audit import AuditFile
from studio.remote.server import ControlServer
from studio.remote.tokens import TokenBook, TokenEntry, hash_token
from studio.shop import HookKeys, HookRefused, Shop, ShopChanged
from studio.store.database import Database

STANDARD_SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes ...").decode()
SHOPIFY_SECRET = "shpss_hush"
SECRETS = {"shop-key": STANDARD_SECRET, "shopify-key": SHOPIFY_SECRET}
HOOKS = (HookSettings("shop", "standard", "shop-key"), HookSettings("store", "shopify", "shopify-key"))


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


def find_secret(name: str) -> str:
    if name not in SECRETS:
        raise NotFound("secret.missing", name=name)
    return SECRETS[name]


class ShopStudio(RehearsedStudio):
    """Orders go to a real shop, members' pages to the real ones; the rest is rehearsed."""

    has_member_page = True

    def __init__(self, shop: Shop, members: Members) -> None:
        super().__init__()
        self.shop = shop
        self.members = MemberDesk(members, lambda: RemoteSettings(member_page=self.has_member_page))


class ShopRoom:
    def __init__(self, folder: Path, url: str = "") -> None:
        import asyncio

        self.folder = folder
        self.database = Database(url or f"sqlite:///{folder}/encore.db")
        self.bus = Bus(asyncio.get_running_loop())
        self.audience = Audience(self.database, self.bus, AudienceSettings(), OverlaySettings())
        self.shop = Shop(self.database, self.bus, self.audience.record, HookKeys(find_secret, SECRETS.__setitem__), wall_ms)
        self.shop.configure(HOOKS)
        self.members = Members(self.database, self.audience.fan, wall_ms, "Asia/Shanghai")
        self.studio = ShopStudio(self.shop, self.members)
        self.news: list[ShopChanged] = []
        self.refused: list[HookRefused] = []
        self.bus.subscribe(ShopChanged, self.news.append)
        self.bus.subscribe(HookRefused, self.refused.append)
        self.number = 0

    async def __aenter__(self):
        await self.database.open()
        await self.audience.open()
        await self.shop.start()
        self.audience.on_receive(self.shop.on_event)
        book = TokenBook([TokenEntry(hash_token(token), role, role) for role, token in TOKENS.items()], now_ms=wall_ms)
        self.server = ControlServer(self.studio, book, AuditFile(self.folder / "audit.jsonl"))
        await self.server.start()
        self.http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self

    async def __aexit__(self, *_):
        await self.http.close()
        await self.server.stop()
        await self.shop.stop()
        await self.audience.close()
        await self.database.close()

    async def post(self, name: str, body: bytes, headers: dict) -> Answer:
        url = f"{self.server.url}/v1/hooks/{name}"
        async with self.http.post(url, data=io.BytesIO(body), headers={"Content-Type": "application/json", **headers}) as response:
            return Answer(response.status, response.headers, await response.read())

    def signed(self, body: bytes, message_id: str = "", at_s: float | None = None) -> dict:
        self.number += 1
        message_id = message_id or f"msg_{self.number}"
        stamp = int(at_s if at_s is not None else time.time())
        signature = Webhook(STANDARD_SECRET).sign(message_id, datetime.fromtimestamp(stamp, UTC), body.decode())
        return {"webhook-id": message_id, "webhook-timestamp": str(stamp), "webhook-signature": signature}

    async def standard(self, kind: str, data: dict, message_id: str = "", at_ms: int | None = None) -> Answer:
        document = {"type": kind, "timestamp": format_time(at_ms or wall_ms()), "data": data}
        body = json.dumps(document, ensure_ascii=False).encode()
        return await self.post("shop", body, self.signed(body, message_id))

    async def paid(self, order: str = "1001", amount_minor: int = 199_00, **more) -> Answer:
        items = [{"sku": "s1", "name": "豆沙色口红", "category": "美妆", "qty": 1, "price_minor": amount_minor}]
        return await self.standard("order.paid", {"order": order, "amount_minor": amount_minor, "currency": "CNY", "items": items, **more})

    async def refunded(self, refund: str = "r1", order: str = "1001", amount_minor: int = 50_00) -> Answer:
        data = {"order": order, "refund": refund, "amount_minor": amount_minor, "currency": "CNY"}
        return await self.standard("order.refunded", data)

    async def shopify(self, topic: str, document: dict | bytes, secret: str = SHOPIFY_SECRET, **headers: str) -> Answer:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        signature = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
        self.number += 1
        given = {"X-Shopify-Topic": topic, "X-Shopify-Hmac-Sha256": signature, "X-Shopify-Webhook-Id": f"w{self.number}", **headers}
        return await self.post("store", body, given)

    async def say(self, text: str, fan: str = "u1", name: str = "小美") -> None:
        self.number += 1
        line = {"id": f"c{self.number}", "type": "chat", "at": format_time(wall_ms()), "platform": "douyin"}
        await self.audience.ingest(json.dumps({**line, "fan": {"id": fan, "name": name}, "text": text}).encode())
        await self.shop.settled()

    async def waiting(self) -> list[dict]:
        return (await self.shop.orders("waiting", 50, 0))["rows"]

    async def spent(self, fan: str = "u1") -> int:
        return (await self.audience.fan("douyin", fan))["spent_minor"]

    async def rows(self, table: str) -> list[dict]:
        query = f"SELECT * FROM {table} ORDER BY seq"
        return await self.database.read(lambda connection: [dict(row) for row in connection.exec_driver_sql(query).mappings()])
