"""The index of names, made at once: the same pairs as the one that is kept name by name, whatever signs the names are of."""

from fan_file import FanFile, on_both
from hypothesis import strategies as st

from studio.model.name_search import MAX_SIGNS, all_pairs
from studio.store import bulk, name_fill
from studio.store.tables import name, name_pair

NAMES = [
    "小美", "阿柚", "xiaomei88", "小小小小", "a", "龥", "一", "", "Vivian 陈", "ＡＢＣ１２３", "爱笑的小美妈🍊", "美" * MAX_SIGNS, "美" * (MAX_SIGNS + 1),
    "㍿", "ﬁ", "İstanbul", "'; DROP TABLE name_pair; --", "100%_x", "[a-z]", "*?", "\\", '"', "名\n字", "\u200b", "ǅ", "龦", "豈",
]  # fmt: skip
SIGNS = st.sampled_from("小美子a9zA 龥龦Ａ🍊é\u0301") | st.characters(exclude_characters="\0", exclude_categories=["Cs"])


def filled(file: FanFile, names: list[str]) -> set[tuple[int, int]]:
    """Two accounts share the names, so that some pairs of an account are told twice."""
    rows = {(1 + number % 2, known): 0 for number, known in enumerate(names)}
    bulk.insert(file.connection, name, [(*key, at_ms) for key, at_ms in rows.items()])
    name_fill.fill(file.connection)
    if file.connection.dialect.name == "sqlite":
        file.connection.commit()  # undone with the file in memory, its temporary tables would come back
    return {tuple(row) for row in file.connection.execute(name_pair.select())}


def expected(names: list[str]) -> set[tuple[int, int]]:
    return {(pair, 1 + number % 2) for number, known in enumerate(names) for pair in all_pairs([known])}


def test_names_of_all_kinds_have_the_pairs_that_search_looks_for(file):
    assert filled(file, NAMES) == expected(NAMES)


@on_both(60, st.lists(st.text(SIGNS, max_size=8), max_size=8))
def test_any_names_have_them(names):
    file = FanFile()
    assert filled(file, names) == expected(names)
    file.close()


def test_a_nul_in_a_name_of_sqlite_hides_nothing():
    file = FanFile()
    assert filled(file, ["小\0美", "\0", "a\0"]) == expected(["小\0美", "\0", "a\0"])
    file.close()


def test_a_long_one_says_how_far_it_is(monkeypatch):
    monkeypatch.setattr(name_fill, "_TELL_S", -1.0)
    monkeypatch.setattr(name_fill, "_STEPS", 1_000)
    file = FanFile()
    bulk.insert(file.connection, name, [(number, f"小美{number}", 0) for number in range(2_000)])
    bulk.insert(file.connection, name, [(number, f"Vivian {number}", 0) for number in range(2_000, 2_100)])
    told: list[str] = []
    name_fill.fill(file.connection, told.append)
    shares = [int(line.rpartition(" ")[2].rstrip("%")) for line in told if line.endswith("%")]
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] <= 99
    assert any("taken apart" in line for line in told)
    file.connection.commit()
    file.close()
