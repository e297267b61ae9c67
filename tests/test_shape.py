"""The code's shape: files, functions and classes stay readable in one go. What exceeds it stands here by name."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("studio/", "capture/", "overlays/", "encoder/", "ui/", "main.py")
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_CLASS = 300, 40, 170
ALLOWED = {
    "studio/app/studio.py": "one short method for each call of the control API",
    "studio/app/studio.py: Studio": "likewise",
    "studio/audience/service.py: Audience": "one short method for each thing that can be asked of an audience",
    "studio/remote/client.py: StudioClient": "one short method for each call of the control API",
    "studio/store/database.py: Database": "opening, refusing, writing and closing share the same few fields",
}


def too_long(kind):
    """{place: lines} of what is longer than it should be."""
    found = {}
    names = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for name in names:
        if not name.startswith(PACKAGES):
            continue
        text = (ROOT / name).read_text(encoding="utf-8")
        if kind == "file" and text.count("\n") > LONGEST_FILE:
            found[name] = text.count("\n")
        for node in ast.walk(ast.parse(text)) if kind != "file" else ():
            wanted = (ast.ClassDef,) if kind == "class" else (ast.FunctionDef, ast.AsyncFunctionDef)
            limit = LONGEST_CLASS if kind == "class" else LONGEST_FUNCTION
            if isinstance(node, wanted) and node.end_lineno - node.lineno + 1 > limit:
                found[f"{name}: {node.name}"] = node.end_lineno - node.lineno + 1
    return found


@pytest.mark.parametrize("kind", ["file", "function", "class"])
def test_nothing_is_longer_than_can_be_read_in_one_go(kind):
    assert {place: lines for place, lines in too_long(kind).items() if place not in ALLOWED} == {}


def test_what_is_allowed_is_still_needed():
    longest = too_long("file") | too_long("function") | too_long("class")
    assert sorted(place for place in ALLOWED if place not in longest) == []


def test_errors_are_caught_whole_in_two_places_only():
    """The stage runner and the delivery of one subscriber; the store hands its jobs' errors to whoever asked."""
    names = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    places = {
        name
        for name in names
        if name.startswith(PACKAGES) and ("except Exception" in (text := (ROOT / name).read_text(encoding="utf-8")) or "except:" in text)
    }
    assert places == {"studio/bus.py", "studio/engine/stage.py"}
