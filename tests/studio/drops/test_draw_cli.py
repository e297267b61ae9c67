"""`python main.py draw verify` from outside: answers, exit codes, never a traceback."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from studio.words import LOCALES, catalogue

ROOT = Path(__file__).parents[3]
PROOF = json.loads((ROOT / "docs" / "draw_vectors.json").read_text(encoding="utf-8"))["vectors"][0]["proof"]


def run(*arguments, program=("main.py", "draw", "verify"), locale="C.UTF-8"):
    environment = {**os.environ, "LC_ALL": locale, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, *program, *arguments], cwd=ROOT, env=environment, capture_output=True, timeout=120, encoding="utf-8", check=False
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def proof(tmp_path):
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(PROOF, ensure_ascii=False), encoding="utf-8")
    return path


def test_valid_consistent_invalid(proof):
    code, out, _ = run(str(proof), "--opening", PROOF["opening"], "--closing", PROOF["closing"])
    assert (code, out.splitlines()[0]) == (0, "valid")
    assert "主办方持有随机数，第三方无法证明" in out
    code, out, _ = run(str(proof))
    assert (code, out.splitlines()[0]) == (0, "consistent")
    assert "主办方持有随机数，第三方无法证明" in out
    code, out, _ = run(str(proof), "--opening", PROOF["opening"], "--closing", "0" * 64)
    assert (code, out.splitlines()[0]) == (1, "invalid")
    assert PROOF["closing"] in out


def test_the_answer_is_in_the_terminals_language(proof):
    proof.write_text(json.dumps({**PROOF, "seed": "0" * 64}), encoding="utf-8")
    assert "种子与承诺不符" in run(str(proof), locale="zh_CN.UTF-8")[1]
    assert "committed to" in run(str(proof))[1]


def test_wrong_arguments_and_files_are_2_in_one_line(proof, tmp_path):
    for arguments in ((str(tmp_path / "none.json"),), (str(tmp_path),), (str(proof), "--opening", "xyz")):
        code, out, err = run(*arguments)
        assert (code, out, len(err.strip().splitlines())) == (2, "", 1)
    assert run()[0] == 2
    assert run(program=("main.py", "draw"))[0] == 2
    assert run(str(proof), program=("main.py", "draw", "guess"))[0] == 2


def test_rubbish_is_invalid(proof):
    proof.write_bytes(b"\x80\x04\x95pickle")
    code, out, _ = run(str(proof))
    assert (code, out.splitlines()[0]) == (1, "invalid")


def test_the_strangers_program_answers_the_same(proof):
    program = (str(ROOT / "docs" / "verify_draw.py"),)
    code, out, _ = run(str(proof), PROOF["opening"], PROOF["closing"], program=program)
    assert (code, out.split()[0]) == (0, "valid")
    assert "主办方持有随机数，第三方无法证明" in out
    assert run(str(proof), "0" * 64, program=program)[0] == 1


def test_the_strangers_program_is_a_page_that_needs_nothing():
    source = (ROOT / "docs" / "verify_draw.py").read_text(encoding="utf-8")
    assert len(source.splitlines()) < 150
    modules = set(re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE))
    assert modules <= set(sys.stdlib_module_names)


def test_everything_that_drops_say_has_words_in_both_languages():
    codes = set()
    for path in (
        *(ROOT / "studio" / "drops").glob("*.py"),
        *(ROOT / "studio").glob("store/*_store.py"),
        ROOT / "studio" / "model" / "drops.py",
        ROOT / "studio" / "draw_cli.py",
    ):
        codes |= set(re.findall(r'"((?:drops|draw)\.[a-z_]+)"', path.read_text(encoding="utf-8")))
    codes |= {f"drops.claim_{reason}" for reason in ("already", "not_entitled", "sold_out", "closed", "id_taken")}
    codes |= {f"drops.entry_{reason}" for reason in ("already", "not_entitled", "closed", "full")}
    codes |= {"draw.valid", "draw.consistent"}
    for locale in LOCALES:
        assert not codes - set(catalogue("errors", locale))
