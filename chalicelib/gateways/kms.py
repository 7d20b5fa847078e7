"""AWS KMS: encrypts the few fields that a table dump must not reveal."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.world import Unavailable

OUR_MISTAKES = frozenset({"InvalidCiphertextException", "IncorrectKeyException", "ValidationException"})
"""Codes of requests that fail even when KMS and the key work."""


class KmsVault:
    """World's Vault. The key never leaves KMS. `about` is the encryption context."""

    def __init__(self, client: Any, key_id: str) -> None:
        self._client = client
        self._key_id = key_id

    def seal(self, plain: str, *, about: str) -> str:
        """The ciphertext in Base64. KMS accepts up to 4 KB."""
        with _available():
            answer = self._client.encrypt(
                KeyId=self._key_id, Plaintext=plain.encode(), EncryptionContext={"about": about}
            )
        return base64.b64encode(answer["CiphertextBlob"]).decode()

    def open(self, sealed: str, *, about: str) -> str:
        with _available():
            answer = self._client.decrypt(
                KeyId=self._key_id, CiphertextBlob=base64.b64decode(sealed), EncryptionContext={"about": about}
            )
        plain: bytes = answer["Plaintext"]
        return plain.decode()


@contextmanager
def _available() -> Iterator[None]:
    """Turns an unreachable KMS, and a key that can't be used at the moment, into Unavailable."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in OUR_MISTAKES:
            raise
        raise Unavailable("kms") from error
    except BotoCoreError as error:
        raise Unavailable("kms") from error
