import stat
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.app import profile
from studio.errors import InvalidInput
from studio.model.profile_tables import parse, to_json
from studio.model.settings import Settings


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_any_text_survives_writing_and_reading(text):
    written = profile.to_toml({"look": {"lut": text}})
    assert tomllib.loads(written) == {"look": {"lut": text}}


def test_a_profile_comes_back_as_it_was_and_is_for_this_user_alone(tmp_path):
    settings = parse(
        {
            "output": [{"name": "a", "server": "rtmp://h/live", "key": 'k"\\'}],
            "remote": {"limits": {"drops_an_hour": 3}},
            "look": {"smooth": 0.5},
        }
    )
    path = tmp_path / "new" / "profile.toml"
    profile.write(path, settings)
    assert profile.read(path) == settings
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"[video", "profile.not_toml"), (b"[video]\nsource = '\xff'", "profile.not_utf8"), (b"#" * (1 << 21), "profile.too_large")],
)
def test_a_broken_profile_is_refused_in_words_and_kept(tmp_path, content, code):
    path = tmp_path / "p.toml"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        profile.read(path)
    assert caught.value.code == code
    aside = profile.set_aside(path)
    assert aside.read_bytes() == content
    assert not path.exists()


def test_a_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "p.toml"
    path.write_bytes(b"\xef\xbb\xbf[video]\nfps = 25\n")
    assert profile.read(path).video.fps == 25


def test_a_profile_that_is_a_folder_is_told_in_our_words(tmp_path):
    with pytest.raises(InvalidInput) as caught:
        profile.read(tmp_path)
    assert (caught.value.code, caught.value.params["reason_code"]) == ("profile.unreadable", "os.is_folder")


def test_a_missing_profile_is_named(tmp_path):
    with pytest.raises(InvalidInput) as caught:
        profile.read(tmp_path / "none.toml")
    assert "none.toml" in str(caught.value)


def test_the_defaults_can_be_written():
    assert parse(tomllib.loads(profile.to_toml(to_json(Settings())))) == Settings()
