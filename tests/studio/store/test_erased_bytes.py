"""What was erased or tidied away stands nowhere in the bytes of the file, its log included."""

import random

from fan_file import DAY_MS, T0

from studio.model.events import FanEvent
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.model.settings import PrivacySettings
from studio.store import fan_archive, retention
from studio.store.database import Database
from studio.store.erase import erase
from studio.store.fan_store import FanStore
from studio.store.working import Received

GONE = 120
DAYS = ShowDays("Asia/Shanghai")


def crowd():
    """Fans in no order, so that SQLite moves rows about to make room; the first ones are those who will be erased.

    In this order one of them stays behind a row that was moved, until the file is written anew (SQLite 3.40).
    """
    chance = random.Random(7)
    fans = [(number, f"{chance.randrange(10**6)}{'wanted' if number < GONE else 'other'}{number}") for number in range(3_000)]
    chance.shuffle(fans)
    for number, fan_id in fans:
        is_wanted = number < GONE
        values = {"name": f"{'独特' if is_wanted else '粉丝'}{number}", "avatar": f"https://a.example/{fan_id}", "text": f"说{number}"}
        event = FanEvent(id=f"e{number}", type="chat", at_ms=T0 + number, platform="douyin", room="r1", fan_id=fan_id, **values)
        yield fan_id, is_wanted, Received(event, event.at_ms)


def found(folder, *words):
    """{file: {word: how often}} of the fan file and whatever lies beside it."""
    told = {path.name: {word: count for word in words if (count := path.read_bytes().count(word.encode()))} for path in folder.iterdir()}
    return {name: words for name, words in told.items() if words}


async def test_of_erased_fans_not_a_byte_is_left(tmp_path):
    store, everybody = FanStore(Rules(), DAYS, "CNY"), list(crowd())
    database = Database(f"sqlite:///{tmp_path}/encore.db")
    await database.open()
    for start in range(0, len(everybody), 100):
        batch = [received for _, _, received in everybody[start : start + 100]]
        await database.write(lambda connection, batch=batch: store.apply(connection, batch))
    assert found(tmp_path, "wanted", "独特") != {}
    for fan_id in [fan_id for fan_id, is_wanted, _ in everybody if is_wanted]:
        await database.write(lambda connection, fan_id=fan_id: erase(connection, store, ("douyin", fan_id)))
    await database.flush()
    await database.close()
    assert found(tmp_path, "wanted", "独特") == {}
    assert (await _stats(tmp_path))["fans"] == 3_000 - GONE, "and the others are all there"


async def _stats(folder):
    database = Database(f"sqlite:///{folder}/encore.db", is_read_only=True)
    await database.open()
    try:
        return await database.read(fan_archive.stats)
    finally:
        await database.close()


async def test_of_what_was_kept_long_enough_not_a_byte_is_left(tmp_path):
    store = FanStore(Rules(), DAYS, "CNY")
    said = [
        FanEvent(id=f"e{n}", type="chat", at_ms=T0 + n, platform="douyin", room="r1", fan_id="u1", name=f"旧名{n % 2}", text=f"秘密{n}")
        for n in range(400)
    ]
    last = FanEvent(id="last", type="enter", at_ms=T0 + 500, platform="douyin", room="r1", fan_id="u1", name="新名")
    database = Database(f"sqlite:///{tmp_path}/encore.db")
    await database.open()
    await database.write(lambda connection: store.apply(connection, [Received(one, one.at_ms) for one in (*said, last)]))
    done = await retention.run(database, store, PrivacySettings(chat_days=1, former_name_days=1), T0 + 9 * DAY_MS)
    assert (done.texts, done.names) == (400, 2)
    await database.close()
    assert found(tmp_path, "秘密", "旧名") == {}
    assert found(tmp_path, "新名") != {}
