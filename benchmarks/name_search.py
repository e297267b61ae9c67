"""Fans by a part of their name among a million: milliseconds, as a ratio to SQLite looking through all names, in one run."""

import argparse
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import sqlalchemy

from benchmarks.crowded_file import put
from benchmarks.results import at_least, at_most, publish
from studio.model.name_search import all_pairs
from studio.store import name_index

FANS = 1_000_000
SIGNS = "小美子鹿阿泽桃橘茉莉清茶晴天月星云雨风花雪糖果豆奶咖啡猫狗兔熊鱼鸟大中天心儿妈爸姐妹宝贝公主王子陈李张刘杨赵黄周吴徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武戴莫孔向汤"


def names(count: int) -> list[str]:
    """Names of two to six signs, the first signs of the list far more often than the last, as names are."""
    chance = random.Random(7)
    weights = [1 / (1 + at) for at in range(len(SIGNS))]
    drawn = chance.choices(SIGNS, weights, k=6 * count)
    return ["".join(drawn[6 * at : 6 * at + 2 + at % 5]) for at in range(count)]


def fill(path: Path) -> float:
    """Give every fan another name, and the index of it; pairs of a name."""
    known = names(FANS)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        connection.execute('DELETE FROM "name"')
        connection.execute("DELETE FROM name_pair")
        connection.executemany('INSERT INTO "name" VALUES (?, ?, 0)', enumerate(known, 1))
        connection.executemany(
            "UPDATE identity SET name = ? WHERE identity_id = ?", ((name, number) for number, name in enumerate(known, 1))
        )
        pairs = sorted((pair, number) for number, name in enumerate(known, 1) for pair in all_pairs([name]))
        connection.executemany("INSERT INTO name_pair VALUES (?, ?)", pairs)
        connection.execute("COMMIT")
    return len(pairs) / FANS


def main() -> int:
    """The whole of it; 0 when every bound is met."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "encore.db"
        put(path, FANS)
        pairs_a_name = fill(path)
        asked = ["小", "小美", "美子", "鹿阿泽", "汤孔", "孔", "小美子鹿", "没有"]
        engine = sqlalchemy.create_engine(f"sqlite:///{path}")
        times: list[float] = []
        scans: list[float] = []
        with engine.connect() as connection:
            for _ in range(5):
                for text in asked:
                    began = time.perf_counter()
                    name_index.find(connection, text, 25)
                    times.append((time.perf_counter() - began) * 1000)
                began = time.perf_counter()
                connection.exec_driver_sql("SELECT count(*) FROM \"name\" WHERE name LIKE '%小美%'").fetchone()
                scans.append((time.perf_counter() - began) * 1000)
        engine.dispose()
        worst, scan = max(times), statistics.median(scans)
        figures = [
            at_most("a search among 1 M fans, median", statistics.median(times), 50, "ms"),
            at_most("the slowest of 40 searches, the file not yet read", worst, 250, "ms"),
            at_least("looking through all names / the median search", scan / statistics.median(times), 5, "×"),
            at_most("pairs of signs of a name", pairs_a_name, 8, ""),
        ]
        return 0 if publish("name_search", figures) else 1


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    sys.exit(main())
