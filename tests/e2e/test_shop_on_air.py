"""A shop's webhooks at an engine on air: a secret that was kept by the command, an order that finds its buyer, and a flood."""

import asyncio
import json
import subprocess
import sys
import time
from datetime import UTC, datetime

import aiohttp
import pytest
from standardwebhooks.webhooks import Webhook

from tests.e2e.show import ROOT, engine, environment

SECRET = "whsec_" + "c2VjcmV0IG9mIDI0IGJ5dGVzIC4u"


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    words = [sys.executable, str(ROOT / "main.py"), "secret", "put", "shop-key"]
    kept = subprocess.run(
        words, cwd=folder, env=environment(folder), input=SECRET + "\n", capture_output=True, text=True, check=True, timeout=60
    )
    assert SECRET not in kept.stdout + kept.stderr
    tables = {
        "video": {"width": 640, "height": 360, "fps": 25},
        "encoder": {"bitrate_kbps": 800, "preset": "ultrafast"},
        "output": [{"name": "archive", "path": "show.mp4"}],
        "remote": {"member_page": True, "public_url": "https://fans.example.com"},
        "hook": [{"name": "shop", "kind": "standard", "secret": "shop-key"}],
    }
    with engine(folder, tables) as running:
        running.wait_for("/v1/board", lambda board: "rows" in board)
        assert running.call("POST", "/v1/live/start")[0] == 200
        running.wait_for("/v1/health", lambda report: report["video"]["encoded"] > 0)
        yield running


def message(order: str, secret: str = SECRET) -> tuple[bytes, dict]:
    now = datetime.now(UTC)
    data = {"order": order, "amount_minor": 100_00, "currency": "CNY"}
    body = json.dumps({"type": "order.paid", "timestamp": now.isoformat(), "data": data}).encode()
    headers = {"webhook-id": f"m-{order}", "webhook-timestamp": str(int(now.timestamp()))}
    return body, {**headers, "webhook-signature": Webhook(secret).sign(f"m-{order}", now.replace(microsecond=0), body.decode())}


async def post(studio, http, order: str, **more):
    body, headers = message(order, **more)
    async with http.post(f"{studio.address['url']}/v1/hooks/shop", data=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None), answer.headers


async def test_an_order_is_taken_queued_and_a_forged_one_refused(studio):
    async with aiohttp.ClientSession() as http:
        status, answer, _ = await post(studio, http, "1001")
        assert (status, answer["state"]) == (200, "waiting")
        assert (await post(studio, http, "1002", secret="whsec_" + "Zm9yZ2VkIHNlY3JldCBvZiAyNC4u"))[0] == 401
        async with http.get(f"{studio.address['url']}/m/" + "a" * 26) as page:
            assert page.status == 404
    queue = studio.call("GET", "/v1/shop/orders")[1]
    assert [(row["order"], row["code"]) for row in queue["rows"]] == [("1001", answer["code"])]


async def test_ten_thousand_webhooks_cost_the_picture_nothing(studio):
    before = studio.call("GET", "/v1/health")[1]
    counts: dict[int, int] = {}
    known, run = studio.call("GET", "/v1/shop/orders")[1]["total"], time.time_ns()
    made = [message(f"{run}-{number}") for number in range(10_000)]
    url, start_s = f"{studio.address['url']}/v1/hooks/shop", time.monotonic()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200)) as http:

        async def sender(share):
            for body, headers in share:
                async with http.post(url, data=body, headers=headers) as answer:
                    counts[answer.status] = counts.get(answer.status, 0) + 1
                    if answer.status == 429:
                        assert int(answer.headers["Retry-After"]) >= 1

        await asyncio.gather(*(sender(made[part::200]) for part in range(200)))
    took_s = time.monotonic() - start_s
    after = studio.call("GET", "/v1/health")[1]
    video = {key: after["video"][key] - before["video"][key] for key in ("encoded", "skipped")}
    print(f"{counts} in {took_s:.1f} s, {video}")
    assert set(counts) == {200, 429}
    assert counts[429] > counts[200]
    assert studio.call("GET", "/v1/shop/orders")[1]["total"] == counts[200] + known
    assert video["encoded"] > 10
    assert video["skipped"] <= video["encoded"] / 50 + 1
