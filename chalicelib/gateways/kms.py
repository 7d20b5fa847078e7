"""AWS KMS: encrypts the few fields that a table dump must not reveal."""

import base64
from typing import Any

from chalicelib.gateways.aws_answers import not_empty, usable_answer

OUR_MISTAKES = frozenset({"InvalidCiphertextException", "IncorrectKeyException", "ValidationException"})
"""Codes of requests that fail even when KMS and the key work."""


class KmsVault:
    """World's Vault. The key never leaves KMS. `about` is the encryption context."""

    def __init__(self, client: Any, key_id: str) -> None:
        self._client = client
        self._key_id = key_id

    def seal(self, plain: str, *, about: str) -> str:
        """The ciphertext in Base64. KMS accepts up to 4 KB. Raises Unavailable, and ClientError for OUR_MISTAKES."""
        with usable_answer("kms", our_mistakes=OUR_MISTAKES):
            answer = self._client.encrypt(
                KeyId=self._key_id, Plaintext=plain.encode(), EncryptionContext={"about": about}
            )
            ciphertext = not_empty(answer["CiphertextBlob"], bytes)
        return base64.b64encode(ciphertext).decode()

    def open(self, sealed: str, *, about: str) -> str:
        """Raises like `seal`."""
        ciphertext = base64.b64decode(sealed)
        with usable_answer("kms", our_mistakes=OUR_MISTAKES):
            answer = self._client.decrypt(
                KeyId=self._key_id, CiphertextBlob=ciphertext, EncryptionContext={"about": about}
            )
            return not_empty(answer["Plaintext"], bytes).decode()
