"""What only this machine can tell wrong about a profile: every fault at once, by its key, before anything goes out."""

import pytest

from studio.app import preflight
from studio.errors import StoreUnavailable
from studio.model.profile_tables import parse
from studio.model.rules import InvalidSettings
from studio.store import sqlite_file


def faults_of(tables, report=None) -> dict[str, str]:
    with pytest.raises(InvalidSettings) as caught:
        preflight.check(parse(tables), report)
    return {fault.key: str(fault) for fault in caught.value.faults}


def test_files_that_are_not_there_are_named_all_at_once(tmp_path):
    (tmp_path / "folder").mkdir()
    faults = faults_of(
        {
            "video": {"source": f"file:{tmp_path}/clip.mp4"},
            "audio": {"source": f"file:{tmp_path}/folder"},
            "look": {"lut": f"{tmp_path}/film.cube", "background": f"image:{tmp_path}/wall.png"},
            "audience": {"events": f"file:{tmp_path}/events.jsonl"},
            "input": [{"name": "music", "source": f"music:{tmp_path}/none", "kind": "music"}],
            "effect": [{"name": "bell", "path": f"{tmp_path}/bell.wav"}],
        }
    )
    assert set(faults) == {
        *("video.source", "audio.source", "look.lut", "look.background", "audience.events", "input[0].source", "effect[0].path"),
    }
    assert faults["video.source"] == f"video.source = 'file:{tmp_path}/clip.mp4': there is no such file"


def test_a_store_of_another_copy_is_told_before_anything_goes_out(tmp_path):
    url, path = f"sqlite:///{tmp_path}/encore.db", tmp_path / "encore.db"
    preflight.check_store(url)
    assert not path.exists(), "it looks only"
    lock = sqlite_file.FileLock(path)
    lock.take()
    with pytest.raises(StoreUnavailable) as caught:
        preflight.check_store(url)
    assert caught.value.code == "store.in_use"
    lock.release()
    preflight.check_store(url)
    path.write_bytes(b"a letter" * 1000)
    for wrong in (url, f"sqlite:///{tmp_path}/nowhere/encore.db"):
        with pytest.raises(StoreUnavailable):
            preflight.check_store(wrong)
    preflight.check_store("postgresql://h/fans")


def test_what_is_there_and_what_is_no_file_passes(tmp_path):
    (tmp_path / "clip.mp4").touch()
    preflight.check(
        parse(
            {
                "video": {"source": f"file:{tmp_path}/clip.mp4"},
                "audio": {"source": "device:default"},
                "shot": {"second": "camera:7"},
                "input": [{"name": "music", "source": f"music:{tmp_path}", "kind": "music"}],
                "output": [{"name": "a", "server": "rtmp://h/live", "key_secret": "mine"}, {"name": "b", "path": "show.mp4"}],
            }
        ),
        tmp_path / "report.json",
    )


def test_tokens_store_key_and_report_are_looked_at_too(tmp_path):
    tokens = tmp_path / "tokens.toml"
    tokens.write_text("")
    tokens.chmod(0o644)
    faults = faults_of(
        {
            "remote": {"tokens": str(tokens)},
            "audience": {"store": "mysql://me:secret@h/fans"},
            "output": [{"name": "main", "server": "rtmp://h/live"}, {"name": "off", "server": "rtmp://h/live", "enabled": False}],
        },
        tmp_path / "none" / "report.json",
    )
    assert set(faults) == {"remote.tokens", "audience.store", "output[0].key", "--report"}
    assert "secret@" not in faults["audience.store"]
    assert "644" in faults["remote.tokens"]
    assert set(faults_of({}, tmp_path)) == {"--report"}
