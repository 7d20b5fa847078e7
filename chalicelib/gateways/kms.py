"""AWS KMS: encrypts the few fields that a table dump must not reveal."""

import base64
from typing import Any


class KmsVault:
    """World's Vault. The key never leaves KMS. `about` is the encryption context."""

    def __init__(self, client: Any, key_id: str) -> None:
        self._client = client
        self._key_id = key_id

    def seal(self, plain: str, *, about: str) -> str:
        """The ciphertext in Base64. KMS accepts up to 4 KB."""
        answer = self._client.encrypt(
            KeyId=self._key_id, Plaintext=plain.encode(), EncryptionContext={"about": about}
        )
        return base64.b64encode(answer["CiphertextBlob"]).decode()

    def open(self, sealed: str, *, about: str) -> str:
        answer = self._client.decrypt(
            KeyId=self._key_id, CiphertextBlob=base64.b64decode(sealed), EncryptionContext={"about": about}
        )
        plain: bytes = answer["Plaintext"]
        return plain.decode()
