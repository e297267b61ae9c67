"""`fans rules` as a child process: what holds, who would move, changed and taken back; a bad file is refused by line and key."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MAIN = Path(__file__).resolve().parents[2] / "main.py"
RULES = """
[[tier]]
name = "路人"
from_minor = 0
[[tier]]
name = "会员"
from_minor = 20000
percent = 92
"""


@pytest.fixture
def fans(tmp_path):
    env = {**os.environ, "LANG": "en_US.UTF-8", "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    for name in ("LC_ALL", "LC_MESSAGES"):
        env.pop(name, None)

    def run(*words, expect=0, **more):
        done = subprocess.run(
            [sys.executable, str(MAIN), "fans", *words],
            check=False, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", timeout=120, env={**env, **more},
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        assert done.returncode == expect, (done.stdout, done.stderr)
        return done.stdout if not expect else done.stderr

    lines = [
        {"id": f"e{n}", "type": "order", "at": "2026-11-20T12:00:00Z", "platform": "douyin", "room": "r1",
         "fan": {"id": f"u{n}", "name": name}, "order": f"o{n}", "amount_minor": amount, "currency": "CNY"}
        for n, (name, amount) in enumerate([("小美\x1b[31m", 300_00), ("阿柚", 700_00), ("老王", 1)])
    ]  # fmt: skip
    (tmp_path / "events.jsonl").write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    (tmp_path / "loyalty.toml").write_text(RULES, encoding="utf-8")
    run("import", "events.jsonl")
    return run


def test_rules_are_shown_tried_out_applied_and_taken_back(fans):
    shown = fans("rules")
    assert "Loyalty rules (the defaults, never changed)" in shown
    assert "\n  Middle: from ¥500 spent, pays 90 %\n" in shown
    assert "move" not in shown
    tried = fans("rules", "loyalty.toml")
    assert "Who would move: 0 up, 2 down" in tried
    assert "  Junior → 路人: 1 (老王)" in tried
    assert "  Middle → 会员: 1 (阿柚)" in tried
    assert "\x1b" not in tried
    assert tried.endswith("Not applied. Add --apply to change the rules.\n")
    assert json.loads(fans("stats"))["tiers"] == {"2": 2, "3": 1}
    assert fans("rules", "loyalty.toml", "--apply").endswith("Applied (change 1).\n")
    assert json.loads(fans("stats"))["tiers"] == {"1": 1, "2": 2}
    assert "Loyalty rules (change 1, " in fans("rules")
    assert fans("rules", "--undo").endswith("Applied (change 2).\n")
    assert json.loads(fans("stats"))["tiers"] == {"2": 2, "3": 1}
    before = fans("export", "--all")
    fans("rebuild")
    assert fans("export", "--all") == before


def test_a_preset_changes_the_tiers_alone_and_the_lines_speak_chinese(fans):
    fans("rules", "loyalty.toml", "--apply")
    tried = fans("rules", "--preset", "second", LANG="zh_CN.UTF-8")
    assert "  高级：累计满 ¥5,000，8.5 折" in tried
    assert "会员 → 新朋友：1 人（" in tried
    answer = json.loads(fans("rules", "--preset", "second", "--json"))
    assert (answer["up"], answer["down"], answer["is_applied"]) == (0, 1, False)
    assert {"key", "code", "params", "text"} <= answer["lines"][0].keys()


def test_rules_written_out_are_a_file_that_is_read_again(fans, tmp_path):
    fans("rules", "loyalty.toml", "--apply")
    (tmp_path / "mine.toml").write_text(fans("rules", "--toml"), encoding="utf-8")
    assert not json.loads(fans("rules", "mine.toml", "--json"))["is_new"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RULES.replace("20000", "0"), "bad.toml, line 7: tier[1].from_minor = 0: above 0, where the tier before it begins"),
        (RULES * 3, "bad.toml, line 2: tier = 6: 1 to 4 tiers: more can't be told apart at a glance"),
        ("[[tier]\n", "bad.toml is not TOML: "),
        ("\xff\xfe", "bad.toml can't be read: "),
        (None, "There is no rules file bad.toml."),
    ],
)
def test_a_bad_file_is_refused_with_line_and_key_and_changes_nothing(fans, tmp_path, text, said):
    if text is not None:
        (tmp_path / "bad.toml").write_bytes(text.encode("latin-1" if text.startswith("\xff") else "utf-8"))
    assert said in fans("rules", "bad.toml", "--apply", expect=2)
    assert "never changed" in fans("rules")


def test_without_a_change_there_is_nothing_to_take_back(fans):
    assert "never changed" in fans("rules", "--undo", expect=1)
    fans("rules", "--undo", "--apply", expect=2)


def test_faults_and_the_names_of_tiers_are_said_in_the_language_that_is_asked_for(fans, tmp_path):
    (tmp_path / "bad.toml").write_text(RULES.replace("20000", "0"), encoding="utf-8")
    said = fans("rules", "bad.toml", "--language", "zh_CN", expect=2)
    assert "bad.toml 第 7 行：tier[1].from_minor = 0：要大于 0，也就是上一档的起点" in said
    assert "Middle: " in fans("rules", "--language", "en")
    assert "中级" in fans("rules", "--language", "zh_CN")
