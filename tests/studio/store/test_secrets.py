import keyring
import pytest
from keyring.backend import KeyringBackend

from studio.errors import InvalidInput, KnownError, NotFound
from studio.store.secrets import Secrets


class MemoryKeyring(KeyringBackend):
    priority = 1

    def __init__(self):
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError


@pytest.fixture(params=["file", "keyring"])
def secrets(request, tmp_path):
    before = keyring.get_keyring()
    if request.param == "keyring":
        keyring.set_keyring(MemoryKeyring())
    yield Secrets(tmp_path)
    keyring.set_keyring(before)


def test_a_secret_is_kept_and_forgotten(secrets):
    secrets.put("stream", "  abc?x=1\n")
    assert secrets.get("stream") == "abc?x=1"
    secrets.forget("stream")
    secrets.forget("stream")
    with pytest.raises(NotFound):
        secrets.get("stream")


@pytest.mark.parametrize("value", ["", "  ", "a b", "a\nb", "a\x00b"])
def test_a_secret_with_blanks_inside_is_refused(secrets, value):
    with pytest.raises(InvalidInput):
        secrets.put("stream", value)


def test_a_secret_shows_nowhere(secrets):
    secrets.put("stream", "hush-hush")
    assert "hush" not in repr(secrets)
    with pytest.raises(InvalidInput) as error:
        secrets.put("stream", "hush hush")
    assert "hush" not in str(error.value)


def test_without_a_keyring_it_is_a_file_of_mode_600_and_says_so(tmp_path):
    secrets = Secrets(tmp_path / "new")
    assert secrets.is_in_file
    secrets.put("stream", "abc")
    path = tmp_path / "new" / "secrets.json"
    assert secrets.place == str(path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(KnownError) as error:
        secrets.get("stream")
    assert error.value.code == "secret.mode"


def test_a_broken_file_is_an_error_in_words_and_stays(tmp_path):
    path = tmp_path / "secrets.json"
    path.write_text("{", encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(KnownError):
        Secrets(tmp_path).put("a", "b")
    assert path.read_text(encoding="utf-8") == "{"
