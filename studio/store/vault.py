"""Contact fields under a key: sealed with AES-256-GCM, found again by a keyed hash, so that a copy of the file alone tells nothing.

The key lies in the system's keyring (or the 0600 file that stands in for it), never beside the fan file.
"""

import base64
import binascii
import hashlib
import hmac
import secrets as random
from typing import Final

from studio.errors import InvalidInput, KnownError, NotFound
from studio.model.contacts import ContactKind, normal_form
from studio.store.secrets import Secrets

KEY_NAME: Final = "fan-contacts"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
"""96 random bits, as GCM wants them: at 2^32 values under one key a repeat is still less likely than 1 in 2^32."""
_ID_BYTES: Final = 4


class Vault:
    """Seals and opens values; `repr` and errors show neither key nor value."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise InvalidInput("contacts.key")
        self._sealing = _derived(key, b"seal")
        self._finding = _derived(key, b"find")
        self.key_id = _derived(key, b"name")[:_ID_BYTES]

    def seal(self, account: int, kind: ContactKind, value: str) -> bytes:
        """Key id, nonce and ciphertext; bound to its account and kind, so that a row can't be moved to somebody else."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = random.token_bytes(_NONCE_BYTES)
        return self.key_id + nonce + AESGCM(self._sealing).encrypt(nonce, value.encode(), _bound(account, kind))

    def open(self, account: int, kind: ContactKind, sealed: bytes) -> str:
        """Raises KnownError for a value that was sealed under another key, or was changed."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce, text = sealed[_ID_BYTES : _ID_BYTES + _NONCE_BYTES], sealed[_ID_BYTES + _NONCE_BYTES :]
        if not self.is_ours(sealed):
            raise KnownError("contacts.other_key")
        try:
            return AESGCM(self._sealing).decrypt(nonce, text, _bound(account, kind)).decode()
        except (InvalidTag, ValueError) as error:
            raise KnownError("contacts.broken") from error

    def is_ours(self, sealed: bytes) -> bool:
        """Whether a value was sealed under this key."""
        return sealed[:_ID_BYTES] == self.key_id

    def lookup(self, kind: ContactKind, value: str) -> str:
        """HMAC-SHA256 of the normal form, in hex: equal for equal values and of no use without the key. Raises InvalidInput."""
        return hmac.new(self._finding, f"{kind}|{normal_form(kind, value)}".encode(), hashlib.sha256).hexdigest()

    def __repr__(self) -> str:
        return f"Vault({self.key_id.hex()})"


def open_vault(secrets: Secrets) -> Vault:
    """The vault of this computer's key, which is made on first use. May block. Raises KnownError when the keyring can't be read."""
    try:
        return Vault(_decoded(secrets.get(KEY_NAME)))
    except NotFound:
        key = random.token_bytes(_KEY_BYTES)
        secrets.put(KEY_NAME, _encoded(key))
        return Vault(key)


def exported_key(secrets: Secrets) -> str:
    """The key as text, to be taken to another computer of the same store. Raises NotFound where there is none yet."""
    return secrets.get(KEY_NAME)


def take_key(secrets: Secrets, text: str) -> Vault:
    """Use the key of another computer from now on. Raises InvalidInput for what is none."""
    vault = Vault(_decoded(text))
    secrets.put(KEY_NAME, text.strip())
    return vault


def _encoded(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("contacts.key") from error


def _derived(key: bytes, purpose: bytes) -> bytes:
    """HKDF-Expand (RFC 5869) of one block: one key for each purpose."""
    return hmac.new(key, b"encore-fan-contacts|" + purpose + b"\x01", hashlib.sha256).digest()


def _bound(account: int, kind: ContactKind) -> bytes:
    return f"{account}|{kind}".encode()
