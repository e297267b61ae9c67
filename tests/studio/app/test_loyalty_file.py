"""A rules file beside the profile whose faults are told to the windows, in the language that each speaks."""

from studio.app import loyalty_file
from studio.app.notices import Notices


async def test_the_first_fault_is_told_in_each_language_with_file_and_line(tmp_path):
    path = tmp_path / "loyalty.toml"
    path.write_text("[points]\ncheckin = -1\nshare = 1.5\n", encoding="utf-8")
    told = []
    await loyalty_file.take(path, None, Notices(lambda kind, notice: told.append((kind, notice))))
    [(kind, notice)] = told
    assert (kind, notice["code"], notice["level"]) == ("notice", "rules.file_broken", "bad")
    assert "loyalty.toml 第 2 行：points.checkin = -1：0 到 1000000 的整数" in notice["text"]["zh_CN"]
    assert "loyalty.toml, line 2: points.checkin = -1: a whole number from 0 to 1000000" in notice["text"]["en"]
    assert notice["params"]["count"] == 2
    assert notice["params"]["first"] in notice["text"]["en"]
