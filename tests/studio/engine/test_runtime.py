import json
import stat
import subprocess
import sys

import pytest

from studio.engine.runtime import EngineAddress, RuntimeFolder, read_address
from studio.errors import RuntimeInUse


def test_a_second_engine_on_the_same_folder_is_refused(tmp_path):
    first = RuntimeFolder(tmp_path)
    first.acquire()
    with pytest.raises(RuntimeInUse):
        RuntimeFolder(tmp_path).acquire()
    first.release()
    second = RuntimeFolder(tmp_path)
    second.acquire()
    second.release()


def test_the_address_is_for_this_user_alone_and_gone_after_the_end(tmp_path):
    runtime = RuntimeFolder(tmp_path)
    runtime.acquire()
    runtime.publish(EngineAddress(1, "http://127.0.0.1:1", "secret-token", "preview.bin"))
    assert stat.S_IMODE((tmp_path / "engine.json").stat().st_mode) == 0o600
    assert read_address(tmp_path).token == "secret-token"
    runtime.release()
    assert read_address(tmp_path) is None


def test_the_address_of_an_engine_that_died_is_not_believed(tmp_path):
    address = {"pid": 1, "url": "http://127.0.0.1:1", "token": "t", "preview": "", "version": "0"}
    (tmp_path / "engine.json").write_text(json.dumps(address))
    assert read_address(tmp_path) is None


def test_the_lock_ends_with_a_killed_process(tmp_path):
    code = "import sys,pathlib; from studio.engine.runtime import RuntimeFolder as R; r = R(pathlib.Path(sys.argv[1])); r.acquire(); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(RuntimeInUse):
            RuntimeFolder(tmp_path).acquire()
        child.kill()
    runtime = RuntimeFolder(tmp_path)
    runtime.acquire()
    runtime.release()


def test_the_token_is_in_no_repr():
    assert "secret" not in repr(EngineAddress(1, "http://127.0.0.1:1", "secret", "p"))


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RuntimeInUse) as caught:
        RuntimeFolder(tmp_path / "file" / "below").acquire()
    assert caught.value.code == "runtime.unusable"


def test_an_engine_that_died_on_air_is_remembered_until_the_show_ends(tmp_path):
    runtime = RuntimeFolder(tmp_path)
    assert runtime.was_on_air(tmp_path / "profile.toml") is None
    runtime.mark_on_air(tmp_path / "profile.toml", ["main", "本地录制"])
    assert runtime.was_on_air(tmp_path / "profile.toml") == ("main", "本地录制")
    assert runtime.was_on_air(tmp_path / "another.toml") is None
    runtime.clear_on_air()
    runtime.clear_on_air()
    assert runtime.was_on_air(tmp_path / "profile.toml") is None
