"""A slip in the address of a store: commands that work on a fan file lay no empty one there."""

import pytest

from studio import fans_cli, files_cli
from studio.errors import StoreUnavailable

ON_WHAT_IS_THERE = (
    "rebuild",
    "stats",
    "export",
    "merge douyin:u1 douyin:u2",
    "split douyin:u1",
    "undo 1",
    "history douyin:u1",
    "erase douyin:u1 --yes",
    "hold douyin:u1 --reason law",
    "release douyin:u1",
    "tidy",
    "tidy --compact",
    "rules",
    "rules --undo",
)


@pytest.mark.parametrize("is_empty", [False, True])
@pytest.mark.parametrize("words", ON_WHAT_IS_THERE)
def test_what_works_on_a_fan_file_lays_none(words, is_empty, tmp_path):
    if is_empty:
        (tmp_path / "encroe.db").touch()
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(StoreUnavailable) as error:
        fans_cli.run([*words.split(), "--store", f"sqlite:///{tmp_path}/encroe.db"])
    assert error.value.code == "store.missing"
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize("words", ["list", "picture a {png}"])
def test_goods_neither(words, tmp_path):
    png = tmp_path / "a.png"
    png.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00")
    with pytest.raises(StoreUnavailable) as error:
        files_cli.run_products([*words.format(png=png).split(), "--store", f"sqlite:///{tmp_path}/encroe.db"], lambda: bytes)
    assert error.value.code == "store.missing"
    assert not list(tmp_path.glob("encroe*"))


def test_what_brings_something_in_lays_one(tmp_path, capsys):
    (tmp_path / "products.csv").write_text("sku,name,price\na,Lipstick,99.00\n", encoding="utf-8")
    store = f"sqlite:///{tmp_path}/encore.db"
    assert files_cli.run_products(["import", str(tmp_path / "products.csv"), "--store", store], lambda: bytes) == 0
    assert files_cli.run_products(["list", "--store", store], lambda: bytes) == 0
    assert '"sku": "a"' in capsys.readouterr().out


def test_a_room_may_have_its_rules_before_its_first_fan(tmp_path, capsys):
    store = f"sqlite:///{tmp_path}/encore.db"
    assert fans_cli.run(["rules", "--preset", "second", "--apply", "--language", "en", "--store", store]) == 0
    assert fans_cli.run(["rules", "--toml", "--language", "en", "--store", store]) == 0
    assert "from_minor = 500000" in capsys.readouterr().out
